package stats

import (
	"cmp"
	"slices"
)

// Holm corrects p-values for being many, so that at level alpha the chance of
// any false alarm among all of them is at most alpha (Holm 1979). Test i is
// told when its corrected value is at most alpha.
//
// least[i] is the smallest value that test i could have given (0 for a
// continuous one). Tests that could not have been told anyway take no part, so
// that they don't weaken the others (Tarone 1990, A modified Bonferroni method
// for discrete data); their corrected value is 1. It is the caller's to know
// least independently of which group a value belongs to.
func Holm(p, least []float64, alpha float64) []float64 {
	corrected := make([]float64, len(p))
	for i := range corrected {
		corrected[i] = 1
	}
	family := testable(least, alpha)
	slices.SortStableFunc(family, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	largest := 0.0
	for rank, i := range family {
		largest = max(largest, float64(len(family)-rank)*p[i])
		corrected[i] = min(largest, 1)
	}
	return corrected
}

// testable are the tests whose least value is at most alpha/k, for the
// smallest k that leaves at most k of them.
func testable(least []float64, alpha float64) []int {
	for k := 1; ; k++ {
		var family []int
		for i, l := range least {
			if l <= alpha/float64(k) {
				family = append(family, i)
			}
		}
		if len(family) <= k {
			return family
		}
	}
}
