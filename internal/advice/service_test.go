package advice

import (
	"math"
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

func near(got, want float64) bool { return math.Abs(got-want) <= 1e-6*max(1, math.Abs(want)) }

// Times of 20 ms a batch and 1 ms a record, told apart.
func TestFit(t *testing.T) {
	s := fit(madeRun().Series)
	if !s.fitted || !near(s.perBatch, 20) || !near(s.perRecord, 1) || s.most != 60 {
		t.Errorf("%+v", s)
	}
	// 20 + 100 × 1; the longest took 10 ms more than its size explains
	if got := s.longest(100); !near(got, 130) {
		t.Errorf("longest(100) = %g", got)
	}
}

// Batches of one size: larger ones take proportionally longer, of smaller ones
// half the time is the batch's.
func TestFitOfOneSize(t *testing.T) {
	var series []record.Point
	for s := range 10 {
		series = append(series, record.Point{T: int64(s), V: map[string]float64{
			metrics.Invocations: 1, metrics.BatchMean: 50, metrics.DurationAvg: 100 + float64(s%2),
		}})
	}
	s := fit(series)
	if s.fitted {
		t.Fatalf("told apart: %+v", s)
	}
	for batch, want := range map[float64]float64{100: 201, 50: 100.5, 25: 75.375} { // 100.5 × 2; × 1; × (1 + ½) ÷ 2
		if got := s.took(batch); !near(got, want) {
			t.Errorf("took(%g) = %g, want %g", batch, got, want)
		}
		perBatch, perRecord := s.split(batch)
		if got := perBatch + time.Duration(batch)*perRecord; math.Abs(got.Seconds()*1000-want) > 1e-3 {
			t.Errorf("split(%g) adds up to %v, want %g ms", batch, got, want)
		}
	}
}

func TestFitNeedsPoints(t *testing.T) {
	if s := fit(nil); s.points != 0 {
		t.Errorf("%+v", s)
	}
	if s := fit(madeRun().Series[:4]); s.fitted {
		t.Errorf("four points: %+v", s)
	}
}

func TestRecordsPerInvocation(t *testing.T) {
	for _, tt := range []struct{ mean, full, want float64 }{
		// A lane that finds something finds 0.01 ÷ (1 - e^-0.01) = 1.005.
		{0.01, 100, 1.0050083},
		// Never more than a batch: 50 ÷ (1 - e^-50)
		{50, 1000, 50},
		{400, 1, 1},
		{1e6, 100, 100},
		// 600 ± 24.5 against a batch of 600: one is enough half of the time,
		// 600 ÷ 1.5 but for the whole number in the middle.
		{600, 600, 403},
	} {
		if got := recordsPerInvocation(tt.mean, tt.full); math.Abs(got-tt.want) > 0.005*tt.want {
			t.Errorf("%g in batches of %g: %g, want %g", tt.mean, tt.full, got, tt.want)
		}
	}
	// Both distributions agree where one takes over from the other.
	if a, b := recordsPerInvocation(poissonMost, 120), normalBatches(poissonMost, 120); math.Abs(a-b) > 0.01*a {
		t.Errorf("Poisson %g, normal %g", a, b)
	}
}
