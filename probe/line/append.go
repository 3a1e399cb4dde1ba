package line

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// maxErrorBytes bounds the line that a failed handler makes.
const maxErrorBytes = 200

// Append appends the line's document to dst, without a newline.
func (l *Line) Append(dst []byte) []byte {
	doc := document{
		AWS: metadata{
			Timestamp: l.End.UnixMilli(),
			CloudWatchMetrics: []directive{{
				Namespace:  Namespace,
				Dimensions: [][]string{{"StreamName", "FunctionName"}},
				Metrics:    []metric{{RecordsReceived, "Count", 0}, {RecordsProcessed, "Count", 0}},
			}},
		},
		Stream:   l.Stream,
		Function: l.Function,
		Received: l.Records,
		Weir:     l.account(),
	}
	if l.OK {
		doc.Processed = l.Records
		doc.Latency = l.latencies()
	}
	if len(doc.Latency) > 0 {
		metrics := &doc.AWS.CloudWatchMetrics[0].Metrics
		*metrics = append(*metrics, metric{RecordProcessingLatency, "Milliseconds", 1})
	}
	text, err := json.Marshal(&doc)
	if err != nil {
		panic(err) // a struct of strings, integers and finite numbers
	}
	return append(dst, text...)
}

func (l *Line) account() account {
	a := account{
		V: Marker, Request: l.RequestID, Shard: l.Shard,
		Start: l.Start.UnixMicro(), End: l.End.UnixMicro(),
		OK: l.OK, Error: l.Error,
		Records: l.Records, Bytes: l.Bytes, First: l.First, Last: l.Last,
		Foreign: encodeIDs(l.Foreign), ForeignAge: l.ForeignAge.encode(),
		Lanes:      encodeLanes(l.Lanes),
		Inversions: l.Inversions, InversionsBefore: l.InversionsBefore,
	}
	if len(a.Error) > maxErrorBytes {
		a.Error = strings.ToValidUTF8(a.Error[:maxErrorBytes], "")
	}
	for i := range l.Groups {
		g := &l.Groups[i]
		a.Groups = append(a.Groups, groupText{
			Run: g.Run, Step: g.Step, Producer: g.Producer,
			Seqs: g.Seqs.encode(), Duplicates: g.Duplicates,
			Due: g.FromDue.encode(), Sent: g.FromSent.encode(), Arrive: g.FromArrive.encode(),
		})
	}
	return a
}

// latencies are the values of RecordProcessingLatency: all records', or
// maxValues order statistics of them.
func (l *Line) latencies() []float64 {
	var all Hist
	all.Merge(&l.ForeignAge)
	for i := range l.Groups {
		all.Merge(&l.Groups[i].FromArrive)
	}
	n := all.Count()
	values := make([]float64, 0, min(n, maxValues))
	seen := int64(0)
	all.Each(func(d time.Duration, count int64) {
		seen += count
		for len(values) < cap(values) && rank(len(values), n) < seen {
			values = append(values, millis(d))
		}
	})
	return values
}

// rank is the rank from 0, among n, of the i-th value that the line gives.
func rank(i int, n int64) int64 {
	if n <= maxValues {
		return int64(i)
	}
	return int64(i) * (n - 1) / (maxValues - 1)
}

// millis has three significant digits, and no fraction above 100 ms: no more
// than a bucket knows.
func millis(d time.Duration) float64 {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 1:
		return math.Round(ms*1000) / 1000
	case ms < 10:
		return math.Round(ms*100) / 100
	case ms < 100:
		return math.Round(ms*10) / 10
	}
	return math.Round(ms)
}

func encodeIDs(ids []uint64) string {
	packed := make([]byte, 0, 8*len(ids))
	for _, id := range ids {
		packed = binary.BigEndian.AppendUint64(packed, id)
	}
	return base64.RawStdEncoding.EncodeToString(packed)
}

func encodeLanes(lanes []Lane) *laneTable {
	if len(lanes) == 0 {
		return nil
	}
	t := laneTable{Prefix: commonPrefix(lanes)}
	for _, l := range lanes {
		t.Run = append(t.Run, l.Run)
		t.Producer = append(t.Producer, l.Producer)
		t.Lane = append(t.Lane, l.Lane)
		t.First = append(t.First, l.First[len(t.Prefix):])
		last := ""
		if l.Last != l.First {
			last = l.Last[len(t.Prefix):]
		}
		t.Last = append(t.Last, last)
	}
	return &t
}

// commonPrefix is what all the lanes' sequence numbers begin with, and is
// shorter than any of them, so that no rest is empty.
func commonPrefix(lanes []Lane) string {
	prefix := lanes[0].First
	for _, l := range lanes {
		for _, number := range [...]string{l.First, l.Last} {
			for len(prefix) > 0 && (len(prefix) >= len(number) || !strings.HasPrefix(number, prefix)) {
				prefix = prefix[:len(prefix)-1]
			}
		}
	}
	return prefix
}
