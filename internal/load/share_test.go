package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/producer"
	"weir/probe/line"
)

// sequenceOf is n equal segments as k6-operator writes them.
func sequenceOf(n int) (segments []string, sequence string) {
	points := []string{"0"}
	for i := 1; i < n; i++ {
		points = append(points, fmt.Sprintf("%d/%d", i, n))
	}
	points = append(points, "1")
	for i := range n {
		segments = append(segments, points[i]+":"+points[i+1])
	}
	return segments, strings.Join(points, ",")
}

// Every turn of a schedule is one process's, whatever the segments, and each
// process has as many iterations from k6 as it has turns and calls.
func TestSharesCoverTheSchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segments, sequence := sequenceOf(rapid.IntRange(1, 9).Draw(t, "runners"))
		if rapid.Bool().Draw(t, "uneven") {
			segments, sequence = []string{"0:1/6", "1/6:1/2", "1/2:1"}, "0,1/6,1/2,1"
		}
		rate := rapid.SampledFrom([]float64{1, 37, 100, 2500, 7000}).Draw(t, "rate")
		steps := plan.StepsAt([]float64{rate, rate / 2, 3}, time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms"))*time.Millisecond)
		put := plan.DefaultPut
		put.MaxRecords = rapid.SampledFrom([]int{1, 7, 500}).Draw(t, "records a call")
		pacer := NewPacer(steps, put, 500)

		taken := make([]int, pacer.Turns())
		var calls uint64
		for i, segment := range segments {
			s, err := newShare(segment, sequence)
			if err != nil {
				t.Fatal(err)
			}
			if s.number() != i {
				t.Fatalf("segment %s has number %d", segment, s.number())
			}
			var own uint64
			for n := range s.of(pacer.Turns()) {
				turn := s.turn(n)
				if !s.takes(turn) {
					t.Fatalf("turn %d is taken by %s and not its own", turn, segment)
				}
				taken[turn]++
				from, to := pacer.Turn(turn)
				own += to - from
			}
			if got := pacer.CallsOf(s); got != own {
				t.Fatalf("segment %s: %d calls, want %d", segment, got, own)
			}
			calls += own
		}
		for turn, n := range taken {
			if n != 1 {
				t.Fatalf("turn %d of %d is taken %d times", turn, len(taken), n)
			}
		}
		if calls != pacer.Calls() {
			t.Fatalf("%d calls in all segments, the schedule has %d", calls, pacer.Calls())
		}
	})
}

// Three processes on one clock settle every slot once, each due as on a single
// machine.
func TestSharesCarryOutTheWholeTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := hundred()
		spec.Start = time.Now().Add(2 * time.Second)
		segments, sequence := sequenceOf(3)
		settled := map[uint64]int{}
		for i, segment := range segments {
			if i > 0 { // the others were there in time, on their own machines
				spec.Start = time.Now().Add(2 * time.Second)
			}
			part, err := newShare(segment, sequence)
			if err != nil {
				t.Fatal(err)
			}
			packer, err := newPacker(spec.Test.Payload, spec.Test.Keys, spec.Test.Seed)
			if err != nil {
				t.Fatal(err)
			}
			g := generatorWith(spec, part, packer, new(tally), func(_ context.Context, records []producer.Record, r *producer.Result) {
				answer(r, len(records), 5*time.Millisecond, ok)
			})
			iterate(t.Context(), g)
			if !g.finished() {
				t.Errorf("segment %s has not finished", segment)
			}
			g.finish(time.Now())
			if got := g.started; !got.Equal(spec.Start) {
				t.Errorf("segment %s started at %v, want %v", segment, got, spec.Start)
			}
			steps, _ := g.tally.take()
			if s := steps[0]; s.Accepted < 166 || s.Accepted > 167 || s.Lateness.Max() > time.Millisecond {
				t.Errorf("segment %s: %d accepted of 500/3, at most %v late", segment, s.Accepted, s.Lateness.Max())
			}
			for _, r := range steps[0].Fates {
				for slot := range (line.Range{From: r.From, To: r.To}).To - r.From {
					settled[r.From+slot]++
				}
				if r.Fate != ledger.Accepted {
					t.Errorf("fate %v", r)
				}
			}
		}
		for slot := range uint64(500) {
			if settled[slot] != 1 {
				t.Errorf("slot %d settled %d times", slot, settled[slot])
			}
		}
	})
}

// A process that comes late to a common start has not sent what was due before.
func TestLateToTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := hundred()
		spec.Start = time.Now().Add(-2 * time.Second)
		g := newTestGenerator(t, spec, func(_ context.Context, records []producer.Record, r *producer.Result) {
			answer(r, len(records), 5*time.Millisecond, ok)
		})
		iterate(t.Context(), g)
		g.finish(time.Now())
		steps, _ := g.tally.take()
		// Due up to 1 s after the start, and more than MaxLate of 1 s ago: 100.
		if s := steps[0]; s.NotSent != 100 || s.Accepted != 400 {
			t.Errorf("%d not sent, %d accepted, want 100 and 400", s.NotSent, s.Accepted)
		}
	})
}

func TestSegmentOf(t *testing.T) {
	env := func(name string) string { return map[string]string{"K6_EXECUTION_SEGMENT": "0:1/8"}[name] }
	none := func(string) string { return "" }
	for _, tt := range []struct {
		args     string
		env      lookup
		segment  string
		sequence string
	}{
		{"k6 run x.js", none, "", ""},
		{"k6 run --execution-segment=0:1/2 --execution-segment-sequence=0,1/2,1 x.js", none, "0:1/2", "0,1/2,1"},
		{"k6 run --execution-segment 1/2:1 x.js", none, "1/2:1", ""},
		{"k6 run x.js", env, "0:1/8", ""},
		{"k6 run --execution-segment 1/2:1 x.js", env, "1/2:1", ""}, // flags win over the environment
	} {
		segment, sequence := segmentOf(strings.Fields(tt.args), tt.env)
		if segment != tt.segment || sequence != tt.sequence {
			t.Errorf("%s: %q of %q", tt.args, segment, sequence)
		}
	}
}

func TestBadSegments(t *testing.T) {
	for _, tt := range [][2]string{{"", "0,1/2,1"}, {"1/3:1/2", "0,1/2,1"}, {"2:3", ""}, {"0:1/2", "0,x,1"}} {
		if _, err := newShare(tt[0], tt[1]); err == nil {
			t.Errorf("segment %q of %q was taken", tt[0], tt[1])
		}
	}
	whole, _ := newShare("", "")
	half, err := newShare("0:1/2", "0,1/2,1")
	if err != nil {
		t.Fatal(err)
	}
	if err := half.agrees(half.segment); err != nil {
		t.Error(err)
	}
	if half.agrees(nil) == nil || whole.agrees(half.segment) == nil || whole.agrees(nil) != nil {
		t.Error("a schedule made for another segment than k6's was taken, or one made for it refused")
	}
}
