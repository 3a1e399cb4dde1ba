package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Drift is a stretch of a series of equal distances that lies on another level
// than what is before it, or follows a slope away from it.
type Drift struct {
	From, To int // half-open range of points that are off; To is the end where it never came back
	// Slope is what a point adds, where the series drifts away; 0 where it
	// jumped and stayed.
	Slope float64
	// Before is the level outside; After is the level within, or where the slope
	// had led by its end.
	Before, After float64
	P             float64 // chance of so marked a change in a series without any
}

// leastDriftPoints are the fewest points on either side of a change: fewer say
// more about noise than about a level.
const leastDriftPoints = 10

// driftShuffles is how often a series is shuffled to learn what chance does.
const driftShuffles = 999

// Drifts finds where a series whose points depend on their neighbours leaves
// its level, by a jump, by a jump and back, or by a slope, in rising order.
// Each change is the one that takes most from the squared deviations (circular
// binary segmentation, Olshen and others 2004, with a slope beside it); it
// counts when at most alpha of the series made by shuffling blocks of
// neighbours show one as marked. The stretches before, within and after a jump
// are searched in turn; of a slope what is before it. Blocks are as long as
// BlockLength has them for the correlation of neighbours within short
// stretches. A single wild point counts as its neighbours' median. The result
// is the same for the same seed; fewer than 20 points show nothing. The cost
// grows with the square of the number of points: 300 take some 60 ms.
func Drifts(series []float64, alpha float64, seed uint64) []Drift {
	random := rand.New(rand.NewPCG(seed, uint64(len(series))))
	var found []Drift
	var search func(from, to int)
	search = func(from, to int) {
		d, ok := bestDrift(tame(series[from:to]), alpha, random)
		if !ok {
			return
		}
		d.From, d.To = from+d.From, from+d.To
		search(from, d.From)
		found = append(found, d)
		if d.Slope == 0 {
			search(d.From, d.To)
			search(d.To, to)
		}
	}
	search(0, len(series))
	return found
}

// neighbourhood is how many points a wild one is told by.
const neighbourhood = 7

// tame puts the median of its neighbours in the place of a point that is
// further from it than eight times the usual distance (a Hampel filter): one
// wild point is neither a level nor a slope.
func tame(v []float64) []float64 {
	medians, away := make([]float64, len(v)), make([]float64, len(v))
	for i, x := range v {
		from := min(max(0, i-neighbourhood/2), max(0, len(v)-neighbourhood))
		medians[i] = Median(v[from:min(from+neighbourhood, len(v))])
		away[i] = math.Abs(x - medians[i])
	}
	usual := Median(away)
	tamed := slices.Clone(v)
	if usual == 0 { // most points are the same: the others are all there is to see
		return tamed
	}
	for i := range tamed {
		if away[i] > 8*usual {
			tamed[i] = medians[i]
		}
	}
	return tamed
}

// bestDrift is the most marked change within v; ok is false where chance
// makes one as marked too often.
func bestDrift(v []float64, alpha float64, random *rand.Rand) (d Drift, ok bool) {
	if len(v) < 2*leastDriftPoints {
		return Drift{}, false
	}
	weights := sumWeights(len(v))
	best := fitChange(v, weights)
	if best.explained == 0 {
		return Drift{}, false
	}
	block := blockLength(localCorrelation(v), len(v))
	shuffled := make([]float64, len(v))
	asMarked := 0
	for range driftShuffles {
		shuffleBlocks(shuffled, v, block, random)
		if fitChange(shuffled, weights).explained >= best.explained {
			asMarked++
			if float64(asMarked) > alpha*(driftShuffles+1) {
				return Drift{}, false
			}
		}
	}
	d = best.drift(v)
	d.P = float64(asMarked+1) / (driftShuffles + 1)
	return d, d.P <= alpha
}

// localCorrelation is the correlation of neighbours about a line through their
// surroundings, which a jump or a slope elsewhere does not touch: the median
// over stretches of 20 points or more, each less its bias of about -(2+4ρ)/n.
func localCorrelation(v []float64) float64 {
	var all []float64
	for stretch := range slices.Chunk(v, max(20, len(v)/8)) {
		if n := len(stretch); n >= 20 {
			rho := autocorrelation(aboutLine(stretch), 1)
			all = append(all, rho+(2+4*rho)/float64(n))
		}
	}
	return Median(all)
}

// aboutLine are the deviations of v from the line that fits it best.
func aboutLine(v []float64) []float64 {
	middle, mean := float64(len(v)-1)/2, Mean(v)
	var with, own float64
	for i, y := range v {
		x := float64(i) - middle
		with, own = with+x*(y-mean), own+x*x
	}
	left := make([]float64, len(v))
	for i, y := range v {
		left[i] = y - mean - with/own*(float64(i)-middle)
	}
	return left
}

// shuffleBlocks puts blocks of neighbours of v, cut from a random place of the
// ring on, in random order into dst.
func shuffleBlocks(dst, v []float64, block int, random *rand.Rand) {
	turn := random.IntN(len(v))
	blocks := random.Perm((len(v) + block - 1) / block)
	at := 0
	for _, b := range blocks {
		for i := b * block; i < min((b+1)*block, len(v)); i++ {
			dst[at] = v[(turn+i)%len(v)]
			at++
		}
	}
}

// change is one way to say that a series changes: from `from` to `to` by a
// jump, or from `from` to its end by a slope.
type change struct {
	from, to  int
	slope     bool
	explained float64 // of the sum of squared deviations from the mean
}

// sumWeights turn the sum of k of n values less their mean, squared, into what
// a level of their own explains: n/(k(n-k)).
func sumWeights(n int) []float64 {
	weights := make([]float64, n)
	for k := 1; k < n; k++ {
		weights[k] = float64(n) / float64(k*(n-k))
	}
	return weights
}

// fitChange is the change that explains most, by least squares.
func fitChange(v, weights []float64) change {
	n, mean := len(v), Mean(v)
	var best change
	var after, ramp float64 // sums of v less its mean from i on, and weighted 1, 2 …
	for i := n - 1; i >= leastDriftPoints; i-- {
		after += v[i] - mean
		ramp += after
		if n-i < leastDriftPoints {
			continue
		}
		// The ramp 1, 2 … k after zeros has Σh = k(k+1)/2 and Σh² = Σh(2k+1)/3.
		k := float64(n - i)
		h := k * (k + 1) / 2
		if e := ramp * ramp / (h*(2*k+1)/3 - h*h/float64(n)); e > best.explained {
			best = change{from: i, to: n, slope: true, explained: e}
		}
		sum := after // of the stretch from i to j
		for j := n; j-i >= leastDriftPoints; j-- {
			if e := sum * sum * weights[j-i]; e > best.explained && (j == n || n-j >= leastDriftPoints) {
				best = change{from: i, to: j, explained: e}
			}
			sum -= v[j-1] - mean
		}
	}
	return best
}

// drift puts numbers to a change of v.
func (c change) drift(v []float64) Drift {
	d := Drift{From: c.from, To: c.to}
	if !c.slope {
		d.Before, d.After = Mean(slices.Concat(v[:c.from], v[c.to:])), Mean(v[c.from:c.to])
		return d
	}
	n, mean := float64(len(v)), Mean(v)
	k := n - float64(c.from)
	h, ramp := k*(k+1)/2, 0.0
	for i, y := range v[c.from:] {
		ramp += float64(i+1) * (y - mean)
	}
	d.Slope = ramp / (h*(2*k+1)/3 - h*h/n)
	d.Before = mean - d.Slope*h/n
	d.After = d.Before + d.Slope*k
	return d
}
