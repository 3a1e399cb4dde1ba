package cli

import (
	"testing"
	"time"

	"weir/internal/observe"
	"weir/internal/record"
)

// Each trace is what the drain sees second by second. It may last 60 s at most,
// and a healthy pipeline is silent for 5 s at most.
func TestDrainWatch(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	at := func(s int) time.Time { return began.Add(time.Duration(s) * time.Second) }
	type look struct {
		second, processed int
		complete          bool
		want              drainEnd
	}
	for name, tt := range map[string]struct {
		interrupted int // at that second; 0 never
		looks       []look
	}{
		"everything is processed": {0, []look{
			{1, 50, false, drainGoesOn}, {2, 90, false, drainGoesOn}, {3, 100, true, drainComplete},
		}},
		"complete at once": {0, []look{{0, 0, true, drainComplete}}},
		"nothing moves any more": {0, []look{
			{1, 50, false, drainGoesOn}, {6, 50, false, drainGoesOn}, {7, 50, false, drainQuiet},
		}},
		"a silence that ends in time starts anew": {0, []look{
			{5, 0, false, drainGoesOn}, {6, 1, false, drainGoesOn}, {11, 1, false, drainGoesOn}, {12, 1, false, drainQuiet},
		}},
		"it moves, but too slowly": {0, []look{
			{20, 1, false, drainGoesOn}, {40, 2, false, drainGoesOn}, {60, 3, false, drainGoesOn}, {61, 4, false, drainOverLimit},
		}},
		"an interrupt leaves it ten seconds": {20, []look{
			{20, 1, false, drainGoesOn}, {30, 2, false, drainGoesOn}, {31, 3, false, drainOverLimit},
		}},
		"an interrupt near the end adds nothing": {55, []look{
			{56, 1, false, drainGoesOn}, {61, 2, false, drainOverLimit},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDrainWatch(began, time.Minute, progress{})
			w.quiet = 5 * time.Second
			for _, l := range tt.looks {
				if tt.interrupted > 0 && l.second >= tt.interrupted {
					w.interrupt(at(tt.interrupted))
				}
				if got := w.look(at(l.second), progress{processed: int64(l.processed)}, l.complete); got != l.want {
					t.Errorf("second %d: %d, want %d", l.second, got, l.want)
				}
			}
		})
	}
}

// Any of the counters moving is a sign of life.
func TestDrainWatchSeesEveryCounter(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	for _, p := range []progress{{processed: 1}, {polled: 1}, {invoked: 1}} {
		w := newDrainWatch(began, time.Minute, progress{})
		w.quiet = time.Second
		if got := w.look(began.Add(2*time.Second), p, false); got != drainGoesOn {
			t.Errorf("%+v: %d, want it to go on", p, got)
		}
	}
}

// Counters that come minutes later (AWS, --metrics-like-aws) must not hold up a
// drain whose every record was seen processed.
func TestLateCountersAreNotWaitedFor(t *testing.T) {
	e := &execution{observer: observe.New(&record.Run{})}
	if e.counted() {
		t.Error("counters that come at once count before they were seen")
	}
	e.address.Settle = 4 * time.Minute
	if !e.counted() {
		t.Error("the drain waits for counters that come after it")
	}
}
