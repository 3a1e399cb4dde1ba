package lambda

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMappingKeepsItsPromises runs mappings over random streams with random
// failures, and checks at every step: each lane gets its records in order and
// one batch at a time, the checkpoint never passes an unfinished record, a
// batch keeps to its limits and to its tumbling window, also when the mapping is
// drained and goes on with other options; and at the end: every record was
// processed or discarded exactly once.
func TestMappingKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for !w.finished() {
			w.step()
		}
		if got := w.m.Checkpoint(0); got != w.end {
			t.Fatalf("checkpoint %d after all %d records were done", got, w.end)
		}
		e := w.m.Events()
		if e.Polled != int(w.end) || e.Dropped != w.dropped || e.Delivered != w.delivered || e.FilteredOut != w.filtered {
			t.Fatalf("events %+v, want polled %d dropped %d delivered %d filtered %d", e, w.end, w.dropped, w.delivered, w.filtered)
		}
	})
}

// world is a one-shard stream of single records and a function that fails at random.
type world struct {
	t         *rapid.T
	opt       MappingOptions
	m         *Mapping
	alone     bool // its one shard is stepped by itself
	now       time.Duration
	end       uint64
	hash      []uint32
	done      []bool
	window    time.Duration // start of the last one
	dropped   int
	delivered int
	filtered  int
	reads     []ReadShard
	flights   []Invoke
	busy      map[int]bool
	draining  bool
}

func newWorld(t *rapid.T) *world {
	w := &world{t: t, now: traceStart, busy: map[int]bool{}}
	w.opt = MappingOptions{
		BatchSize:       rapid.IntRange(1, 7).Draw(t, "batch"),
		Window:          time.Duration(rapid.IntRange(0, 2).Draw(t, "window")) * time.Second,
		Parallelization: rapid.IntRange(1, 4).Draw(t, "lanes"),
		RetryAttempts:   rapid.IntRange(-1, 2).Draw(t, "retries"),
		Bisect:          rapid.Bool().Draw(t, "bisect"),
		OnFailure:       rapid.Bool().Draw(t, "destination"),
		PollInterval:    time.Second, ErrorBackoff: time.Second, ThrottleBackoff: time.Second,
	}
	if w.opt.Parallelization == 1 && rapid.Bool().Draw(t, "windows") {
		w.opt.Tumbling = time.Duration(rapid.IntRange(1, 3).Draw(t, "tumbling")) * time.Second
	}
	w.hash = rapid.SliceOfN(rapid.Uint32Range(0, 9), 1, 60).Draw(t, "keys")
	w.end = uint64(len(w.hash))
	w.done = make([]bool, w.end)
	w.m = NewMapping(w.opt, []ShardStart{{ID: "shard"}}, w.now)
	w.alone = rapid.Bool().Draw(t, "alone")
	return w
}

func (w *world) finished() bool {
	for _, done := range w.done {
		if !done {
			return false
		}
	}
	return w.m.Idle()
}

// step carries out one random thing under way, or lets time pass.
func (w *world) step() {
	var a Actions
	if w.alone {
		a = w.m.StepShard(w.now, 0)
	} else {
		a = w.m.Step(w.now)
	}
	w.reads = append(w.reads, a.Reads...)
	for _, d := range a.Discards {
		w.giveUp(d)
	}
	for _, i := range a.Invokes {
		w.check(i)
		w.flights = append(w.flights, i)
	}
	w.checkCheckpoint()
	if !w.draining && rapid.IntRange(0, 19).Draw(w.t, "drain") == 0 {
		w.draining = true
		w.m.Drain()
	}
	under := len(w.reads) + len(w.flights)
	if under == 0 && w.draining {
		w.resume()
		return
	}
	if under == 0 {
		if a.Next == Never {
			if !w.finished() {
				w.t.Fatalf("the mapping waits for nothing with records left")
			}
			return
		}
		w.now = a.Next
		return
	}
	w.now += 10 * time.Millisecond
	if n := rapid.IntRange(0, under-1).Draw(w.t, "next"); n < len(w.reads) {
		w.read()
	} else {
		w.endInvocation(n - len(w.reads))
	}
}

// resume goes on with other options; tumbling windows keep to one lane.
func (w *world) resume() {
	w.draining = false
	w.opt.BatchSize = rapid.IntRange(1, 7).Draw(w.t, "batch")
	if w.opt.Tumbling == 0 {
		w.opt.Parallelization = rapid.IntRange(1, 4).Draw(w.t, "lanes")
	}
	w.m.Resume(w.now, w.opt)
}

// giveUp ends the delivery of a discard at once, one way or the other.
func (w *world) giveUp(d Discard) {
	n := w.finish(d.Batch)
	if !d.Deliver {
		w.dropped += n
		return
	}
	ok := rapid.Bool().Draw(w.t, "delivered")
	w.m.Delivered(d, ok)
	if ok {
		w.delivered += n
	} else {
		w.dropped += n
	}
}

