package producer

import "bytes"

// scanPutRecords reads a plainly formed answer without allocating: members in
// any order, strings without escapes, whole numbers. It reports false for
// everything else, well formed or not, and a full decoder has the word. It
// exists because an answer to 500 records is 65 KB, and decoding it by
// reflection would cost more than making the request.
func scanPutRecords(answer []byte, outcomes []Outcome) (n, failed int, ok bool) {
	s := scanner{b: answer}
	failed = noCount
	records := false
	ok = s.object(func(name []byte) bool {
		switch string(name) {
		case "FailedRecordCount":
			if failed != noCount { // twice
				return false
			}
			failed, ok = s.number()
			return ok
		case "Records":
			if records { // twice: let the decoder say what that means
				return false
			}
			records = true
			n, ok = s.entries(outcomes)
			return ok
		case "EncryptionType":
			_, ok = s.text()
			return ok
		}
		return false
	})
	s.space()
	return n, failed, ok && s.at == len(s.b)
}

// scanner is a position in a JSON text. Its methods move past what they read
// and report false, at no particular position, where the text is not that.
type scanner struct {
	b  []byte
	at int
}

// entries reads the array of entries and returns their number; entries beyond
// the outcomes are not plain.
func (s *scanner) entries(outcomes []Outcome) (n int, ok bool) {
	if !s.take('[') {
		return 0, false
	}
	if s.take(']') {
		return 0, true
	}
	var last alike
	for {
		if n == len(outcomes) || !last.next(s.b, &s.at, &outcomes[n], s.entry) {
			return 0, false
		}
		n++
		if s.take(']') {
			return n, true
		}
		if !s.take(',') {
			return 0, false
		}
	}
}

func (s *scanner) entry(o *Outcome) bool {
	*o = Outcome{}
	return s.object(func(name []byte) bool {
		value, ok := s.text()
		if !ok {
			return false
		}
		return o.set(name, value)
	})
}

// set sets a member of an answer's entry. It reports false for one it does not
// know and for one that comes twice or is empty: let the decoder say what that
// means.
func (o *Outcome) set(name, value []byte) bool {
	fresh := len(value) > 0
	switch string(name) {
	case "ShardId":
		fresh = fresh && o.ShardID == nil
		o.ShardID = value
	case "SequenceNumber":
		fresh = fresh && o.SequenceNumber == nil
		o.SequenceNumber = value
	case "ErrorCode":
		fresh = fresh && o.Cause == ""
		o.Cause = causeOf(value)
	case "ErrorMessage":
		fresh = fresh && o.Message == ""
		o.Message = string(value)
	case "EncryptionType": // of PutRecord's answer
	default:
		return false
	}
	return fresh
}

// scanPutRecord reads the answer to PutRecord as scanPutRecords does.
func scanPutRecord(answer []byte, o *Outcome) bool {
	s := scanner{b: answer}
	ok := s.entry(o)
	s.space()
	return ok && s.at == len(s.b)
}

// causeOf is string(code), without allocating for the code that can come by
// the thousand.
func causeOf(code []byte) string {
	if string(code) == "ProvisionedThroughputExceededException" {
		return "ProvisionedThroughputExceededException"
	}
	return string(code)
}

// object reads an object, handing each member's name to member, which reads
// its value.
func (s *scanner) object(member func(name []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	for {
		name, ok := s.text()
		if !ok || !s.take(':') || !member(name) {
			return false
		}
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	n := bytes.IndexByte(s.b[s.at:], '"')
	if n < 0 || !plain(s.b[s.at:s.at+n]) {
		return nil, false
	}
	text := s.b[s.at : s.at+n]
	s.at += n + 1
	return text, true
}

// number reads a whole number of at most nine digits.
func (s *scanner) number() (n int, ok bool) {
	s.space()
	start := s.at
	for s.at < len(s.b) && s.b[s.at] >= '0' && s.b[s.at] <= '9' && s.at-start < 10 {
		n = n*10 + int(s.b[s.at]-'0')
		s.at++
	}
	digits := s.at - start
	plain := digits == 1 || digits > 1 && digits < 10 && s.b[start] != '0'
	return n, plain
}

// take skips white space and then c, if it is there.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.at < len(s.b) && s.b[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) space() {
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}
