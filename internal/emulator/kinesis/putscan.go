package kinesis

import (
	"bytes"
	"unicode/utf8"

	fast "github.com/segmentio/asm/base64"

	"weir/internal/emulator/wire"
)

// putEntry is one record of a put request. Its bytes belong to the request's
// buffers. A nil member is one that the request didn't have.
type putEntry struct {
	data, key, explicitHashKey []byte
	plain                      bool // the key needs no escapes in JSON
}

// putBody is a decoded PutRecords request.
type putBody struct {
	streamName, streamARN []byte
	entries               []putEntry
	decoded               []byte // where the entries' data lie
}

// decodeOne reads a PutRecord body, whose entry is then the only one, by the
// same two ways as decode.
func (b *putBody) decodeOne(body []byte) (ordering *string, err error) {
	if b.scanOne(body) {
		return nil, nil
	}
	return b.unmarshalOne(body)
}

func (b *putBody) unmarshalOne(body []byte) (ordering *string, err error) {
	var in putRecordRequest
	if err := wire.DecodeJSON(body, &in); err != nil {
		return nil, err
	}
	b.reset(0)
	b.streamName, b.streamARN = bytesOf(in.StreamName), bytesOf(in.StreamARN)
	b.entries = append(b.entries, putEntry{data: in.Data, key: bytesOf(in.PartitionKey), explicitHashKey: bytesOf(in.ExplicitHashKey)})
	return in.SequenceNumberForOrdering, nil
}

// decode reads a PutRecords body into b, whose buffers it uses again. The shape
// that clients send goes through a scanner; anything out of the ordinary
// (escapes, unknown or repeated members, nulls, errors) through encoding/json,
// which decides what is wrong.
func (b *putBody) decode(body []byte) error {
	if b.scan(body) {
		return nil
	}
	return b.unmarshal(body)
}

func (b *putBody) reset(size int) {
	b.streamName, b.streamARN, b.entries = nil, nil, b.entries[:0]
	if cap(b.decoded) < size {
		b.decoded = make([]byte, 0, size)
	}
	b.decoded = b.decoded[:0]
}

func (b *putBody) unmarshal(body []byte) error {
	var in struct {
		StreamName, StreamARN *string
		Records               []struct {
			Data                          []byte
			PartitionKey, ExplicitHashKey *string
		}
	}
	if err := wire.DecodeJSON(body, &in); err != nil {
		return err
	}
	b.reset(0)
	b.streamName, b.streamARN = bytesOf(in.StreamName), bytesOf(in.StreamARN)
	for _, r := range in.Records {
		b.entries = append(b.entries, putEntry{data: r.Data, key: bytesOf(r.PartitionKey), explicitHashKey: bytesOf(r.ExplicitHashKey)})
	}
	return nil
}

// bytesOf keeps nil apart from empty.
func bytesOf(s *string) []byte {
	if s == nil {
		return nil
	}
	return append([]byte{}, *s...)
}

// scan reads the ordinary shape of a PutRecords body; false means that it found
// something else and b holds nothing of worth.
func (b *putBody) scan(body []byte) bool {
	b.reset(fast.StdEncoding.DecodedLen(len(body)))
	s := scanner{rest: body}
	seen := false
	ok := s.object(func(member []byte) bool {
		switch string(member) {
		case "Records":
			if seen {
				return false
			}
			seen = true
			return s.array(func() bool { return b.scanEntry(&s) })
		case "StreamName":
			return s.text(&b.streamName, new(bool))
		case "StreamARN":
			return s.text(&b.streamARN, new(bool))
		}
		return false
	})
	return ok && s.end()
}

// scanOne is scan for a PutRecord body.
func (b *putBody) scanOne(body []byte) bool {
	b.reset(fast.StdEncoding.DecodedLen(len(body)))
	s := scanner{rest: body}
	var e putEntry
	ok := s.object(func(member []byte) bool {
		switch string(member) {
		case "StreamName":
			return s.text(&b.streamName, new(bool))
		case "StreamARN":
			return s.text(&b.streamARN, new(bool))
		}
		return b.scanMember(&s, member, &e)
	})
	b.entries = append(b.entries, e)
	return ok && s.end()
}

