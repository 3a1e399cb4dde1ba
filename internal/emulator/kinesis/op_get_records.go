package kinesis

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/segmentio/asm/base64"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// getRecords answers GetRecords.
func (s *Server) getRecords(c *call) (any, error) {
	var in struct {
		ShardIterator *string
		Limit         *int
	}
	err := c.read(&in, func(v *validation) {
		if in.ShardIterator == nil {
			v.required("shardIterator")
		}
		v.text("shardIterator", in.ShardIterator, "", 1, 512)
		v.number("limit", in.Limit, 1, quota.GetRecordsMaxRecords)
	})
	if err != nil {
		return nil, err
	}
	at, ok := s.seals.open(kindIterator, *in.ShardIterator)
	if !ok {
		return nil, invalidArgument("Invalid ShardIterator.")
	}
	if at.expired(c.start) {
		return nil, at.expiredIterator(c.start)
	}
	if err := pause(c.ctx, s.sample(s.cfg.GetLatency)); err != nil {
		return nil, err
	}
	limit := 0
	if in.Limit != nil {
		limit = *in.Limit
	}
	return s.getFrom(c, at, limit)
}

func (s *Server) getFrom(c *call, at cursor, limit int) (any, error) {
	now := s.cfg.Now()
	st, sh, err := s.findShard(at.stream, shardID(int(at.shard)), now)
	if err != nil {
		return nil, err
	}
	if st.created.UnixMilli() != at.created {
		return nil, s.shardNotFound(at.stream, sh.id)
	}
	f := s.fetch(st, sh, now, at.position, limit, c.entries)
	c.entries = f.entries
	st.series.get(now, now.Sub(c.start), &f)
	st.monitorRead(sh, now, &f)
	got := f.read()
	if got.Throttled {
		return nil, s.throttled(st, sh)
	}
	next := ""
	if !got.End {
		next = s.iterator(st, sh, got.Next, now)
	}
	c.out = renderRead(c.out[:0], &got, next)
	return rendered(c.out), nil
}

// renderRead appends the answer of GetRecords as JSON; at a shard's end there
// is no next iterator.
func renderRead(dst []byte, got *Read, next string) []byte {
	dst = append(dst, '{')
	if next != "" {
		dst = append(dst, `"NextShardIterator":"`...)
		dst = append(dst, next...)
		dst = append(dst, `",`...)
	}
	return renderRecords(dst, got)
}

// renderRecords appends what an answer of GetRecords and an event of
// SubscribeToShard have in common, up to the closing brace.
func renderRecords(dst []byte, got *Read) []byte {
	if len(got.Children) > 0 {
		dst = append(dst, `"ChildShards":`...)
		dst = append(dst, renderChildren(got.Children)...)
		dst = append(dst, ',')
	}
	dst = append(dst, `"MillisBehindLatest":`...)
	dst = strconv.AppendInt(dst, got.MillisBehind, 10)
	dst = append(dst, `,"Records":[`...)
	dst = slices.Grow(dst, renderedBytes(got.Records))
	for i := range got.Records {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = renderRecord(dst, &got.Records[i])
	}
	return append(dst, "]}"...)
}

// renderedBytes is the room for records whose keys need no escapes.
func renderedBytes(records []Record) (n int) {
	const around = len(`{"SequenceNumber":"","ApproximateArrivalTimestamp":1700000000.000,"Data":"","PartitionKey":""},`) + sequenceDigits
	for i := range records {
		n += around + base64.StdEncoding.EncodedLen(len(records[i].Data)) + len(records[i].PartitionKey)
	}
	return n
}

// renderChildren is the JSON of a closed shard's children.
func renderChildren(children []ChildShard) []byte {
	type child struct {
		ShardID      string `json:"ShardId"`
		ParentShards []string
		HashKeyRange hashKeyRange
	}
	var out []child
	for _, c := range children {
		out = append(out, child{c.ID, c.Parents, c.hashes.describe()})
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic("kinesis: child shards have no JSON: " + err.Error())
	}
	return text
}

func renderRecord(dst []byte, r *Record) []byte {
	dst = append(dst, `{"SequenceNumber":"`...)
	dst = append(dst, r.SequenceNumber...)
	dst = append(dst, `","ApproximateArrivalTimestamp":`...)
	dst = wire.AppendTimestamp(dst, r.Arrival.UnixMilli())
	dst = append(dst, `,"Data":"`...)
	dst = appendBase64(dst, r.Data)
	dst = append(dst, `","PartitionKey":`...)
	dst = appendString(dst, r.PartitionKey)
	return append(dst, '}')
}

func appendBase64(dst, data []byte) []byte {
	n := base64.StdEncoding.EncodedLen(len(data))
	start := len(dst)
	dst = slices.Grow(dst, n)[:start+n]
	base64.StdEncoding.Encode(dst[start:], data)
	return dst
}

// appendString appends a string as JSON; only what needs escapes takes the way
// round by encoding/json.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic("kinesis: a string has no JSON: " + err.Error())
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
