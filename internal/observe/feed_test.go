package observe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/record"
)

func TestFeed(t *testing.T) {
	f := NewFeed(3 * time.Second)
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	point := func(s int64, v map[string]float64) []record.Point { return []record.Point{{T: s, V: v}} }
	expect := func(now int64, want ...frame.Observation) {
		t.Helper()
		if diff := cmp.Diff(want, f.Due(at(now), time.Unix(0, 0))); diff != "" {
			t.Errorf("at %d (-want +got):\n%s", now, diff)
		}
	}
	f.Add(point(10, map[string]float64{metrics.IncomingRecords: 5, metrics.IteratorAge: 70, metrics.ChildRSS: 1}))
	expect(12)                                                         // it may still change,
	f.Add(point(10, map[string]float64{metrics.IncomingRecords: 100})) // and does
	f.Add(point(11, map[string]float64{metrics.IncomingRecords: 40}))
	expect(14, // the generator's own memory is not told
		frame.Observation{T: 10, V: map[string]float64{metrics.IncomingRecords: 100, metrics.IteratorAge: 70}})
	expect(15, frame.Observation{T: 11, V: map[string]float64{metrics.IncomingRecords: 40}})
	// What changes later adds the difference after the last value; an age doesn't.
	f.Add(point(10, map[string]float64{metrics.IncomingRecords: 103, metrics.IteratorAge: 90}))
	expect(16, frame.Observation{T: 12, V: map[string]float64{metrics.IncomingRecords: 3}})
	f.Add(point(20, map[string]float64{metrics.IteratorAge: 5}))
	if diff := cmp.Diff([]frame.Observation{{T: 20, V: map[string]float64{metrics.IteratorAge: 5}}}, f.Rest()); diff != "" {
		t.Errorf("rest (-want +got):\n%s", diff)
	}
}

// Whatever comes when and as often: a counter's sum is the record's, and no
// series is told the same or an earlier second again.
func TestFeedKeepsSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := NewFeed(time.Duration(rapid.IntRange(0, 5).Draw(t, "hold")) * time.Second)
		recorded := map[int64]float64{}
		last, sum := int64(-100), 0.0
		hear := func(all []frame.Observation) {
			for _, o := range all {
				if o.T <= last {
					t.Fatalf("told %d after %d", o.T, last)
				}
				last, sum = o.T, sum+o.V[metrics.Polled]
			}
		}
		for now := range int64(rapid.IntRange(1, 60).Draw(t, "seconds")) {
			for range rapid.IntRange(0, 3).Draw(t, "points") {
				at := now - int64(rapid.IntRange(0, 20).Draw(t, "late"))
				v := float64(rapid.IntRange(0, 1000).Draw(t, "value"))
				recorded[at] = v
				f.Add([]record.Point{{T: at, V: map[string]float64{metrics.Polled: v}}})
			}
			hear(f.Due(time.Unix(now, 0), time.Unix(0, 0)))
		}
		hear(f.Rest())
		var want float64
		for _, v := range recorded {
			want += v
		}
		if sum != want {
			t.Fatalf("told %g in all, recorded %g", sum, want)
		}
	})
}

// What was told is remembered for as long as it may change: a generator's second
// for VendedMemory, CloudWatch's until it is settled, however long CloudWatch did
// not answer. The 60 that became 100 an hour later are 40 more.
func TestFeedRemembersThroughAnOutage(t *testing.T) {
	f, at := NewFeed(0), func(s int64) time.Time { return time.Unix(s, 0) }
	both := map[string]float64{metrics.IncomingRecords: 60, metrics.Offered: 5}
	f.Add([]record.Point{{T: 10, V: both}})
	if diff := cmp.Diff([]frame.Observation{{T: 10, V: both}}, f.Due(at(11), at(0))); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	f.Due(at(3600), at(0))
	if diff := cmp.Diff(map[int64]map[string]float64{10: {metrics.IncomingRecords: 60}}, f.told); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	f.Add([]record.Point{{T: 10, V: map[string]float64{metrics.IncomingRecords: 100}}})
	want := []frame.Observation{{T: 11, V: map[string]float64{metrics.IncomingRecords: 40}}}
	if diff := cmp.Diff(want, f.Due(at(3601), at(0))); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	if f.Due(at(3602), at(11)); len(f.told) != 0 {
		t.Errorf("settled, and still remembered: %v", f.told)
	}
}
