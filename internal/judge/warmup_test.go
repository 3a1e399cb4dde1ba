package judge

import (
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// TestWarmup: where the judged window of the second step begins (10 s at 200
// records/s from second 1010; a quarter of it is 2 s).
func TestWarmup(t *testing.T) {
	processed := func(level ...float64) func(*record.Data) {
		return func(d *record.Data) {
			for i, v := range level {
				set(d, t0+10+int64(i), metrics.Processed, v)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*record.Data)
		from   int64
	}{
		{"at its level from the start", processed(200, 200, 200, 200, 200, 200, 200, 200, 200, 200), 1010},
		{"a second at the level before", processed(100, 200, 200, 200, 200, 200, 200, 200, 200, 200), 1011},
		{"two seconds", processed(100, 130, 200, 210, 190, 200, 200, 210, 190, 200), 1012},
		{"a quarter at most", processed(0, 0, 0, 0, 200, 200, 200, 200, 200, 200), 1012},
		{"a second without a point had none", func(d *record.Data) {
			processed(0, 200, 200, 200, 200, 200, 200, 200, 200, 200)(d)
			delete(d.Series[10].V, metrics.Processed)
		}, 1011},
		{"a bad second later is no warm-up", processed(200, 200, 200, 0, 400, 200, 200, 200, 200, 200), 1010},
		{"what was polled, without the probe", func(d *record.Data) { set(d, t0+10, metrics.Polled, 0) }, 1011},
		{"cut short", func(d *record.Data) { d.Series = d.Series[:14] }, 1010},
		{"neither recorded", func(d *record.Data) { without(d, metrics.Polled, 0) }, 1010},
		{"points of 60 s show no second", func(d *record.Data) {
			d.Run.Pipeline.ResolutionS = 60
			set(d, t0+10, metrics.Polled, 0)
		}, 1010},
		{"what the record leaves out stays out", func(d *record.Data) {
			processed(100, 200, 200, 200, 200, 200, 200, 200, 200, 200)(d)
			d.Run.Steps[1].Warmup = 4 * time.Second
		}, 1014},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := healthy()
			tt.change(d)
			if got := offeredWindow(d, d.Run.Steps[1]); got != (window{tt.from, 1020}) {
				t.Errorf("from %d to %d, want from %d to 1020", got.from, got.to, tt.from)
			}
		})
	}
}
