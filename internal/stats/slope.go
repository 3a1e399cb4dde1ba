package stats

import (
	"cmp"
	"math"
	"slices"
)

// Bounds on the points of a slope.
const (
	// minPoints is the fewest points whose order can be unlikely enough: four
	// points rise throughout by chance once in 24, which is above 2.5 %.
	minPoints = 5
	// maxPoints keeps the pairs at 130 816; more points are thinned first.
	maxPoints = 512
)

// TheilSen is the slope of v over t, units of v per unit of t, as the median
// of the slopes of all pairs of points: up to 29 % of the points may be wild
// without moving it far. lo and hi bound it with 95 % confidence without
// assuming a distribution (Sen 1968, from Kendall's rank correlation); points
// that depend on their neighbours make the true interval wider. A trend is
// beyond noise when lo and hi have the same sign.
//
// Points need not be sorted; those that are not finite are left out. Above 512 points
// neighbours in time are taken together, each group as its medians. ok is
// false where fewer than five points have different times.
func TheilSen(t, v []float64) (slope, lo, hi float64, ok bool) {
	p := thin(points(t, v))
	if distinctTimes(p) < minPoints {
		return 0, 0, 0, false
	}
	var slopes []float64
	for i, a := range p {
		for _, b := range p[i+1:] {
			if b.t > a.t {
				slopes = append(slopes, (b.v-a.v)/(b.t-a.t))
			}
		}
	}
	slices.Sort(slopes)
	below := outside(len(p), len(slopes))
	return median(slopes), slopes[below], slopes[len(slopes)-1-below], true
}

// outside is how many of the sorted slopes lie outside the interval on either
// side: (pairs - z·σ)/2 with Kendall's σ² = n(n-1)(2n+5)/18, the interval from
// that slope to the same from the top.
func outside(n, pairs int) int {
	const z = 1.959964 // of 95 %, two-sided
	k := float64(n)
	sigma := math.Sqrt(k * (k - 1) * (2*k + 5) / 18)
	return max(0, int(math.Round((float64(pairs)-z*sigma)/2))-1)
}

type point struct{ t, v float64 }

// points are the finite pairs of t and v, sorted by t.
func points(t, v []float64) []point {
	var p []point
	for i := range min(len(t), len(v)) {
		if finite(t[i]) && finite(v[i]) {
			p = append(p, point{t[i], v[i]})
		}
	}
	slices.SortStableFunc(p, func(a, b point) int { return cmp.Compare(a.t, b.t) })
	return p
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// thin takes neighbours together until at most maxPoints are left.
func thin(p []point) []point {
	if len(p) <= maxPoints {
		return p
	}
	size := (len(p) + maxPoints - 1) / maxPoints
	var thinned []point
	for group := range slices.Chunk(p, size) {
		var t, v []float64
		for _, q := range group {
			t, v = append(t, q.t), append(v, q.v)
		}
		slices.Sort(v)
		thinned = append(thinned, point{median(t), median(v)})
	}
	return thinned
}

func distinctTimes(p []point) int {
	n := 0
	for i := range p {
		if i == 0 || p[i].t != p[i-1].t {
			n++
		}
	}
	return n
}

// median is the middle of sorted values, of which there is at least one.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
