package observe

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
	"weir/probe/line"
	"weir/probe/token"
)

func TestParseReport(t *testing.T) {
	warm := "REPORT RequestId: 8f5\tDuration: 38.66 ms\tBilled Duration: 39 ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB\t"
	for text, want := range map[string]Invocation{
		warm: {Duration: 38660 * time.Microsecond, MaxMemoryMB: 54},
		warm + "Init Duration: 203.69 ms\t": {
			Duration: 38660 * time.Microsecond, Init: 203690 * time.Microsecond, MaxMemoryMB: 54,
		},
	} {
		if got, ok := ParseReport(text); !ok || got != want {
			t.Errorf("ParseReport(%q) = %+v, %v", text, got, ok)
		}
	}
	if _, ok := ParseReport("START RequestId: 8f5 Version: $LATEST"); ok {
		t.Error("a START line is no report")
	}
}

var start = time.Unix(1_800_000_000, 0).UTC()

func run() *record.Run {
	return &record.Run{RunToken: 7, Steps: []record.Step{{Index: 0, Rate: 10, EndEx: 20}}}
}

// ledgerLine is the line of an invocation that ended at end with the slots of
// [from, to), each due latency before it.
func ledgerLine(t *testing.T, from, to uint64, end time.Time, latency time.Duration) string {
	t.Helper()
	var records []line.Record
	for i := from; i < to; i++ {
		due := end.Add(-latency)
		tok := token.Token{Run: 7, Seq: i, Due: due, Sent: due}
		records = append(records, line.Record{
			Shard: "shardId-000000000000", SequenceNumber: sequence(i), Arrival: due, Data: []byte(tok.String()),
		})
	}
	l := line.Account(records, end, line.Options{})
	l.RequestID, l.Function, l.Stream, l.OK = "r"+sequence(from), "f", "s", true
	l.Start, l.End = end.Add(-5*time.Millisecond), end
	return string(l.Append(nil))
}

func sequence(i uint64) string {
	b, _ := json.Marshal(1000 + i)
	return string(b)
}

// One second of load and its processing becomes one point on the axis, and a
// backlog where the function is behind.
func TestSecondsBecomePoints(t *testing.T) {
	o := New(run())
	put := new(stats.Histogram)
	put.Record(10 * time.Millisecond)
	o.AddFrame(frame.Frame{
		T: start.Add(time.Second), Started: start, OfferedTo: 10,
		Steps: []frame.StepFrame{{
			Accepted: 9, Rejected: map[string]int64{throughputExceeded: 1}, Calls: 1, Bytes: 5000, Put: put,
			Fates: []frame.FateRange{
				{Fate: ledger.Accepted, From: 0, To: 9},
				{Fate: ledger.Rejected, Cause: throughputExceeded, From: 9, To: 10},
			},
		}},
	})
	o.AddLine(ledgerLine(t, 0, 4, start.Add(500*time.Millisecond), 200*time.Millisecond))
	o.AddVended([]record.Point{{T: start.Unix(), V: map[string]float64{metrics.IncomingRecords: 9}}})

	points := o.Flush(start.Add(time.Second))
	if len(points) != 1 || points[0].T != start.Unix() {
		t.Fatalf("points = %+v, want one at %d", points, start.Unix())
	}
	for name, want := range map[string]float64{
		metrics.Offered: 10, metrics.Accepted: 9, metrics.Rejected: 1, metrics.Throttled: 1,
		metrics.Processed: 4, metrics.Backlog: 5, // 9 accepted - 4 processed
		metrics.BatchMean: 4, metrics.IncomingRecords: 9, metrics.SentBytes: 5000,
	} {
		if got := points[0].V[name]; got != want {
			t.Errorf("%s = %g, want %g", name, got, want)
		}
	}
	if got := points[0].V[metrics.E2EP99]; got < 199 || got > 201 {
		t.Errorf("e2e p99 = %g ms, want 200", got)
	}
	if again := o.Flush(start.Add(2 * time.Second)); len(again) != 0 {
		t.Errorf("points given out again: %+v", again)
	}
}

// A vended point that changes later is given out again, one that does not is
// not; sums hold each moment's latest value once.
func TestVendedPointsMayChange(t *testing.T) {
	o := New(run())
	point := func(v float64) []record.Point {
		return []record.Point{{T: start.Unix(), V: map[string]float64{metrics.Polled: v}}}
	}
	o.AddVended(point(3))
	o.Flush(start)
	o.AddVended(point(3))
	if got := o.Flush(start); len(got) != 0 {
		t.Errorf("unchanged point given out again: %+v", got)
	}
	o.AddVended(point(5))
	if diff := cmp.Diff(point(5), o.Flush(start)); diff != "" {
		t.Error(diff)
	}
	o.Flush(start.Add(time.Hour)) // far beyond the memory of changing points
	if sum, ok := o.Sum(metrics.Polled); !ok || sum != 5 {
		t.Errorf("sum = %g, %v; want 5", sum, ok)
	}
	if _, ok := o.Sum(metrics.Invoked); ok {
		t.Error("a counter that was never seen has a sum")
	}
}

func TestBadLinesAreCounted(t *testing.T) {
	o := New(run())
	o.AddLine(`{"weir":{"v":"` + line.Marker + `","broken"`)
	if len(o.BadLines()) != 1 || o.Probe() {
		t.Errorf("bad lines %v, probe %v", o.BadLines(), o.Probe())
	}
}
