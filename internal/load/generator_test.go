package load

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/plan"
	"weir/internal/producer"
	"weir/probe/line"
	"weir/probe/token"
)

// hundred is a test of 100 records/s for five seconds, one record a call: slot
// i is due at (i+1)/100 s.
func hundred() Spec {
	return Spec{Run: 7, Producer: 3, Test: plan.Test{
		Name:    "hundred",
		Steps:   []plan.Step{{Rate: 100, Duration: 5 * time.Second}},
		Payload: plan.Payload{Bytes: 100},
		Keys:    plan.Keys{Pool: 10},
		Put: plan.Put{
			MaxRecords: 10, Linger: 10 * time.Millisecond, MaxInFlight: 100,
			Timeout: 10 * time.Second, MaxLate: time.Second,
		},
	}}
}

// answer makes a result after a delay.
func answer(r *producer.Result, n int, delay time.Duration, o producer.Outcome) {
	r.Started = time.Now()
	time.Sleep(delay)
	r.Duration = time.Since(r.Started)
	o.Tries = 1
	r.Records = slices.Repeat([]producer.Outcome{o}, n)
	r.Calls = []producer.Call{{Duration: r.Duration, Records: n}}
}

var ok = producer.Outcome{Fate: producer.Accepted, ShardID: []byte("shardId-0"), SequenceNumber: []byte("42")}

// iterate runs next as k6's VUs would, until the calls are used up or ctx ends.
func iterate(ctx context.Context, g *generator) {
	var vus sync.WaitGroup
	for range scheduleVUs {
		vus.Go(func() {
			for g.taken.Load() < g.turns && ctx.Err() == nil {
				g.next(ctx)
			}
		})
	}
	vus.Wait()
}

func newTestGenerator(t *testing.T, spec Spec, put func(context.Context, []producer.Record, *producer.Result)) *generator {
	t.Helper()
	packer, err := newPacker(spec.Test.Payload, spec.Test.Keys, spec.Test.Seed)
	if err != nil {
		t.Fatal(err)
	}
	return generatorWith(spec, nil, packer, new(tally), put)
}

func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		// The endpoint answers nothing from 0.995 s to 4.005 s, then all at once.
		stallFrom, stallTo := start.Add(995*time.Millisecond), start.Add(4005*time.Millisecond)
		g := newTestGenerator(t, hundred(), func(_ context.Context, records []producer.Record, r *producer.Result) {
			var delay time.Duration
			if now := time.Now(); now.After(stallFrom) && now.Before(stallTo) {
				delay = stallTo.Sub(now)
			}
			answer(r, len(records), delay, ok)
		})
		iterate(t.Context(), g)
		g.finish(time.Now())
		steps, _ := g.tally.take()

		// The 100 places go to the calls due at 1.00 … 1.99 s. A call due at d
		// waits until d + 1 s: those due at 2.00 … 3.00 s give up before 4.005,
		// that is 101 calls, slots 199 to 299. The one due at 3.01 is sent.
		want := []frame.FateRange{
			{Fate: ledger.Accepted, From: 0, To: 199},
			{Fate: ledger.NotSent, From: 199, To: 300},
			{Fate: ledger.Accepted, From: 300, To: 500},
		}
		if diff := cmp.Diff(want, steps[0].Fates); diff != "" {
			t.Errorf("fates (-want +got):\n%s", diff)
		}
		if s := steps[0]; s.Accepted != 399 || s.NotSent != 101 || s.Calls != 399 || s.Bytes != 39900 {
			t.Errorf("%d accepted, %d not sent, %d calls, %d bytes", s.Accepted, s.NotSent, s.Calls, s.Bytes)
		}
		// Due at 1.00 s, answered at 4.005: the whole stall shows, although no
		// call was under way for longer than from its own start.
		if got := steps[0].PutFromDue.Max().Round(10 * time.Millisecond); got != 3010*time.Millisecond {
			t.Errorf("longest from due to the answer %v, want 3.005s", got)
		}
		// The first to get a place again was due at 3.01 s and started at 4.005.
		// The judge takes a generator for the bottleneck by these.
		late := steps[0].Lateness
		if got := late.Max().Round(5 * time.Millisecond); got != 995*time.Millisecond || late.Count() != 399 {
			t.Errorf("latest call %v late, want 995ms; %d calls, want 399", got, late.Count())
		}
		if _, offered := g.offered(time.Now()); offered != 500 {
			t.Errorf("offered %d, want 500", offered)
		}
	})
}

func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2505*time.Millisecond)
		defer cancel()
		g := newTestGenerator(t, hundred(), func(_ context.Context, records []producer.Record, r *producer.Result) {
			answer(r, len(records), 50*time.Millisecond, ok)
		})
		iterate(ctx, g)
		time.Sleep(time.Minute) // what k6 takes to get to its outputs is not offered
		g.finish(time.Now())
		steps, _ := g.tally.take()
		// 250 records were due by 2.505 s; calls under way then were answered.
		if diff := cmp.Diff([]frame.FateRange{{Fate: ledger.Accepted, From: 0, To: 250}}, steps[0].Fates); diff != "" {
			t.Errorf("fates (-want +got):\n%s", diff)
		}
		if _, offered := g.offered(time.Now()); offered != 250 {
			t.Errorf("offered %d, want 250", offered)
		}
	})
}