func (w *world) read() {
	r := w.reads[0]
	w.reads = w.reads[:0]
	n := min(uint64(rapid.IntRange(0, 20).Draw(w.t, "read")), w.end-r.From)
	result := ReadResult{Next: r.From + n, MillisBehind: int64(w.end - r.From - n), Throttled: rapid.IntRange(0, 9).Draw(w.t, "limit") == 0}
	if !result.Throttled {
		for p := r.From; p < result.Next; p++ {
			if w.hash[p] == 9 {
				w.filtered++
				result.Filtered++
				w.done[p] = true
				continue
			}
			result.Groups = append(result.Groups, Group{Count: 1, Bytes: 100, LaneHash: w.hash[p], First: p, Last: p, FirstArrival: w.now, LastArrival: w.now})
		}
	}
	w.m.AddRead(w.now, r.Shard, result)
}

// endInvocation ends the i-th invocation under way.
func (w *world) endInvocation(i int) {
	flight := w.flights[i]
	w.flights = append(w.flights[:i], w.flights[i+1:]...)
	w.busy[flight.Lane] = false
	o := Outcome{Result: rapid.SampledFrom([]Result{Succeeded, Succeeded, Failed, Throttled, PartialFailed}).Draw(w.t, "result")}
	switch o.Result {
	case Succeeded:
		w.finish(flight.Batch)
	case PartialFailed:
		if len(flight.Batch) == 0 { // the end of a window has nothing to name
			o.Result = Failed
			break
		}
		at := rapid.IntRange(0, len(flight.Batch)-1).Draw(w.t, "at")
		o.From = flight.Batch[at].First
		w.finish(flight.Batch[:at])
	case Failed, Throttled:
	}
	w.m.Finish(w.now, flight, o)
}

func (w *world) finish(groups []Group) int {
	for _, g := range groups {
		if w.done[g.First] {
			w.t.Fatalf("record %d done twice", g.First)
		}
		w.done[g.First] = true
	}
	return len(groups)
}

// check holds an invocation against the lane's order and limits: it starts with
// the lane's first record that isn't done, and leaves none out.
func (w *world) check(i Invoke) {
	if w.busy[i.Lane] {
		w.t.Fatalf("lane %d has two batches in flight", i.Lane)
	}
	w.busy[i.Lane] = true
	if len(i.Batch) > w.opt.BatchSize {
		w.t.Fatalf("batch of %d records", len(i.Batch))
	}
	w.checkWindow(i)
	next := 0
	for p, done := range w.done {
		if done || int(w.hash[p])%w.opt.Parallelization != i.Lane || next == len(i.Batch) {
			continue
		}
		if i.Batch[next].First != uint64(p) {
			w.t.Fatalf("lane %d delivers record %d before %d", i.Lane, i.Batch[next].First, p)
		}
		next++
	}
}

// checkWindow: the records of a batch arrived in its tumbling window, the final
// invocation has none, and no window comes back once a later one began.
func (w *world) checkWindow(i Invoke) {
	if (i.Window != nil) != (w.opt.Tumbling > 0) {
		w.t.Fatalf("window %+v", i.Window)
	}
	if i.Window == nil {
		return
	}
	if i.Window.Start < w.window || i.Window.Final != (len(i.Batch) == 0) {
		w.t.Fatalf("window %+v of %d records, after %v", i.Window, len(i.Batch), w.window)
	}
	w.window = i.Window.Start
	for _, g := range i.Batch {
		if g.FirstArrival < i.Window.Start || g.FirstArrival >= i.Window.End {
			w.t.Fatalf("record of %v in window %+v", g.FirstArrival, i.Window)
		}
	}
}

func (w *world) checkCheckpoint() {
	at := w.m.Checkpoint(0)
	for p := range at {
		if !w.done[p] {
			w.t.Fatalf("checkpoint %d passes record %d", at, p)
		}
	}
}

func TestSplitKeepsCountsBytesAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 1000).Draw(t, "count")
		g := Group{Count: n, Bytes: rapid.IntRange(n, 1<<22).Draw(t, "bytes"), First: 7, Last: 7 + uint64(n-1)*rapid.Uint64Range(1, 9).Draw(t, "stride")}
		g.FirstArrival, g.LastArrival = traceStart, traceStart+time.Second
		k := rapid.IntRange(1, n-1).Draw(t, "at")
		a, b := g.split(k)
		if a.Count != k || a.Count+b.Count != n || a.Bytes+b.Bytes != g.Bytes {
			t.Fatalf("split %d of %+v: %+v %+v", k, g, a, b)
		}
		if a.First != g.First || b.Last != g.Last || a.Last != b.First-1 || a.Last < a.First+uint64(k)-1 || b.Last < b.First+uint64(n-k)-1 {
			t.Fatalf("positions: %+v %+v", a, b)
		}
		if a.LastArrival > b.FirstArrival {
			t.Fatalf("arrivals: %+v %+v", a, b)
		}
		head, tail := splitAt([]Group{g}, b.First)
		if count(head) != k || count(tail) != n-k {
			t.Fatalf("splitAt %d gives %d and %d, want %d", b.First, count(head), count(tail), k)
		}
	})
}
