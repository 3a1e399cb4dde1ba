package producer

import "encoding/binary"

// scanPutRecordsCBOR is scanPutRecords for an answer in CBOR.
func scanPutRecordsCBOR(answer []byte, outcomes []Outcome) (n, failed int, ok bool) {
	s := cborScanner{b: answer}
	failed = noCount
	records := false
	ok = s.members(func(name []byte) bool {
		switch string(name) {
		case "FailedRecordCount":
			if failed != noCount { // twice
				return false
			}
			failed, ok = s.head(cborUnsigned)
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
	return n, failed, ok && s.at == len(s.b)
}

// scanPutRecordCBOR is scanPutRecord for an answer in CBOR.
func scanPutRecordCBOR(answer []byte, o *Outcome) bool {
	s := cborScanner{b: answer}
	return s.entry(o) && s.at == len(s.b)
}

// cborScanner is a position in a CBOR text. Its methods move past what they
// read and report false, at no particular position, where the text is not that.
type cborScanner struct {
	b  []byte
	at int
}

// Ends of items without a length, which services write as well as those with
// one (RFC 8949, section 3.2).
const (
	cborEndless = 31
	cborBreak   = 0xff
)

// head reads the head of an item of that major type with a definite argument
// of at most four bytes.
func (s *cborScanner) head(major byte) (n int, ok bool) {
	if s.at >= len(s.b) || s.b[s.at]&^31 != major {
		return 0, false
	}
	info, rest := s.b[s.at]&31, s.b[s.at+1:]
	switch {
	case info < 24:
		s.at++
		return int(info), true
	case info == 24 && len(rest) >= 1:
		s.at += 2
		return int(rest[0]), true
	case info == 25 && len(rest) >= 2:
		s.at += 3
		return int(binary.BigEndian.Uint16(rest)), true
	case info == 26 && len(rest) >= 4:
		s.at += 5
		return int(binary.BigEndian.Uint32(rest)), true
	}
	return 0, false
}

// elements calls element for each element of an array or pair of a map, of
// definite length or not.
func (s *cborScanner) elements(major byte, element func() bool) bool {
	if s.at < len(s.b) && s.b[s.at] == major|cborEndless {
		for s.at++; s.at < len(s.b); {
			if s.b[s.at] == cborBreak {
				s.at++
				return true
			}
			if !element() {
				return false
			}
		}
		return false
	}
	n, ok := s.head(major)
	for range n {
		if !ok || !element() {
			return false
		}
	}
	return ok
}

// members reads a map, handing each member's name to member, which reads its
// value.
func (s *cborScanner) members(member func(name []byte) bool) bool {
	return s.elements(cborMap, func() bool {
		name, ok := s.text()
		return ok && member(name)
	})
}

func (s *cborScanner) entries(outcomes []Outcome) (n int, ok bool) {
	var last alike
	ok = s.elements(cborArray, func() bool {
		if n == len(outcomes) || !last.next(s.b, &s.at, &outcomes[n], s.entry) {
			return false
		}
		n++
		return true
	})
	return n, ok
}

func (s *cborScanner) entry(o *Outcome) bool {
	*o = Outcome{}
	return s.members(func(name []byte) bool {
		value, ok := s.text()
		return ok && o.set(name, value)
	})
}

// text reads a string of printable ASCII.
func (s *cborScanner) text() ([]byte, bool) {
	n, ok := s.head(cborText)
	if !ok || n > len(s.b)-s.at {
		return nil, false
	}
	text := s.b[s.at : s.at+n]
	s.at += n
	return text, plain(text)
}
