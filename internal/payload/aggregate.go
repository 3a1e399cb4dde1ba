package payload

import (
	"crypto/md5"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/probe/token"
)

// A record that the Kinesis Producer Library has aggregated is the magic
// number, a protobuf message of user records, and the message's MD5
// (github.com/awslabs/amazon-kinesis-producer, aggregation-format.md, read
// 2026-11-22).
const (
	aggregateMagic = "\xF3\x89\x9A\xC2"

	// Fields of AggregatedRecord, and of the Record in it.
	fieldPartitionKeys   = 1
	fieldHashKeys        = 2
	fieldRecords         = 3
	fieldPartitionKeyRef = 1
	fieldHashKeyRef      = 2
	fieldData            = 3
)

// MaxUserRecords bounds how many user records one aggregate has.
const MaxUserRecords = 10_000

// aggregate are bodies of so many user records each, in the producer library's
// format. Every user record carries the token of the record that it travels in:
// the stream, the mapping and so the ledger know one record.
type aggregate struct {
	user  source
	count int
}

// Aggregated are bodies that hold count bodies of user as the Kinesis Producer
// Library puts them. A user record's partition key is that of the record, for
// consumers drop those whose key belongs to another shard. A count outside of 1
// to MaxUserRecords and aggregates that may be above MaxBytes are errors.
func Aggregated(user *Bodies, count int) (*Bodies, error) {
	if count < 1 || count > MaxUserRecords {
		return nil, fmt.Errorf("%d user records in a record: at least 1 and at most %d", count, MaxUserRecords)
	}
	if user.HasTokenless() > 0 {
		return nil, errors.New("user records without a token can't be aggregated")
	}
	a := aggregate{user.source, count}
	if most := a.maxBytes(); most > MaxBytes {
		return nil, fmt.Errorf("an aggregate of up to %d bytes is above the largest record, %d", most, MaxBytes)
	}
	return &Bodies{a}, nil
}

func (a aggregate) append(dst []byte, slot uint64, t *token.Token, key Key) ([]byte, bool) {
	dst = append(dst, aggregateMagic...)
	start := len(dst)
	dst = appendBytes(dst, fieldPartitionKeys, key.Partition)
	if key.Hash != "" {
		dst = appendBytes(dst, fieldHashKeys, key.Hash)
	}
	var user, record []byte
	for i := range a.count {
		user, _ = a.user.append(user[:0], slot*uint64(a.count)+uint64(i), t, key)
		record = appendReference(record[:0], fieldPartitionKeyRef)
		if key.Hash != "" {
			record = appendReference(record, fieldHashKeyRef)
		}
		record = appendBytes(record, fieldData, user)
		dst = appendBytes(dst, fieldRecords, record)
	}
	sum := md5.Sum(dst[start:]) //nolint:gosec // the format's checksum, not a defence
	return append(dst, sum[:]...), true
}

func appendBytes[T string | []byte](dst []byte, field protowire.Number, value T) []byte {
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(len(value)))
	return append(dst, value...)
}

// appendReference points at the first entry of a table of keys.
func appendReference(dst []byte, field protowire.Number) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, field, protowire.VarintType), 0)
}

func (a aggregate) maxBytes() int {
	const (
		longestKey  = 256 * 4 // 256 characters of up to four bytes
		longestHash = 39      // 2^128 - 1
		tag         = 1
		reference   = 2
	)
	record := 2*reference + tag + protowire.SizeBytes(a.user.maxBytes())
	return len(aggregateMagic) + md5.Size + tag + protowire.SizeBytes(longestKey) + tag + protowire.SizeBytes(longestHash) +
		a.count*(tag+protowire.SizeBytes(record))
}

func (a aggregate) tokenless() int { return 0 }

func (a aggregate) examples(func(body []byte, where string) error) error {
	return errors.New("an aggregate's user records have its partition key: it can't come from a field of theirs")
}
