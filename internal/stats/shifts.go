package stats

import "math/rand/v2"

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
const permutations = 4999

// LevelShifts finds the places where the level of independent values changes,
// in rising order. Each time the stretch that differs most from the rest by
// the standardised Mann-Whitney statistic is taken, at the end of the sequence
// or with a way back within it (binary segmentation, circular as of Olshen and
// others 2004, on ranks as of Hawkins and Deng 2010). It counts when at most
// alpha of the shuffled sequences show one as marked, and the stretches before,
// within and after it are then searched in turn. Ranks let no single wild value
// make a level. The result is the same for the same seed. The cost grows with
// the square of the number of values: 100 take some 50 ms.
func LevelShifts(values []float64, alpha float64, seed uint64) []LevelShift {
	random := rand.New(rand.NewPCG(seed, uint64(len(values))))
	var found []LevelShift
	var search func(from, to int)
	search = func(from, to int) {
		s, p := bestStretch(values[from:to], alpha, random)
		if p > alpha {
			return
		}
		search(from, from+s.from)
		found = append(found, LevelShift{At: from + s.from, P: p})
		search(from+s.from, from+s.to)
		if from+s.to < to {
			found = append(found, LevelShift{At: from + s.to, P: p})
			search(from+s.to, to)
		}
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

// stretch is a half-open range that lies on a level of its own.
type stretch struct {
	from, to int
	marked   float64 // how far its rank sum is from the mean, in standard deviations, squared
}

// bestStretch is the most marked stretch of values and its p. p is 1 where
// there is none, and where it is above alpha it is only known to be that.
func bestStretch(values []float64, alpha float64, random *rand.Rand) (best stretch, p float64) {
	ranks, weights := doubledRanks(values), rankWeights(len(values))
	if best = mostMarked(ranks, weights); best.marked == 0 {
		return best, 1
	}
	asMarked := 0
	for range permutations {
		random.Shuffle(len(ranks), func(i, j int) { ranks[i], ranks[j] = ranks[j], ranks[i] })
		if mostMarked(ranks, weights).marked < best.marked {
			continue
		}
		if asMarked++; float64(asMarked+1) > alpha*(permutations+1) {
			break
		}
	}
	return best, float64(asMarked+1) / (permutations + 1)
}

// rankWeights are, by the number k of values in a stretch, one over the
// variance of its doubled rank sum, k(n-k)(n+1)/3.
func rankWeights(n int) []float64 {
	weights := make([]float64, n)
	for k := 1; k < n; k++ {
		weights[k] = 3 / float64(k*(n-k)*(n+1))
	}
	return weights
}

// mostMarked is the stretch, not at the beginning, whose rank sum is furthest
// from its mean; the zero one where there is none or all ranks are the same.
func mostMarked(ranks []int, weights []float64) (best stretch) {
	n := len(ranks)
	for from := leastSegment; from <= n-leastSegment; from++ {
		off := 0 // the rank sum less its mean
		for to := from + 1; to <= n; to++ {
			off += ranks[to-1] - (n + 1)
			if to-from < leastSegment || to != n && n-to < leastSegment {
				continue
			}
			if marked := float64(off*off) * weights[to-from]; marked > best.marked {
				best = stretch{from, to, marked}
			}
		}
	}
	return best
}
