package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/metrics"
)

// A minute's count is spread over its seconds; what left in any of the three
// ways counts.
func TestLeftUntil(t *testing.T) {
	d := &Data{Run: Run{Pipeline: Pipeline{ResolutionS: 60}}, Series: []Point{
		{T: 0, V: map[string]float64{metrics.FilteredOut: 40, metrics.Dropped: 15, metrics.DeadLettered: 5}},
		{T: 30, V: map[string]float64{metrics.Backlog: 9}}, // a second's point
		{T: 60, V: map[string]float64{metrics.FilteredOut: 120}},
	}}
	left := d.leftUntil()
	for _, want := range []struct {
		t int64
		n float64
	}{{0, 1}, {29, 30}, {59, 60}, {60, 62}, {89, 120}, {119, 180}, {500, 180}} {
		if got := left(want.t); got != want.n {
			t.Errorf("by the end of second %d %g left, want %g", want.t, got, want.n)
		}
	}
}

// Records that a filter takes do not wait: 60 of 100 accepted were filtered in
// the minute, so 10 processed leave 30 at its end, and 20 more leave 10.
func TestWaitingLeavesOutWhatIsFiltered(t *testing.T) {
	d := &Data{Run: Run{Pipeline: Pipeline{ResolutionS: 60}}, Series: []Point{
		{T: 0, V: map[string]float64{metrics.FilteredOut: 60}},
		{T: 29, V: map[string]float64{metrics.Backlog: 20}}, // 30 filtered by then: what is read late can't wait
		{T: 59, V: map[string]float64{metrics.Backlog: 90}},
		{T: 60, V: map[string]float64{metrics.Accepted: 0}},
		{T: 61, V: map[string]float64{metrics.Backlog: 70}},
	}}
	got := map[int64]float64{}
	d.Waiting(func(t int64, n float64) { got[t] = n })
	if diff := cmp.Diff(map[int64]float64{29: 0, 59: 30, 61: 10}, got); diff != "" {
		t.Error(diff)
	}
}
