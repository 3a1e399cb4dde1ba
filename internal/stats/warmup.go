package stats

import (
	"math"
	"slices"
)

const (
	// settledReach is within how many standard deviations of the level a value
	// counts as on it, and settledShare within which share of the level where
	// that is more: a level without noise has none to measure by.
	settledReach = 3
	settledShare = 0.05
	// deviationOfMedian makes a median absolute deviation a normal's standard
	// deviation.
	deviationOfMedian = 1.4826
)

// Settled is the index from which on a series has settled to its level: the
// first of two values in a row within the noise of its second half, which is
// taken for settled (its median, and its median absolute deviation for the
// noise). In a series without a warm-up it is 0 but for rare noise; truncation
// rules that weigh the error of the mean (MSER) cut such a series anywhere.
// At most the first `most` values are taken for warm-up; settled is false where
// the series was still on its way there, and where it is empty.
func Settled(values []float64, most int) (index int, settled bool) {
	if len(values) == 0 {
		return 0, false
	}
	half := values[len(values)/2:]
	level := Median(half)
	away := make([]float64, len(half))
	for i, v := range half {
		away[i] = math.Abs(v - level)
	}
	reach := max(settledReach*deviationOfMedian*Median(away), settledShare*math.Abs(level))
	on := func(v float64) bool { return math.Abs(v-level) <= reach }
	for i := range min(most+1, len(values)) {
		next := values[i:min(i+2, len(values))]
		if !slices.ContainsFunc(next, func(v float64) bool { return !on(v) }) {
			return i, true
		}
	}
	return min(most, len(values)-1), false
}