func (b *putBody) scanEntry(s *scanner) bool {
	var e putEntry
	ok := s.object(func(member []byte) bool { return b.scanMember(s, member, &e) })
	b.entries = append(b.entries, e)
	return ok
}

// scanMember reads the value of one member of a record.
func (b *putBody) scanMember(s *scanner, member []byte, e *putEntry) bool {
	switch string(member) {
	case "Data":
		return b.scanData(s, &e.data)
	case "PartitionKey":
		return s.text(&e.key, &e.plain)
	case "ExplicitHashKey":
		return s.text(&e.explicitHashKey, new(bool))
	}
	return false
}

// scanData decodes a base64 string into the end of b.decoded, whose capacity
// is enough for the whole body.
func (b *putBody) scanData(s *scanner, dst *[]byte) bool {
	raw, ok := s.quoted()
	if !ok || *dst != nil {
		return false
	}
	start := len(b.decoded)
	into := b.decoded[start : start+fast.StdEncoding.DecodedLen(len(raw))]
	n, ok := decodeBase64(into, raw)
	if !ok {
		return false
	}
	b.decoded = b.decoded[:start+n]
	*dst = into[:n:n]
	return true
}

// decodeBase64 decodes padded base64 at the speed of SIMD; the end, and what is
// wrong, is the standard library's. That passes over line ends, which JSON's
// strings don't have: then there are fewer bytes than the length says.
func decodeBase64(dst, src []byte) (n int, ok bool) {
	if len(src)%4 != 0 {
		return 0, false
	}
	want := len(src) / 4 * 3
	for i := len(src); i > 0 && src[i-1] == '='; i-- {
		want--
	}
	n, err := fast.StdEncoding.Decode(dst, src)
	return n, err == nil && n == want
}

// scanner walks over JSON text. Every method returns false where the text isn't
// what it looks for, and then it stands anywhere.
type scanner struct{ rest []byte }

func (s *scanner) space() {
	for len(s.rest) > 0 {
		switch s.rest[0] {
		case ' ', '\t', '\n', '\r':
			s.rest = s.rest[1:]
		default:
			return
		}
	}
}

// skip takes one byte, with white space before it.
func (s *scanner) skip(c byte) bool {
	s.space()
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) end() bool {
	s.space()
	return len(s.rest) == 0
}

// object reads an object, with member called at each value.
func (s *scanner) object(member func(name []byte) bool) bool {
	return s.list('{', '}', func() bool {
		name, ok := s.quoted()
		return ok && s.skip(':') && member(name)
	})
}

// array reads an array, with element called at each one.
func (s *scanner) array(element func() bool) bool { return s.list('[', ']', element) }

func (s *scanner) list(first, last byte, item func() bool) bool {
	if !s.skip(first) {
		return false
	}
	if s.skip(last) {
		return true
	}
	for item() {
		if s.skip(last) {
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
	return false
}

// quoted is what stands between two quotes, unexamined.
func (s *scanner) quoted() ([]byte, bool) {
	if !s.skip('"') {
		return nil, false
	}
	i := bytes.IndexByte(s.rest, '"')
	if i < 0 {
		return nil, false
	}
	text := s.rest[:i:i]
	s.rest = s.rest[i+1:]
	return text, true
}

// text sets dst, which must be nil, to a string without escapes, and plain to
// whether JSON can have it without them again as it is.
func (s *scanner) text(dst *[]byte, plain *bool) bool {
	text, ok := s.quoted()
	if !ok || *dst != nil {
		return false
	}
	ascii := true
	for _, c := range text {
		if c < ' ' || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	*dst, *plain = text, ascii
	return ascii || utf8.Valid(text)
}
