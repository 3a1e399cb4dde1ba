package kinesis

import (
	"slices"
	"strconv"

	"github.com/segmentio/asm/base64"

	"weir/internal/emulator/wire"
)

// pieceBytes is how much of an answer is rendered before it is written. Less
// costs more, though it would stay in a nearer cache: each write wakes the reader.
const pieceBytes = 2 << 20

// appendHead appends what comes before the records in an answer of GetRecords
// and an event of SubscribeToShard, but for the opening brace.
func (f *found) appendHead(dst []byte) []byte {
	if len(f.Children) > 0 {
		dst = append(dst, `"ChildShards":`...)
		dst = append(dst, renderChildren(f.Children)...)
		dst = append(dst, ',')
	}
	dst = append(dst, `"MillisBehindLatest":`...)
	dst = strconv.AppendInt(dst, f.MillisBehind, 10)
	return append(dst, `,"Records":[`...)
}

// recordsTail comes after them.
const recordsTail = "]}"

// What stands around the values of a record.
const (
	beforeSequence = `{"SequenceNumber":"`
	beforeArrival  = `","ApproximateArrivalTimestamp":`
	beforeData     = `,"Data":"`
	beforeKey      = `","PartitionKey":`
	afterKey       = `}`

	aroundRecord = len(beforeSequence + beforeArrival + beforeData + beforeKey + afterKey)
)

// appendRecords appends the records. It calls piece as soon as dst has
// pieceBytes, which returns what to append to from then on.
func (f *found) appendRecords(dst []byte, piece func([]byte) []byte) []byte {
	at, arrival, number := f.finder(), arrivalText{}, numberText{}
	first := true
	for i := range f.entries {
		e := &f.entries[i]
		text := number.next(f.sequence, f.from+uint64(i), e.arrival)
		if e.key == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		key, data := at.record(e)
		dst = append(dst, beforeSequence...)
		dst = append(dst, text...)
		dst = append(dst, beforeArrival...)
		dst = append(dst, arrival.of(e)...)
		dst = append(dst, beforeData...)
		dst = appendBase64(dst, data)
		dst = append(dst, beforeKey...)
		dst = appendKey(dst, key, e.plain)
		dst = append(dst, afterKey...)
		if len(dst) >= pieceBytes {
			dst = piece(dst)
		}
	}
	return dst
}

// recordsLength is the length of what appendRecords appends. It looks at no
// record but those whose keys need escapes.
func (f *found) recordsLength() int {
	n := max(0, f.records-1) + f.records*(aroundRecord+sequenceDigits) + int(f.keys)
	at, arrival := f.finder(), arrivalText{}
	for i := range f.entries {
		e := &f.entries[i]
		if e.key == 0 {
			continue
		}
		n += len(arrival.of(e)) + base64.StdEncoding.EncodedLen(int(e.size)) + len(`""`)
		if !e.plain {
			key, _ := at.record(e)
			n += len(appendKey(nil, key, false)) - len(`""`) - len(key)
		}
	}
	return n
}

// arrivalText is the text of the arrival last asked for: many records share one.
type arrivalText struct {
	millis int64
	text   []byte
}

func (a *arrivalText) of(e *entry) []byte {
	if a.text == nil || e.arrival != a.millis {
		a.millis, a.text = e.arrival, wire.AppendTimestamp(a.text[:0], e.arrival)
	}
	return a.text
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
	return render(out)
}

func appendBase64(dst, data []byte) []byte {
	n := base64.StdEncoding.EncodedLen(len(data))
	start := len(dst)
	dst = slices.Grow(dst, n)[:start+n]
	base64.StdEncoding.Encode(dst[start:], data)
	return dst
}

// appendKey appends a partition key as JSON; only what needs escapes takes the
// way round by encoding/json.
func appendKey(dst, key []byte, plain bool) []byte {
	if !plain {
		return append(dst, render(string(key))...)
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"')
}
