package capacity

import (
	"math"
	"math/rand/v2"
)

// binomial draws how many of n trials with probability p succeed: by the
// distribution itself where few are expected, else by the normal one that it is
// close to.
func binomial(r *rand.Rand, n int, p float64) int {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - binomial(r, n, 1-p)
	}
	if mean := float64(n) * p; mean > 30 {
		x := math.Round(mean + math.Sqrt(mean*(1-p))*r.NormFloat64())
		return int(min(max(x, 0), float64(n)))
	}
	// Inversion: from no success upwards, each probability from the last.
	odds := p / (1 - p)
	chance := math.Exp(float64(n) * math.Log1p(-p))
	left, k := r.Float64(), 0
	for left >= chance && k < n {
		left -= chance
		k++
		chance *= odds * float64(n-k+1) / float64(k)
	}
	return k
}

// spreadOver draws how n records fall to cells of the given shares, which add up
// to 1 (nil: all alike), and calls each with those that get some, in order.
func spreadOver(r *rand.Rand, n, cells int, shares []float64, each func(cell, n int)) {
	left := 1.0
	for cell := 0; cell < cells && n > 0; cell++ {
		share := 1 / float64(cells)
		if shares != nil {
			share = shares[cell]
		}
		k := n
		if cell < cells-1 {
			k = binomial(r, n, min(share/left, 1))
		}
		left = max(left-share, math.SmallestNonzeroFloat64)
		if n -= k; k > 0 {
			each(cell, k)
		}
	}
}
