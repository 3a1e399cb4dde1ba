package capacity

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Draws have the distribution's mean and variance, few expected or many.
func TestBinomial(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n int
		p float64
	}{{10, 0.1}, {1000, 0.002}, {1000, 0.3}, {50, 0.9}, {100_000, 0.25}} {
		const draws = 20_000
		var sum, squares float64
		for range draws {
			x := float64(binomial(r, c.n, c.p))
			sum += x
			squares += x * x
		}
		mean, variance := float64(c.n)*c.p, float64(c.n)*c.p*(1-c.p)
		got := sum / draws
		// five standard errors of the mean, and 5 % of the variance
		if off := math.Abs(got - mean); off > 5*math.Sqrt(variance/draws) {
			t.Errorf("%d at %g: mean %g, want %g", c.n, c.p, got, mean)
		}
		if v := squares/draws - got*got; math.Abs(v-variance) > 0.05*variance {
			t.Errorf("%d at %g: variance %g, want %g", c.n, c.p, v, variance)
		}
	}
}

func TestSpreadOver(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shares := range [][]float64{nil, {0.5, 0, 0.3, 0.2}} {
		got, total := make([]int, 4), 0
		for range 100 {
			spreadOver(r, 1000, 4, shares, func(cell, n int) { got[cell] += n; total += n })
		}
		if total != 100_000 {
			t.Errorf("%d of 100 000 records were dealt", total)
		}
		for cell, n := range got {
			want := 25_000.0
			if shares != nil {
				want = 100_000 * shares[cell]
			}
			if math.Abs(float64(n)-want) > 1000 { // seven standard deviations
				t.Errorf("cell %d got %d, want %g", cell, n, want)
			}
		}
	}
}
