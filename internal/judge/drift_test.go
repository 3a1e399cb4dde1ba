package judge

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// hours is a healthy run of one step, Duration about 50 ms and whatever change
// makes of it; second 0 is 2026-11-22 12:00 UTC.
func hours(n float64, change func(second int64, took float64) float64) *record.Data {
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	d := healthy()
	d.Run.Steps = d.Run.Steps[:1]
	d.Run.Steps[0].Start, d.Run.Steps[0].End = start, start.Add(time.Duration(n*float64(time.Hour)))
	d.Series = nil
	for s := range int64(n * 3600) {
		d.Series = append(d.Series, record.Point{T: start.Unix() + s, V: map[string]float64{
			metrics.Processed: 100, metrics.Invocations: 4, metrics.IteratorAge: 0,
			metrics.DurationP50: change(s, 50+random.NormFloat64()),
		}})
	}
	return d
}

func TestDrift(t *testing.T) {
	level := func(_ int64, took float64) float64 { return took }
	rising := func(s int64, took float64) float64 { return took + max(0, float64(s-3600))/3600 } // 1 ms an hour from 13:00
	bound := hours(4, rising)
	bound.Steps[0].Lateness = times(time.Second, 20)
	for _, tt := range []struct {
		name     string
		data     *record.Data
		want     string // how the sentence begins, empty: none
		from, to int    // minutes after 12:00
	}{
		{"level", hours(1, level), "", 0, 0},
		{"rising from the second hour on", hours(4, rising), "drift: Duration p50 moves by +1", 60, 240},
		{
			"a jump", hours(2, func(s int64, took float64) float64 {
				if s >= 4800 {
					took += 5
				}
				return took
			}), "drift: Duration p50 changed from 5", 80, 120,
		},
		{
			"half an hour on another level", hours(2, func(s int64, took float64) float64 {
				if s >= 3600 && s < 5400 {
					took += 5
				}
				return took
			}), "drift: Duration p50 was 5", 60, 90,
		},
		{
			// 0.2 ms of 50 are 0.4 %, beyond chance and not worth a word.
			"a jump of less than 1 %", hours(2, func(s int64, took float64) float64 {
				if s >= 3600 {
					took += 0.2
				}
				return took
			}), "", 0, 0,
		},
		{"too short to drift", hours(0.4, func(s int64, took float64) float64 { return took + float64(s)/100 }), "", 0, 0},
		{"bound by the generator", bound, "", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := Judge(tt.data, Options{})
			warned := ""
			for _, w := range v.Warnings {
				if strings.HasPrefix(w, "drift: ") {
					warned = w
				}
			}
			if !strings.HasPrefix(warned, tt.want) || (warned == "") != (tt.want == "") || len(v.Drifts) > 1 {
				t.Fatalf("%q, %+v, want %q", warned, v.Drifts, tt.want)
			}
			if tt.want == "" {
				return
			}
			start := tt.data.Run.Steps[0].Start
			from, to := v.Drifts[0].From.Sub(start).Minutes(), v.Drifts[0].To.Sub(start).Minutes()
			if from < float64(tt.from-15) || from > float64(tt.from+15) || to < float64(tt.to-2) || to > float64(tt.to+2) {
				t.Errorf("from minute %.0f to %.0f, want %d to %d: %s", from, to, tt.from, tt.to, warned)
			}
		})
	}
}
