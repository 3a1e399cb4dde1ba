package stats

import (
	"math"
	"slices"
)

// Settled is the index from which on a series has settled to its level: the
// truncation that leaves the smallest standard error of the mean of the rest
// (MSER, White 1997, An effective truncation heuristic for bias reduction in
// simulation output). No more than the first `most` values are taken for
// warm-up; settled is false where the best truncation is that bound, which
// means that the series was still on its way there, and where it is empty.
func Settled(values []float64, most int) (index int, settled bool) {
	if len(values) == 0 {
		return 0, false
	}
	most = min(most, len(values)-1)
	origin := values[len(values)-1] // keeps the sums of squares small
	least := math.Inf(1)
	var sum, squares float64
	for cut, v := range slices.Backward(values) {
		v -= origin
		sum, squares = sum+v, squares+v*v
		n := float64(len(values) - cut)
		if spread := (squares - sum*sum/n) / (n * n); cut <= most && spread <= least {
			least, index = spread, cut
		}
	}
	return index, index < max(most, 1)
}
