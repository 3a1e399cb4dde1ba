package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestTheilSen(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct {
		name          string
		t, v          []float64
		slope, lo, hi float64
		ok            bool
	}{
		{"nothing", nil, nil, 0, 0, 0, false},
		{"four points show no trend", []float64{0, 1, 2, 3}, []float64{0, 1, 2, 3}, 0, 0, 0, false},
		{"five times, but four different", []float64{0, 1, 2, 3, 3}, []float64{0, 1, 2, 3, 4}, 0, 0, 0, false},
		{"a line", []float64{0, 1, 2, 3, 4}, []float64{7, 10, 13, 16, 19}, 3, 3, 3, true},
		{
			// Slopes of the ten pairs: 1 six times, then 25, 33, 49, 97. Of five
			// points no slope lies outside the interval.
			"one wild point",
			[]float64{0, 1, 2, 3, 4},
			[]float64{0, 1, 2, 3, 100},
			1, 1, 97, true,
		},
		{
			"the same, unsorted and with gaps",
			[]float64{4, 2, 9, 0, 3, 8, 1},
			[]float64{100, 2, nan, 0, 3, inf, 1},
			1, 1, 97, true,
		},
		{
			// 15 slopes: -5 -3 -1.5 -1 -1 -0.75 -0.2 0 0 0 0 1 1.5 3 5 by hand;
			// (15 - 10.4)/2 = 2.3, so one lies outside on each side.
			"noise",
			[]float64{0, 1, 2, 3, 4, 5},
			[]float64{5, 0, 5, 5, 2, 5},
			0, -3, 3, true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			slope, lo, hi, ok := TheilSen(tt.t, tt.v)
			if slope != tt.slope || lo != tt.lo || hi != tt.hi || ok != tt.ok {
				t.Errorf("got %v in [%v, %v], %v, want %v in [%v, %v], %v", slope, lo, hi, ok, tt.slope, tt.lo, tt.hi, tt.ok)
			}
		})
	}
}

// TestIntervalMissesSeldom computes the chance of a miss exactly. The interval
// lies above the true slope when at most `outside` pairs slope less than it;
// in random order that is the chance of a permutation with so few inversions.
func TestIntervalMissesSeldom(t *testing.T) {
	chance := []float64{1} // of k inversions among n, starting with n = 1
	for n := 2; n <= 50; n++ {
		next := make([]float64, len(chance)+n-1)
		for k, p := range chance {
			for more := range n { // the new element stands before 0 to n-1 others
				next[k+more] += p / float64(n)
			}
		}
		chance = next
		if n < minPoints {
			continue
		}
		miss := 0.0
		for k := range outside(n, n*(n-1)/2) + 1 {
			miss += chance[k]
		}
		if 2*miss > 0.05 || n > 10 && 2*miss < 0.04 {
			t.Errorf("n = %d: misses in %.4f of cases, want just under 0.05", n, 2*miss)
		}
	}
}

func TestTheilSenThinsManyPoints(t *testing.T) {
	// A day of seconds: 2 per second with noise of ±500, a tenth of it wild.
	// The group medians keep the slope.
	random := rand.New(rand.NewPCG(1, 2))
	var ts, vs []float64
	for i := range 86400 {
		v := 2*float64(i) + 1000*random.Float64() - 500
		if i%10 == 0 {
			v = 1e9
		}
		ts, vs = append(ts, float64(i)), append(vs, v)
	}
	slope, lo, hi, ok := TheilSen(ts, vs)
	if !ok || lo > 2 || hi < 2 || hi-lo > 0.001 || math.Abs(slope-2) > 0.001 {
		t.Errorf("slope %v in [%v, %v], %v, want 2 within 0.001", slope, lo, hi, ok)
	}
}

func TestThin(t *testing.T) {
	p := make([]point, maxPoints+1) // 513 points in groups of two: 257
	for i := range p {
		p[i] = point{float64(i), float64(-i)}
	}
	thinned := thin(p)
	if len(thinned) != 257 || thinned[0] != (point{0.5, -0.5}) || thinned[256] != (point{512, -512}) {
		t.Errorf("%d points from %v to %v", len(thinned), thinned[0], thinned[len(thinned)-1])
	}
	if got := thin(p[:maxPoints]); len(got) != maxPoints {
		t.Errorf("%d points thinned to %d, want them left alone", maxPoints, len(got))
	}
}

func BenchmarkTheilSen(b *testing.B) {
	var ts, vs []float64
	for i := range 3600 {
		ts, vs = append(ts, float64(i)), append(vs, float64(i*7919%1000))
	}
	for b.Loop() {
		TheilSen(ts, vs)
	}
}
