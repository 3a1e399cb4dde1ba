package load

import (
	"io"
	"runtime"
	"testing"
	"time"

	"weir/internal/load/frame"
	"weir/internal/plan"
	"weir/internal/producer"
)

// recorded is a call of 500 records of 500 bytes, as a schedule of 100 000
// records a second makes them: one accepted after the other, 10 µs apart.
func recorded(rejected int) sent {
	const n, gap = 500, 10 * time.Microsecond
	result := &producer.Result{Started: time.Unix(1_800_000_000, 0), Duration: 20 * time.Millisecond}
	records := make([]producer.Record, n)
	for i := range n {
		records[i].Data = make([]byte, 500)
		o := producer.Outcome{Fate: producer.Accepted, ShardID: []byte("shardId-0"), SequenceNumber: []byte("4")}
		if i < rejected {
			o = producer.Outcome{Fate: producer.Rejected, Cause: "ProvisionedThroughputExceededException"}
		}
		result.Records = append(result.Records, o)
	}
	result.Calls = []producer.Call{{Duration: result.Duration, Records: n}}
	start := result.Started.Add(-n * gap)
	s := sent{records: records, token: func(int) bool { return true }, result: result}
	s.due = func(slot uint64) time.Time { return start.Add(time.Duration(slot-s.first) * gap) }
	return s
}

// heap is what lives after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What recording keeps does not grow with the number of records: a frame of ten
// million records is as large as one of a hundred thousand, and nothing is left
// behind once it was taken.
func TestRecordingKeepsNothing(t *testing.T) {
	s := recorded(0)
	x := &extension{tally: new(tally)}
	o := &frameOutput{extension: x, samples: map[string]frame.Sample{}}
	size := func(calls int) int64 {
		for range calls {
			x.tally.send(s)
			s.first += uint64(len(s.records))
		}
		var w counter
		if err := frame.Write(&w, o.frame(time.Now())); err != nil {
			t.Fatal(err)
		}
		return int64(w)
	}
	small := size(200)
	before := heap()
	large := size(20_000)
	if large > small+200 { // longer numbers
		t.Errorf("a frame of 100 000 records takes %d bytes, of ten million %d", small, large)
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes over ten million records", grown)
	}
	runtime.KeepAlive(x)
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// BenchmarkTally counts what became of a record, a frame a second included.
// heap-MB is what lives after all of it: -benchtime=2000000x is 10⁹ records.
func BenchmarkTally(b *testing.B) {
	for name, rejected := range map[string]int{"accepted": 0, "1 % rejected": 5} {
		b.Run(name, func(b *testing.B) {
			s := recorded(rejected)
			x := &extension{tally: new(tally)}
			o := &frameOutput{extension: x, samples: map[string]frame.Sample{}}
			calls := 0
			for b.Loop() {
				x.tally.send(s)
				s.first += uint64(len(s.records))
				if calls++; calls%2000 == 0 { // a second's at a million records a second
					if err := frame.Write(io.Discard, o.frame(time.Now())); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(s.records)), "ns/record")
			b.ReportMetric(float64(heap())/1e6, "heap-MB")
			runtime.KeepAlive(x)
		})
	}
}

// A pacer's memory does not grow with its schedule either: a day at 100 000
// records a second is a few words.
func BenchmarkPacer(b *testing.B) {
	p := NewPacer([]plan.Step{{Rate: 100_000, Duration: 24 * time.Hour}}, plan.DefaultPut, 500)
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		if c := p.Call(n % p.Calls()); c.To == c.From {
			b.Fatal("an empty call")
		}
		n += 7919
	}
}