// A rate that no place is left for: whole turns are dropped together, and every
// slot is still settled once. 20 000 calls/s make turns of ten calls.
func TestHopelessRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := hundred()
		spec.Test.Steps = []plan.Step{{Rate: 20000, Duration: 3 * time.Second}}
		spec.Test.Put.MaxRecords, spec.Test.Put.MaxInFlight = 1, 1
		g := newTestGenerator(t, spec, func(_ context.Context, records []producer.Record, r *producer.Result) {
			answer(r, len(records), 2500*time.Millisecond, ok)
		})
		if calls, turns := g.pacer.Calls(), g.pacer.Turns(); calls != 60000 || turns != 6000 {
			t.Fatalf("%d calls in %d turns, want 60 000 in 6 000", calls, turns)
		}
		iterate(t.Context(), g)
		g.finish(time.Now())
		steps, _ := g.tally.take()
		// Slot i is due at (i+1)/20000 s. The first is sent at 50 µs and keeps the
		// one place to 2.50005 s. The second, third and fourth iteration wait each
		// with a call of theirs from then on; whoever gets the place at 2.50005 s
		// has a call that was due after 1.50005 s: slot 30 001 or later. It keeps
		// the place to 5.00005 s, when even the last, due at 3 s, is too late.
		if s := steps[0]; s.Accepted != 2 || s.NotSent != 59998 {
			t.Errorf("%d accepted, %d not sent: want 2 and 59 998", s.Accepted, s.NotSent)
		}
		next := uint64(0)
		for _, f := range steps[0].Fates {
			if f.From != next {
				t.Fatalf("fates leave out slots %d to %d", next, f.From)
			}
			if f.Fate == ledger.Accepted && f.From != 0 && f.From < 30001 {
				t.Errorf("slot %d was sent more than a second late", f.From)
			}
			next = f.To
		}
		if next != 60000 || !g.finished() {
			t.Errorf("slots to %d settled, finished %v", next, g.finished())
		}
	})
}

// Interrupted while all places are taken: what was due and could not be sent
// is not sent, what was not due yet was never offered.
func TestInterruptedInStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1505*time.Millisecond)
		defer cancel()
		g := newTestGenerator(t, hundred(), func(_ context.Context, records []producer.Record, r *producer.Result) {
			answer(r, len(records), 10*time.Second, producer.Outcome{Fate: producer.Indeterminate, Cause: "Timeout"})
			r.Err = errors.New("timeout")
		})
		iterate(ctx, g)
		g.finish(time.Now())
		steps, _ := g.tally.take()
		// 100 calls fill the places by 1.00 s; 150 records were due by 1.505 s.
		want := []frame.FateRange{
			{Fate: ledger.Indeterminate, Cause: "Timeout", From: 0, To: 100},
			{Fate: ledger.NotSent, From: 100, To: 150},
		}
		if diff := cmp.Diff(want, steps[0].Fates); diff != "" {
			t.Errorf("fates (-want +got):\n%s", diff)
		}
	})
}

func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := hundred()
		spec.Test.Steps = []plan.Step{{Rate: 100, Duration: 20 * time.Millisecond}, {Rate: 200, Duration: 10 * time.Millisecond}}
		start := time.Now()
		var mu sync.Mutex
		got := map[uint64]token.Token{}
		g := newTestGenerator(t, spec, func(_ context.Context, records []producer.Record, r *producer.Result) {
			mu.Lock()
			defer mu.Unlock()
			for _, rec := range records {
				tok, _, found := token.Find(rec.Data)
				if !found || len(rec.Data) != 100 || rec.PartitionKey == "" {
					t.Errorf("record %q with key %q", rec.Data, rec.PartitionKey)
				}
				got[tok.Seq] = tok
			}
			answer(r, len(records), 0, ok)
		})
		iterate(t.Context(), g)
		g.finish(time.Now())
		// Slots 0, 1 at 10 and 20 ms; slots 2, 3 in one call of step 1, due at 25
		// and 30 ms and sent when the second is due.
		for seq, want := range []struct {
			step      uint8
			due, sent time.Duration
		}{{0, 10e6, 10e6}, {0, 20e6, 20e6}, {1, 25e6, 30e6}, {1, 30e6, 30e6}} {
			tok := got[uint64(seq)]
			if tok.Run != 7 || tok.Producer != 3 || tok.Step != want.step || tok.Due.Sub(start) != want.due || tok.Sent.Sub(start) != want.sent {
				t.Errorf("slot %d: %+v, want step %d due %v sent %v", seq, tok, want.step, want.due, want.sent)
			}
		}
	})
}

func TestMerge(t *testing.T) {
	got := merge([]line.Range{{From: 4, To: 6}, {From: 0, To: 2}, {From: 8, To: 9}, {From: 2, To: 4}})
	if diff := cmp.Diff([]line.Range{{From: 0, To: 6}, {From: 8, To: 9}}, got); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

// A call of 500 records of 500 B holds 500 × (1 250 + 350) = 800 000 bytes, of
// which 256 MiB take 335; one of 10 B records 500 × 375, which is 1 431.
func TestPlacesAreBoundedByMemory(t *testing.T) {
	for _, tt := range []struct{ limit, records, bytes, want int }{
		{2000, 500, 500, 335},
		{100, 500, 500, 100},
		{2000, 500, 10, 1431},
		{2000, 1, 500, 2000},
		{2000, 1, 10 << 20, 10},
		{2000, 500, 10 << 20, 1}, // at least one, whatever it takes
	} {
		if got := places(tt.limit, tt.records, tt.bytes); got != tt.want {
			t.Errorf("places(%d, %d, %d) = %d, want %d", tt.limit, tt.records, tt.bytes, got, tt.want)
		}
	}
}
