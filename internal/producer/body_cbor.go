package producer

import (
	"encoding/binary"
	"math"
	"slices"
)

// Major types of CBOR (RFC 8949, section 3.1), in their place in a head.
const (
	cborUnsigned = 0 << 5
	cborBytes    = 2 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
)

// appendStreamCBOR is appendStream in CBOR.
func appendStreamCBOR(dst []byte, stream string) []byte {
	return appendTextCBOR(appendTextCBOR(dst, streamMember(stream)), stream)
}

// appendPutRecordsCBOR is appendPutRecords in CBOR.
func appendPutRecordsCBOR(dst, stream []byte, records []Record) []byte {
	dst = slices.Grow(dst, bodyBytes(records, func(n int) int { return n })+len(stream))
	dst = appendTextCBOR(append(dst, cborMap|2), "Records")
	dst = appendHeadCBOR(dst, cborArray, len(records))
	for i := range records {
		dst = append(dst, cborMap|membersOf(&records[i]))
		dst = appendRecordCBOR(dst, &records[i])
	}
	return append(dst, stream...)
}

// appendPutRecordCBOR is appendPutRecord in CBOR.
func appendPutRecordCBOR(dst, stream []byte, records []Record) []byte {
	r := &records[0]
	dst = append(dst, cborMap|(membersOf(r)+1))
	return append(appendRecordCBOR(dst, r), stream...)
}

// membersOf is the number of members that appendRecordCBOR writes.
func membersOf(r *Record) byte {
	if r.ExplicitHashKey != "" {
		return 3
	}
	return 2
}

func appendRecordCBOR(dst []byte, r *Record) []byte {
	dst = append(dst, "\x64Data"...)
	dst = appendHeadCBOR(dst, cborBytes, len(r.Data))
	dst = append(dst, r.Data...)
	dst = append(dst, "\x6cPartitionKey"...)
	dst = appendTextCBOR(dst, r.PartitionKey)
	if r.ExplicitHashKey != "" {
		dst = append(dst, "\x6fExplicitHashKey"...)
		dst = appendTextCBOR(dst, r.ExplicitHashKey)
	}
	return dst
}

func appendTextCBOR(dst []byte, s string) []byte {
	return append(appendHeadCBOR(dst, cborText, len(s)), s...)
}

// appendHeadCBOR appends a head with its argument in the shortest form.
func appendHeadCBOR(dst []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n)) // a body is far below 4 GiB
}
