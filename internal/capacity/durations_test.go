package capacity

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Quantiles are those of the durations themselves, to within 1/128.
func TestDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDurations()
		var all []time.Duration
		for range 2 { // used again after a reset
			d.reset()
			all = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
				return time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "ns")) >> rapid.IntRange(0, 40).Draw(t, "shift")
			}), 1, 50).Draw(t, "durations")
			for _, v := range all {
				d.add(v, 1)
			}
		}
		slices.Sort(all)
		got := make([]float64, 2)
		d.quantiles([]float64{0.5, 1}, got)
		for i, rank := range []int{(len(all)+1)/2 - 1, len(all) - 1} {
			want := float64(all[rank]) / float64(time.Millisecond)
			if off := got[i] - want; off > want/128+0.001 || off < -want/128-0.001 {
				t.Fatalf("%v ms, want %v ms of %v", got[i], want, all)
			}
		}
		if n := d.histogram(0).Count(); n != int64(len(all)) {
			t.Fatalf("the histogram has %d of %d", n, len(all))
		}
	})
}
