package kinesis

import (
	"encoding/binary"
	"unicode/utf8"
)

// Major types of CBOR (RFC 8949, section 3.1), in their place in a head.
const (
	cborUnsigned = 0 << 5
	cborBytes    = 2 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
)

// scanCBOR reads a put's body where that is CBOR of the ordinary shape; false
// means that it is something else, which goes by way of JSON.
func (c *call) scanCBOR(operation string) bool {
	b := &c.batch.body
	s := cborScanner{rest: c.body}
	switch operation {
	case "PutRecords":
		b.reset(0)
		seen := false
		return s.members(func(member []byte) bool {
			if string(member) == "Records" && !seen {
				seen = true
				return b.scanEntriesCBOR(&s)
			}
			return b.scanStreamCBOR(&s, member)
		}) && len(s.rest) == 0
	case "PutRecord":
		b.reset(0)
		var e putEntry
		ok := s.members(func(member []byte) bool { return e.scanCBOR(&s, member) || b.scanStreamCBOR(&s, member) })
		b.entries = append(b.entries, e)
		return ok && len(s.rest) == 0
	}
	return false
}

func (b *putBody) scanStreamCBOR(s *cborScanner, member []byte) bool {
	switch string(member) {
	case "StreamName":
		return s.text(&b.streamName)
	case "StreamARN":
		return s.text(&b.streamARN)
	}
	return false
}

func (b *putBody) scanEntriesCBOR(s *cborScanner) bool {
	n, ok := s.head(cborArray)
	for range n {
		var e putEntry
		if ok = ok && s.members(func(member []byte) bool { return e.scanCBOR(s, member) }); !ok {
			return false
		}
		b.entries = append(b.entries, e)
	}
	return ok
}

// scanCBOR reads the value of one member of a record. Data stay where they are.
func (e *putEntry) scanCBOR(s *cborScanner, member []byte) bool {
	switch string(member) {
	case "Data":
		return s.string(cborBytes, &e.data)
	case "PartitionKey":
		return s.text(&e.key)
	case "ExplicitHashKey":
		return s.text(&e.explicitHashKey)
	}
	return false
}

// cborScanner walks over CBOR whose items have definite lengths. Every method
// returns false where the text isn't what it looks for, and then it stands
// anywhere.
type cborScanner struct{ rest []byte }

// head reads the head of an item of that type; its argument has four bytes at
// most.
func (s *cborScanner) head(major byte) (n int, ok bool) {
	if len(s.rest) == 0 || s.rest[0]&0xe0 != major {
		return 0, false
	}
	info, rest := s.rest[0]&31, s.rest[1:]
	size := 0
	if info >= 24 {
		size = 1 << (info - 24)
	}
	if info > 26 || len(rest) < size {
		return 0, false
	}
	s.rest = rest[size:]
	switch size {
	case 1:
		return int(rest[0]), true
	case 2:
		return int(binary.BigEndian.Uint16(rest)), true
	case 4:
		return int(binary.BigEndian.Uint32(rest)), true
	}
	return int(info), true
}

// members reads a map, with member called at each value.
func (s *cborScanner) members(member func(name []byte) bool) bool {
	n, ok := s.head(cborMap)
	for range n {
		var name []byte
		if !ok || !s.string(cborText, &name) || !member(name) {
			return false
		}
	}
	return ok
}

// string sets dst, which must be nil, to a string of bytes or text.
func (s *cborScanner) string(major byte, dst *[]byte) bool {
	n, ok := s.head(major)
	if !ok || n > len(s.rest) || *dst != nil {
		return false
	}
	*dst, s.rest = s.rest[:n:n], s.rest[n:]
	return true
}

func (s *cborScanner) text(dst *[]byte) bool { return s.string(cborText, dst) && utf8.Valid(*dst) }

// renderPutCBOR is renderPut in CBOR.
func (s *Server) renderPutCBOR(dst []byte, st *stream, b *batch, t tally) []byte {
	dst = appendTextCBOR(append(dst, cborMap|2), "FailedRecordCount")
	dst = appendHeadCBOR(dst, cborUnsigned, t.total-t.accepted)
	dst = appendTextCBOR(dst, "Records")
	dst = appendHeadCBOR(dst, cborArray, len(b.offers))
	for i := range b.offers {
		o, sh := &b.offers[i], b.shardOf(i)
		if o.accepted {
			dst = o.renderCBOR(dst, sh)
			continue
		}
		dst = appendTextCBOR(append(dst, cborMap|2), "ErrorCode")
		dst = appendTextCBOR(dst, "ProvisionedThroughputExceededException")
		dst = appendTextCBOR(dst, "ErrorMessage")
		dst = appendTextCBOR(dst, s.rateExceeded(st.name, sh.id))
	}
	return dst
}

// renderCBOR is render in CBOR.
func (o *offer) renderCBOR(dst []byte, sh *shard) []byte {
	dst = appendTextCBOR(append(dst, cborMap|2), "SequenceNumber")
	dst = append(appendHeadCBOR(dst, cborText, len(o.number)), o.number[:]...)
	dst = appendTextCBOR(dst, "ShardId")
	start := len(dst)
	dst = append(dst, cborText|24, 0) // a length of one byte, known when it is written
	dst = appendShardID(dst, sh.sequence.shard)
	dst[start+1] = byte(len(dst) - start - 2)
	return dst
}

func appendTextCBOR(dst []byte, text string) []byte {
	return append(appendHeadCBOR(dst, cborText, len(text)), text...)
}

// appendHeadCBOR appends a head whose argument is below 65 536.
func appendHeadCBOR(dst []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n < 1<<8:
		return append(dst, major|24, byte(n))
	}
	return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
}
