package judge

import (
	"testing"

	"weir/internal/metrics"
	"weir/internal/record"
)

// A minute's count is spread over its seconds; what left in any of the three
// ways counts.
func TestLeftUntil(t *testing.T) {
	d := &record.Data{Run: record.Run{Pipeline: record.Pipeline{ResolutionS: 60}}, Series: []record.Point{
		{T: 0, V: map[string]float64{metrics.FilteredOut: 40, metrics.Dropped: 15, metrics.DeadLettered: 5}},
		{T: 30, V: map[string]float64{metrics.Backlog: 9}}, // a second's point
		{T: 60, V: map[string]float64{metrics.FilteredOut: 120}},
	}}
	left := leftUntil(d)
	for _, want := range []struct {
		t int64
		n float64
	}{{0, 1}, {29, 30}, {59, 60}, {60, 62}, {89, 120}, {119, 180}, {500, 180}} {
		if got := left(want.t); got != want.n {
			t.Errorf("by the end of second %d %g left, want %g", want.t, got, want.n)
		}
	}
}
