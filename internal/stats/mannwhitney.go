package stats

import (
	"math"
	"slices"
)

// MannWhitney tests whether the values of two groups come from one
// distribution, by the order of the values alone (Mann and Whitney 1947). p is
// the exact two-sided probability, over all ways to deal the pooled values out
// to the groups, of a rank sum at least as far from its mean as the observed
// one; ties share their mean rank (Klotz 1966, The Wilcoxon, ties, and the
// computer). least is the smallest p that these values could have given,
// whoever they belong to: where it is above the level, nothing can be told.
// Both are 1 where a group is empty or all values are the same. The cost grows
// with the fourth power of the number of values: 100 take some 20 ms.
func MannWhitney(a, b []float64) (p, least float64) {
	if len(a) == 0 || len(b) == 0 {
		return 1, 1
	}
	ranks := doubledRanks(slices.Concat(a, b))
	sum := 0
	for _, r := range ranks[:len(a)] {
		sum += r
	}
	middle := len(a) * (len(ranks) + 1) // mean of the doubled rank sum
	far, farthest := abs(sum-middle), 0
	ways := waysToSum(ranks, len(a))
	for s, w := range ways {
		if w > 0 {
			farthest = max(farthest, abs(s-middle))
		}
	}
	var all, beyond, extreme float64
	for s, w := range ways {
		all += w
		if d := abs(s - middle); d >= far {
			beyond += w
		}
		if abs(s-middle) == farthest {
			extreme += w
		}
	}
	return beyond / all, extreme / all
}

// doubledRanks are twice the mean ranks of values, so that ties stay whole.
func doubledRanks(values []float64) []int {
	sorted := slices.Sorted(slices.Values(values))
	ranks := make([]int, len(values))
	for i, v := range values {
		first, _ := slices.BinarySearch(sorted, v)
		end := first
		for end < len(sorted) && sorted[end] == v {
			end++
		}
		ranks[i] = first + 1 + end // ranks first+1 to end, their mean doubled
	}
	return ranks
}

// waysToSum counts, by sum, the ways to choose k of the ranks.
func waysToSum(ranks []int, k int) []float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	ways := make([][]float64, k+1) // by number chosen
	for i := range ways {
		ways[i] = make([]float64, total+1)
	}
	ways[0][0] = 1
	reached := 0
	for _, r := range ranks {
		reached += r
		for chosen := k; chosen >= 1; chosen-- {
			for s := reached; s >= r; s-- {
				ways[chosen][s] += ways[chosen-1][s-r]
			}
		}
	}
	return ways[k]
}

// Shift is the Hodges-Lehmann estimate of how far b lies above a: the median
// of all differences b - a (Hodges and Lehmann 1963), with the interval of at
// least the given confidence (0.99) that inverts the exact Mann-Whitney test.
// Ties make the interval wider than it need be. bounded is false where the
// groups are too small for that confidence: lo and hi are then infinite. Both
// groups need at least one value.
func Shift(a, b []float64, confidence float64) (shift, lo, hi float64, bounded bool) {
	var differences []float64
	for _, x := range a {
		for _, y := range b {
			differences = append(differences, y-x)
		}
	}
	slices.Sort(differences)
	outside := pairsOutside(len(a), len(b), (1-confidence)/2)
	if outside < 0 {
		return median(differences), math.Inf(-1), math.Inf(1), false
	}
	return median(differences), differences[outside], differences[len(differences)-1-outside], true
}

// pairsOutside is the largest U whose cumulative probability without ties is
// at most tail, -1 where none is.
func pairsOutside(n, m int, tail float64) int {
	ranks := make([]int, n+m)
	for i := range ranks {
		ranks[i] = i + 1
	}
	ways := waysToSum(ranks, n)
	var all, below float64
	for _, w := range ways {
		all += w
	}
	least := n * (n + 1) / 2 // the rank sum at U = 0
	for u := range n*m + 1 {
		below += ways[least+u]
		if below/all > tail {
			return u - 1
		}
	}
	return n * m
}

func abs(x int) int { return max(x, -x) }
