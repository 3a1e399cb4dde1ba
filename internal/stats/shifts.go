package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// LevelShift is a place in a sequence from which values lie on another level.
type LevelShift struct {
	At            int     // index of the first value on the new level
	Before, After float64 // medians of the values up to the shifts on either side
	P             float64 // chance of so marked a shift in a sequence without any
}

// leastSegment is the fewest values that make a level.
const leastSegment = 3

// permutations is how often a sequence is shuffled to learn what chance does;
// the smallest P that can come of it is 1/(permutations + 1).
const permutations = 9999

// LevelShifts finds the places where the level of independent values changes,
// in rising order. Each split is the one whose sides differ most by the
// standardised Mann-Whitney statistic (Hawkins and Deng 2010, A nonparametric
// change-point control chart); it counts when at most alpha of the shuffled
// sequences show so marked a split, and the sides are then searched in turn
// (binary segmentation). Ranks let no single wild value make a level. The
// result is the same for the same seed.
func LevelShifts(values []float64, alpha float64, seed uint64) []LevelShift {
	random := rand.New(rand.NewPCG(seed, uint64(len(values))))
	var found []LevelShift
	var search func(from, to int)
	search = func(from, to int) {
		at, p := bestSplit(values[from:to], random)
		if p > alpha {
			return
		}
		search(from, from+at)
		found = append(found, LevelShift{At: from + at, P: p})
		search(from+at, to)
	}
	search(0, len(values))
	for i := range found {
		from, to := 0, len(values)
		if i > 0 {
			from = found[i-1].At
		}
		if i+1 < len(found) {
			to = found[i+1].At
		}
		found[i].Before, found[i].After = Median(values[from:found[i].At]), Median(values[found[i].At:to])
	}
	return found
}

// bestSplit is the most marked split of values and its p; p is 1 where there
// is none.
func bestSplit(values []float64, random *rand.Rand) (at int, p float64) {
	ranks := doubledRanks(values)
	at, marked := mostMarked(ranks)
	if marked == 0 {
		return 0, 1
	}
	asMarked := 0
	shuffled := slices.Clone(ranks)
	for range permutations {
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if _, m := mostMarked(shuffled); m >= marked {
			asMarked++
		}
	}
	return at, float64(asMarked+1) / (permutations + 1)
}

// mostMarked is the split with the largest standardised distance of the rank
// sum on its left from the mean of it, 0 where no split leaves two levels or
// all ranks are the same.
func mostMarked(ranks []int) (at int, marked float64) {
	n, sum := len(ranks), 0
	for i := 1; i <= n-leastSegment; i++ {
		sum += ranks[i-1]
		if i < leastSegment {
			continue
		}
		// Of doubled ranks the mean is i(n+1) and the variance i(n-i)(n+1)/3.
		z := math.Abs(float64(sum-i*(n+1))) / math.Sqrt(float64(i*(n-i)*(n+1))/3)
		if z > marked {
			at, marked = i, z
		}
	}
	return at, marked
}
