package wire

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestLatencyHasItsQuantiles(t *testing.T) {
	const n = 100_000
	l := Latency{Median: 20 * time.Millisecond, P99: 100 * time.Millisecond}
	r := rand.New(rand.NewPCG(1, 2))
	samples := make([]time.Duration, n)
	for i := range samples {
		samples[i] = l.Sample(r)
	}
	slices.Sort(samples)
	// The log's deviation is ln 5 / 2.326 = 0.69. The sample quantile's error is
	// sqrt(q(1-q)/n) / density: 0.27 % of the median, 0.82 % of the p99; five of each.
	for _, want := range []struct {
		q     float64
		value time.Duration
		off   float64
	}{{0.5, l.Median, 0.014}, {0.99, l.P99, 0.041}} {
		got := samples[int(want.q*n)]
		if off := math.Abs(float64(got)/float64(want.value) - 1); off > want.off {
			t.Errorf("quantile %g is %s, want %s within %g", want.q, got, want.value, want.off)
		}
	}
}

func TestLatencyWithoutSpread(t *testing.T) {
	tests := []struct {
		l    Latency
		want time.Duration
	}{
		{Latency{}, 0},
		{Latency{P99: time.Second}, 0},
		{Latency{Median: time.Second}, time.Second},
		{Latency{Median: time.Second, P99: time.Millisecond}, time.Second},
	}
	for _, test := range tests {
		if got := test.l.Sample(nil); got != test.want {
			t.Errorf("%+v gives %s, want %s", test.l, got, test.want)
		}
	}
}
