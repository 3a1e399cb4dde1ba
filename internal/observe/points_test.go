package observe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/metrics"
	"weir/internal/record"
)

// Points come late, twice and in any order, and some of the polls bring only a
// part of them: what the record holds in the end, and every sum, is that of
// each point once.
func TestPointsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "points")
		var points []record.Point
		var sum float64
		for i := range n {
			v := float64(rapid.IntRange(0, 9).Draw(t, "value"))
			points = append(points, record.Point{T: start.Unix() + int64(i), V: map[string]float64{metrics.Polled: v}})
			sum += v
		}
		o := New(run())
		series := map[int64]map[string]float64{}
		flush := func(at time.Time) {
			for _, p := range o.Flush(at) {
				series[p.T] = p.V
			}
		}
		for range rapid.IntRange(0, 10).Draw(t, "polls") {
			o.AddVended(rapid.SliceOf(rapid.SampledFrom(points)).Draw(t, "poll"))
			flush(start.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "flushed at")) * time.Second))
		}
		o.AddVended(rapid.Permutation(points).Draw(t, "last poll"))
		flush(start.Add(time.Minute))
		want := map[int64]map[string]float64{}
		for _, p := range points {
			want[p.T] = p.V
		}
		if diff := cmp.Diff(want, series); diff != "" {
			t.Fatal(diff)
		}
		if got, _ := o.Sum(metrics.Polled); got != sum {
			t.Fatalf("sum %g, want %g", got, sum)
		}
	})
}

// A REPORT line is never read as anything but one, and says nothing negative
// where no number in it is.
func FuzzParseReport(f *testing.F) {
	f.Add("REPORT RequestId: 8f5\tDuration: 38.66 ms\tBilled Duration: 39 ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB\tInit Duration: 203.69 ms\t")
	f.Add("REPORT RequestId: 8f5\tDuration: 3000.00 ms\tStatus: timeout\t")
	f.Add("REPORT RequestId:")
	f.Add("REPORT RequestId: a\tDuration: NaN ms\tMax Memory Used: -1 MB")
	f.Fuzz(func(t *testing.T, text string) {
		inv, ok := ParseReport(text)
		if !ok && inv != (Invocation{}) {
			t.Errorf("%q is no report and says %+v", text, inv)
		}
		if inv.Duration < 0 || inv.Billed < 0 || inv.Init < 0 || inv.MaxMemoryMB < 0 || inv.MaxMemoryMB != inv.MaxMemoryMB {
			t.Errorf("%q: %+v", text, inv)
		}
	})
}
