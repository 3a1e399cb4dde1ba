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

var start = time.Unix(1_800_000_000, 0).UTC()

// run has two steps of 20 slots.
func run() *record.Run {
	return &record.Run{RunToken: 7, Steps: []record.Step{
		{Index: 0, Rate: 10, EndEx: 20},
		{Index: 1, Rate: 20, First: 20, EndEx: 40},
	}}
}

// ledgerLine is the line of an invocation that ended at end with the slots of
// [from, to), each due latency before it.
func ledgerLine(t *testing.T, from, to uint64, end time.Time, latency time.Duration) string {
	t.Helper()
	var records []line.Record
	for i := from; i < to; i++ {
		due := end.Add(-latency)
		tok := token.Token{Run: 7, Step: uint8(i / 20), Seq: i, Due: due, Sent: due}
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
	o.AddLine(`{"weir":{"v":"` + line.Marker + `","e":`)
	n, why := o.BadLines()
	if _, want := line.Parse([]byte(`{"weir":{"v":"` + line.Marker + `","broken"`)); n != 2 || why != want.Error() || o.Probe() {
		t.Errorf("%d bad lines, the first for %q; probe %v", n, why, o.Probe())
	}
}

// offer is a frame of the interval that ended after the given seconds of load:
// slots up to offered are due, and those of [from, to) of a step were accepted.
func offer(seconds float64, offered uint64, step int, from, to uint64) frame.Frame {
	h := new(stats.Histogram)
	h.RecordN(10*time.Millisecond, int64(to-from))
	return frame.Frame{
		T: start.Add(time.Duration(seconds * float64(time.Second))), Started: start, OfferedTo: offered,
		Steps: []frame.StepFrame{{
			Step: step, Accepted: int64(to - from), Put: h, PutFromDue: h, Lateness: h,
			Fates: []frame.FateRange{{Fate: ledger.Accepted, From: from, To: to}},
		}},
	}
}

// Each step has the histograms of its own records, whichever came first.
func TestStepsHaveTheirOwnHistograms(t *testing.T) {
	o := New(run())
	o.AddFrame(offer(1, 40, 1, 20, 36))
	o.AddFrame(offer(2, 40, 0, 0, 20))
	o.AddLine(ledgerLine(t, 20, 30, start.Add(2*time.Second), 300*time.Millisecond))
	o.AddLine(ledgerLine(t, 0, 20, start.Add(2*time.Second), 100*time.Millisecond))
	type counts struct{ Put, PutFromDue, Lateness, FromDue, FromSent, FromArrive int64 }
	want := []counts{{20, 20, 20, 20, 20, 20}, {16, 16, 16, 10, 10, 10}}
	var got []counts
	for _, s := range o.Steps() {
		got = append(got, counts{
			s.Put.Count(), s.PutFromDue.Count(), s.Lateness.Count(), s.FromDue.Count(), s.FromSent.Count(), s.FromArrive.Count(),
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, want := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond} {
		if got := o.Steps()[i].FromDue.Quantile(0.5); got < want-time.Millisecond || got > want+time.Millisecond {
			t.Errorf("step %d: median latency %v, want %v", i, got, want)
		}
	}
}

// Another run may use the same stream and function: its records are in the
// lines and are not ours.
func TestLinesOfOtherRunsAreIgnored(t *testing.T) {
	r := run()
	r.RunToken = 8
	o := New(r)
	o.AddFrame(offer(1, 20, 0, 0, 20))
	o.AddLine(ledgerLine(t, 0, 20, start.Add(time.Second), time.Millisecond)) // of run 7
	if l := o.Live(); l.Processed != 0 || l.HasE2E {
		t.Errorf("live %+v", l)
	}
	if n := o.Steps()[0].FromDue.Count(); n != 0 || o.Book().Unsettled() != 20 {
		t.Errorf("%d latencies of another run's records, %d unsettled", n, o.Book().Unsettled())
	}
	if !o.Probe() {
		t.Error("the function has a probe, whoever's records it processed")
	}
}

// A failed invocation processed nothing.
func TestFailedInvocationsProcessNothing(t *testing.T) {
	o := New(run())
	o.AddFrame(offer(1, 20, 0, 0, 20))
	l, err := line.Parse([]byte(ledgerLine(t, 0, 20, start.Add(time.Second), time.Millisecond)))
	if err != nil {
		t.Fatal(err)
	}
	l.OK = false
	o.AddLine(string(l.Append(nil)))
	if live := o.Live(); live.Processed != 0 || live.HasE2E {
		t.Errorf("live %+v", live)
	}
	if a := o.Book().Close(ledger.Closing{}); a.Attempted != 20 || a.Processed != 0 {
		t.Errorf("account %+v", a.Account)
	}
}

// Records without a token are known by their place in the stream.
func TestForeignRecords(t *testing.T) {
	o := New(run())
	const shard = "shardId-000000000000"
	f := offer(1, 3, 0, 0, 3)
	for i := range uint64(3) {
		f.Foreign = append(f.Foreign, frame.Foreign{Seq: i, ID: line.StreamID(shard, sequence(i)), StreamSeq: sequence(i)})
	}
	o.AddFrame(f)
	var records []line.Record
	for i := range uint64(2) {
		records = append(records, line.Record{
			Shard: shard, SequenceNumber: sequence(i), Arrival: start, Data: []byte("not ours to mark"),
		})
	}
	end := start.Add(250 * time.Millisecond)
	l := line.Account(records, end, line.Options{})
	l.RequestID, l.Function, l.Stream, l.OK, l.Start, l.End = "r", "f", "s", true, start, end
	o.AddLine(string(l.Append(nil)))

	if o.Foreign() != 3 {
		t.Errorf("%d records without token, want 3", o.Foreign())
	}
	if live := o.Live(); live.Processed != 2 || live.AcceptedN != 3 {
		t.Errorf("processed %d of %d, want 2 of 3", live.Processed, live.AcceptedN)
	}
	points := o.Flush(start.Add(time.Minute))
	if got := points[0].V; got[metrics.Processed] != 2 || got[metrics.ArriveP99] < 249 || got[metrics.ArriveP99] > 251 {
		t.Errorf("point %v: want 2 processed, 250 ms from arrival", got)
	}
}

func TestLive(t *testing.T) {
	o := New(run())
	if l := o.Live(); l != (Live{}) {
		t.Errorf("before anything happened: %+v", l)
	}
	f := offer(1, 12, 0, 0, 9)
	f.Steps[0].Rejected = map[string]int64{throughputExceeded: 2, "InternalFailure": 1}
	f.Steps[0].NotSent = 4
	o.AddFrame(f)
	o.AddLine(ledgerLine(t, 0, 5, start.Add(time.Second), 400*time.Millisecond))
	o.AddVended([]record.Point{{T: start.Unix(), V: map[string]float64{metrics.IteratorAge: 120}}})
	l := o.Live()
	if l.Offered != 12 || l.Accepted != 9 || l.Rejected != 3 || l.Throttled != 2 || l.NotSent != 4 || l.Processed != 5 || l.AcceptedN != 9 {
		t.Errorf("counts %+v", l)
	}
	if !l.HasE2E || l.E2EP50.Round(10*time.Millisecond) != 400*time.Millisecond || l.PutP99.Round(time.Millisecond) != 10*time.Millisecond {
		t.Errorf("latencies %+v", l)
	}
	if !l.HasIteratorAge || l.IteratorAge != 120 {
		t.Errorf("iterator age %+v", l)
	}

	// An interval of two seconds: 8 offered and 6 accepted are 4 and 3 a second.
	// The latencies shown stay those last seen.
	o.AddFrame(offer(3, 20, 0, 9, 15))
	if l := o.Live(); l.Offered != 4 || l.Accepted != 3 || l.AcceptedN != 15 || l.E2EP50.Round(10*time.Millisecond) != 400*time.Millisecond {
		t.Errorf("after a frame of two seconds: %+v", l)
	}
	last := offer(3.1, 20, 0, 15, 16)
	last.Final = true
	o.AddFrame(last)
	if l := o.Live(); l.Offered != 0 || l.Accepted != 0 || l.AcceptedN != 16 || !o.Finished() {
		t.Errorf("after the load: %+v", l)
	}
}

// A load of 2.2 s: what the last frame reports lies in the third second, and
// would be a peak in the second, which had its 10 records.
func TestLastFrameIsShort(t *testing.T) {
	o := New(run())
	o.AddFrame(offer(1, 10, 0, 0, 10))
	o.AddFrame(offer(2, 20, 0, 10, 20))
	last := offer(2.2, 22, 1, 20, 22)
	last.Final = true
	o.AddFrame(last)
	var got []float64
	for _, p := range o.Flush(start.Add(5 * time.Second)) {
		if p.V[metrics.Offered] > 0 {
			got = append(got, p.V[metrics.Offered], p.V[metrics.Accepted])
		}
	}
	if diff := cmp.Diff([]float64{10, 10, 10, 10, 2, 2}, got); diff != "" {
		t.Error(diff)
	}
}

// The generator's frames and the function's lines may come when their second
// was given out: nothing is lost, and no second comes twice, for a reader would
// take the second point for a correction of the first.
func TestWhatComesLateCountsInTheNextSecond(t *testing.T) {
	o := New(run())
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	var points []record.Point
	o.AddFrame(offer(1, 10, 0, 0, 10))                               // second 0
	o.AddLine(ledgerLine(t, 0, 4, at(0.5), 100*time.Millisecond))    // second 0
	points = append(points, o.Flush(at(1))...)                       // second 0 is out
	o.AddLine(ledgerLine(t, 4, 10, at(0.9), 200*time.Millisecond))   // late for 0
	o.AddFrame(offer(2, 20, 0, 10, 20))                              // second 1
	points = append(points, o.Flush(at(3))...)                       // seconds 1 and 2 are out
	o.AddFrame(offer(3, 40, 1, 20, 30))                              // late for 2
	o.AddLine(ledgerLine(t, 10, 30, at(3.2), 1200*time.Millisecond)) // second 3
	points = append(points, o.Flush(at(2))...)                       // a clock set back opens nothing
	points = append(points, o.Flush(at(10))...)

	type figures struct {
		T                                     int64
		Offered, Accepted, Processed, Backlog float64
	}
	var got []figures
	for _, p := range points {
		got = append(got, figures{p.T - start.Unix(), p.V[metrics.Offered], p.V[metrics.Accepted], p.V[metrics.Processed], p.V[metrics.Backlog]})
	}
	want := []figures{
		{0, 10, 10, 4, 6},  // 10 - 4
		{1, 10, 10, 6, 10}, // 20 - 10
		{3, 20, 10, 20, 0}, // 30 - 30
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if late := points[1].V[metrics.E2EMax]; late < 199 || late > 201 {
		t.Errorf("latency of the late line is %g ms, want 200", late)
	}
}

// A backlog is of this run's records, each once: a batch delivered twice and
// records that others put into the stream do not make it smaller.
func TestBacklogIsOfTheRunsOwnRecords(t *testing.T) {
	o := New(run())
	o.AddFrame(offer(1, 10, 0, 0, 10))
	o.AddLine(ledgerLine(t, 0, 4, start.Add(500*time.Millisecond), 100*time.Millisecond))
	o.AddLine(ledgerLine(t, 0, 4, start.Add(600*time.Millisecond), 200*time.Millisecond)) // again
	l := line.Account([]line.Record{{Shard: "shardId-000000000000", SequenceNumber: sequence(50), Data: []byte("somebody's")}}, start, line.Options{})
	l.RequestID, l.OK, l.Start, l.End = "other", true, start, start.Add(700*time.Millisecond)
	o.AddLine(string(l.Append(nil)))

	v := o.Flush(start.Add(time.Second))[0].V
	if v[metrics.Processed] != 4 || v[metrics.Backlog] != 6 { // 10 accepted - 4
		t.Errorf("processed %g, backlog %g", v[metrics.Processed], v[metrics.Backlog])
	}
	if v[metrics.BatchMean] != 3 { // 4, 4 and 1 in three invocations
		t.Errorf("a batch of %g", v[metrics.BatchMean])
	}
}

// Invocations, the host and the generator's health are on the same axis.
func TestHealthAndInvocations(t *testing.T) {
	o := New(run())
	for i, cpu := range []time.Duration{time.Second, 1500 * time.Millisecond} {
		f := offer(float64(i+1), 0, 0, 0, 0)
		f.InFlight = 3
		f.Health = frame.Health{RSSBytes: 1000, HeapBytes: 500, CPU: cpu, GCPause: 2 * time.Millisecond, Goroutines: 9, Sockets: 4}
		f.K6 = map[string]frame.Sample{"iterations": {Sum: 5}, "dropped_iterations": {Sum: 2}, "vus": {Last: 4}}
		f.Exceptions = 1
		o.AddFrame(f)
	}
	o.AddHost(start.Add(time.Second), 2000, 0.25)
	o.AddInvocation(start.Add(time.Second), Invocation{Init: 40 * time.Millisecond, MaxMemoryMB: 60})
	o.AddInvocation(start.Add(time.Second), Invocation{Init: 50 * time.Millisecond, MaxMemoryMB: 50})
	o.AddInvocation(start.Add(time.Second), Invocation{MaxMemoryMB: 55})
	points := o.Flush(start.Add(time.Minute))
	if len(points) != 2 {
		t.Fatalf("points %+v", points)
	}
	want := map[string]float64{
		metrics.InFlightCalls: 3, metrics.ChildRSS: 1000, metrics.ChildHeap: 500, metrics.ChildGCms: 2, metrics.Goroutines: 9, metrics.Sockets: 4,
		metrics.ChildCPU:     0.5, // half a second of CPU in a second
		metrics.K6Iterations: 5, metrics.K6Dropped: 2, metrics.K6VUs: 4,
		metrics.ParentRSS: 2000, metrics.ParentCPU: 0.25,
		metrics.ColdStarts: 2, metrics.InitMax: 50, metrics.MaxMemoryUsed: 60,
	}
	for name, v := range want {
		if got := points[1].V[name]; got != v {
			t.Errorf("%s = %g, want %g", name, got, v)
		}
	}
	if _, ok := points[0].V[metrics.ChildCPU]; ok {
		t.Error("the first frame tells no CPU use: nothing to take the difference from")
	}
	if o.Exceptions() != 2 {
		t.Errorf("%d exceptions, want 2", o.Exceptions())
	}
}

// A value read again after it went into the sum of settled points must not
// count twice.
func TestSettledPointsCountOnce(t *testing.T) {
	o := New(run())
	old := []record.Point{{T: start.Unix(), V: map[string]float64{metrics.Polled: 3}}}
	o.AddVended(old)
	o.VendedRead(start.Add(VendedMemory + 2*time.Second))
	o.Flush(start.Add(VendedMemory + 2*time.Second))
	o.AddVended(old)
	if points := o.Flush(start.Add(VendedMemory + 3*time.Second)); len(points) != 0 {
		t.Errorf("given out again: %+v", points)
	}
	if got, ok := o.Sum(metrics.Polled); !ok || got != 3 {
		t.Errorf("sum = %g, %v; want 3", got, ok)
	}
}

// An outage of CloudWatch settles nothing: what it had to tell is taken when it
// answers again, an hour later, and settled then.
func TestOutageSettlesNothing(t *testing.T) {
	o := New(run())
	point := func(second int64, n float64) []record.Point {
		return []record.Point{{T: start.Unix() + second, V: map[string]float64{metrics.Polled: n}}}
	}
	o.AddVended(point(0, 60))
	o.VendedRead(start.Add(time.Minute))
	o.Flush(start.Add(time.Hour))
	o.AddVended(point(0, 100)) // it was told in part
	o.AddVended(point(60, 7))
	points := o.Flush(start.Add(time.Hour))
	if diff := cmp.Diff(append(point(0, 100), point(60, 7)...), points); diff != "" {
		t.Errorf("after the outage (-want +got):\n%s", diff)
	}
	o.VendedRead(start.Add(time.Hour))
	o.Flush(start.Add(time.Hour))
	if got, _ := o.Sum(metrics.Polled); got != 107 || len(o.vended) != 0 || !o.Settled().Equal(start.Add(50*time.Minute)) {
		t.Errorf("sum %g of 107, %d points open, settled up to %v", got, len(o.vended), o.Settled())
	}
}

// A run twice as long as what is remembered leaves behind no more than that.
func TestMemoryIsBounded(t *testing.T) {
	o := New(run())
	seconds := int64(2 * VendedMemory / time.Second)
	for s := range seconds {
		now := start.Add(time.Duration(s) * time.Second)
		o.AddFrame(frame.Frame{T: now, Started: start, OfferedTo: 1})
		o.AddVended([]record.Point{{T: now.Unix(), V: map[string]float64{metrics.Polled: 2}}})
		o.VendedRead(now)
		o.AddLine(`{"weir":{"v":"` + line.Marker + `",`)
		o.Flush(now.Add(-3 * time.Second))
	}
	if got, ok := o.Sum(metrics.Polled); !ok || got != float64(2*seconds) {
		t.Errorf("sum = %g, want %d", got, 2*seconds)
	}
	if n, _ := o.BadLines(); n != int(seconds) {
		t.Errorf("%d bad lines, want %d", n, seconds)
	}
	if len(o.seconds) > 5 || len(o.vended) > int(VendedMemory/time.Second)+5 || len(o.dirty) != 0 {
		t.Errorf("kept: %d seconds, %d vended points, %d of them not given out", len(o.seconds), len(o.vended), len(o.dirty))
	}
}

// CloudWatch counted ten invocations, two of them errors; seven lines tell of
// eight good ones. Those before the run's first whole period count on neither
// side, and a line that comes again is no other.
func TestUnlogged(t *testing.T) {
	r := run()
	r.Started = start.Add(300 * time.Millisecond) // whole from second 1 on
	o := New(r)
	vended := func(second int64, invocations, errors float64) {
		o.AddVended([]record.Point{{T: start.Unix() + second, V: map[string]float64{metrics.Invocations: invocations, metrics.Errors: errors}}})
	}
	vended(0, 50, 0)
	vended(1, 4, 2)
	vended(2, 6, 0)
	for i := range uint64(7) {
		line := ledgerLine(t, i, i+1, start.Add(2*time.Second), 10*time.Millisecond)
		o.AddLine(line)
		o.AddLine(line)
	}
	if n := o.Unlogged(); n != 1 { // 10 - 2 - 7
		t.Errorf("%d unlogged, want 1", n)
	}
	o.Flush(start.Add(time.Hour)) // the points are settled, and count on
	if n := o.Unlogged(); n != 1 {
		t.Errorf("%d unlogged later, want 1", n)
	}
	o.AddLine(ledgerLine(t, 7, 8, start.Add(2*time.Second), 10*time.Millisecond))
	if n := o.Unlogged(); n != 0 {
		t.Errorf("%d unlogged, want none", n)
	}
	if _, _, processed := o.Book().Totals(); processed != 8 {
		t.Errorf("%d processed, want 8", processed)
	}
}

// A REPORT line that comes again counts once.
func TestReportsCountOnce(t *testing.T) {
	o := New(run())
	cold := Invocation{RequestID: "a", Duration: 20 * time.Millisecond, Billed: 220 * time.Millisecond, Init: 200 * time.Millisecond, MaxMemoryMB: 40}
	failed := Invocation{RequestID: "b", Duration: time.Second, Billed: time.Second, Failed: true, MaxMemoryMB: 50}
	for _, inv := range []Invocation{cold, failed, cold} {
		o.AddInvocation(start, inv)
	}
	got := o.Reports()
	if got.Lines != 2 || got.Failed != 1 || got.ColdStarts != 1 || got.Billed != 1220*time.Millisecond || got.MaxMemoryMB != 50 ||
		got.Duration.Count() != 2 || got.Init.Count() != 1 {
		t.Errorf("%+v", got)
	}
	if points := o.Flush(start.Add(time.Minute)); points[0].V[metrics.ColdStarts] != 1 {
		t.Errorf("points %+v, want one cold start", points)
	}
}
