package lambda

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Record is one record of a stream. Data is not to be changed.
type Record struct {
	Position       uint64 // in its shard, rising
	SequenceNumber string
	PartitionKey   string
	Data           []byte
	Arrival        time.Time
}

// eventSource renders the event that a mapping invokes its function with
// (lambda/latest/dg/with-kinesis, read 2026-11-22).
type eventSource struct {
	region, streamARN, roleARN string
}

// event is the JSON event of a batch.
func (s *eventSource) event(shard string, records []*Record) []byte {
	size := eventEnvelopeBytes
	for _, r := range records {
		size += s.size(shard, r)
	}
	dst := append(make([]byte, 0, size), `{"Records":[`...)
	for i, r := range records {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.appendRecord(dst, shard, r)
	}
	return append(dst, `]}`...)
}

func (s *eventSource) appendRecord(dst []byte, shard string, r *Record) []byte {
	dst = append(dst, `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":`...)
	dst = appendJSONString(dst, r.PartitionKey)
	dst = append(dst, `,"sequenceNumber":"`...)
	dst = append(dst, r.SequenceNumber...)
	dst = append(dst, `","data":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, r.Data)
	dst = append(dst, `","approximateArrivalTimestamp":`...)
	dst = strconv.AppendFloat(dst, float64(r.Arrival.UnixMilli())/1000, 'f', 3, 64)
	dst = append(dst, `},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"`...)
	dst = append(dst, shard...)
	dst = append(dst, ':')
	dst = append(dst, r.SequenceNumber...)
	dst = append(dst, `","eventName":"aws:kinesis:record","invokeIdentityArn":"`...)
	dst = append(dst, s.roleARN...)
	dst = append(dst, `","awsRegion":"`...)
	dst = append(dst, s.region...)
	dst = append(dst, `","eventSourceARN":"`...)
	dst = append(dst, s.streamARN...)
	return append(dst, `"}`...)
}

// recordBytes is what a record adds to the event beside its own fields and the
// mapping's names: the fixed text, a 10.3 digit time and a comma.
var recordBytes = len((&eventSource{}).appendRecord(nil, "", &Record{Arrival: time.Unix(1e9, 0)})) + len(",")

// size is the record's share of the event's bytes.
func (s *eventSource) size(shard string, r *Record) int {
	return recordBytes + len(shard) + len(s.region) + len(s.streamARN) + len(s.roleARN) +
		2*len(r.SequenceNumber) + jsonStringBytes(r.PartitionKey) + base64.StdEncoding.EncodedLen(len(r.Data))
}

// EventBytes is the share of a mapping's event of a record of that size with a
// plain key, for whoever has records by the group only.
func EventBytes(region, streamARN string, keyBytes, dataBytes int) int {
	const shard, sequenceNumber = len("shardId-000000000000"), 56
	role := len((&Server{cfg: Config{AccountID: "123456789012"}}).roleARN())
	return recordBytes + shard + len(region) + len(streamARN) + role + 2*sequenceNumber +
		keyBytes + base64.StdEncoding.EncodedLen(dataBytes)
}

// jsonStringBytes is the length of s inside its quotes.
func jsonStringBytes(s string) int {
	if plain(s) {
		return len(s)
	}
	return len(appendJSONString(nil, s)) - len(`""`)
}

func appendJSONString(dst []byte, s string) []byte {
	if plain(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil { // strings marshal
		panic(err)
	}
	return append(dst, quoted...)
}

// plain reports whether s is its own JSON text.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || strings.IndexByte(`"\<>&`, c) >= 0 {
			return false
		}
	}
	return true
}

// streamName is the name at the end of a stream's ARN.
func streamName(arn string) string {
	_, name, _ := strings.Cut(streamOf(arn), "/")
	return name
}

// streamOf is the stream of an event source: the source itself, or that of a
// consumer.
func streamOf(arn string) string {
	stream, _, _ := strings.Cut(arn, consumerPart)
	return stream
}

// consumerPart is in the ARN of a consumer and not in that of a stream.
const consumerPart = "/consumer/"
