package producer

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/segmentio/asm/base64"
)

// appendStream appends the member that names the stream, by ARN or by name.
func appendStream(dst []byte, stream string) []byte {
	dst = append(appendString(dst, streamMember(stream)), ':')
	return appendString(dst, stream)
}

func streamMember(stream string) string {
	if strings.HasPrefix(stream, "arn:") {
		return "StreamARN"
	}
	return "StreamName"
}

// appendPutRecords appends the body of PutRecords; stream is appendStream's.
func appendPutRecords(dst, stream []byte, records []Record) []byte {
	dst = slices.Grow(dst, bodyBytes(records, base64.StdEncoding.EncodedLen)+len(stream))
	dst = append(dst, `{"Records":[`...)
	for i := range records {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = appendRecord(dst, &records[i])
		dst = append(dst, '}')
	}
	dst = append(dst, `],`...)
	dst = append(dst, stream...)
	return append(dst, '}')
}

// bodyBytes is about what the records of a body take: exactly, where keys need
// no escapes. A body that grew by doubling would leave as much behind again.
func bodyBytes(records []Record, encodedLen func(int) int) int {
	const members = len(`{"Data":"","PartitionKey":"","ExplicitHashKey":""},`)
	n := len(`{"Records":[],}`)
	for i := range records {
		r := &records[i]
		n += members + encodedLen(len(r.Data)) + len(r.PartitionKey) + len(r.ExplicitHashKey)
	}
	return n
}

// appendPutRecord appends the body of PutRecord, which puts the first record.
func appendPutRecord(dst, stream []byte, records []Record) []byte {
	dst = append(dst, '{')
	dst = appendRecord(dst, &records[0])
	dst = append(dst, ',')
	dst = append(dst, stream...)
	return append(dst, '}')
}

func appendRecord(dst []byte, r *Record) []byte {
	dst = append(dst, `"Data":"`...)
	n := base64.StdEncoding.EncodedLen(len(r.Data))
	dst = slices.Grow(dst, n)
	base64.StdEncoding.Encode(dst[len(dst):len(dst)+n], r.Data)
	dst = append(dst[:len(dst)+n], `","PartitionKey":`...)
	dst = appendString(dst, r.PartitionKey)
	if r.ExplicitHashKey != "" {
		dst = append(dst, `,"ExplicitHashKey":`...)
		dst = appendString(dst, r.ExplicitHashKey)
	}
	return dst
}

// unescaped are the printable ASCII characters that a JSON string holds as they
// are.
var unescaped = func() (t [256]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendString appends s as a JSON string. Keys are nearly always plain ASCII,
// which needs no escaping.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if !unescaped[s[i]] {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
