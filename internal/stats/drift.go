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
const driftShuffles = 1999

// Drifts finds where a series whose points depend on their neighbours leaves
// its level, by a jump, by a jump and back, or by a slope, in rising order.
// Each change is the one that takes most from the squared deviations (circular
// binary segmentation, Olshen and others 2004, with a slope beside it); it
// counts when at most alpha of the series made by shuffling blocks of
// neighbours show one as marked. The stretches before, within and after a jump
// are searched in turn; of a slope what is before it. Blocks are as long as BlockLength has them for the correlation of
// neighbours within short stretches. Values further than eight median absolute deviations from the
// median are taken for as far as that. The result is the same for the same
// seed; fewer than 20 points show nothing. The cost grows with the square of the
// number of points: 300 take some 100 ms.
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

// tame pulls wild values to eight median absolute deviations from the median.
func tame(v []float64) []float64 {
	middle := Median(v)
	away := make([]float64, len(v))
	for i, x := range v {
		away[i] = math.Abs(x - middle)
	}
	reach := 8 * Median(away)
	tamed := slices.Clone(v)
	if reach == 0 { // most values are the same: the others are all there is to see
		return tamed
	}
	for i, x := range tamed {
		tamed[i] = min(max(x, middle-reach), middle+reach)
	}
	return tamed
}

// bestDrift is the most marked change within v; ok is false where chance
// makes one as marked too often.
func bestDrift(v []float64, alpha float64, random *rand.Rand) (d Drift, ok bool) {
	if len(v) < 2*leastDriftPoints {
		return Drift{}, false
	}
	best := fitChange(v)
	if best.explained == 0 {
		return Drift{}, false
	}
	block := blockLength(localCorrelation(v), len(v))
	shuffled := make([]float64, len(v))
	asMarked := 0
	for range driftShuffles {
		shuffleBlocks(shuffled, v, block, random)
		if fitChange(shuffled).explained >= best.explained {
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

// localCorrelation is the correlation of neighbours about the level of their
// surroundings, which a jump or a slope elsewhere does not touch: the median
// over stretches of 20 points or more, each less its bias of -(1+4ρ)/n
// (Marriott and Pope 1954).
func localCorrelation(v []float64) float64 {
	var all []float64
	for stretch := range slices.Chunk(v, max(20, len(v)/8)) {
		if len(stretch) >= 20 {
			rho := autocorrelation(stretch, 1)
			all = append(all, rho+(1+4*rho)/float64(len(stretch)))
		}
	}
	return Median(all)
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

// fitChange is the change that explains most, by least squares.
func fitChange(v []float64) change {
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
			k := float64(j - i)
			if e := sum * sum * float64(n) / (k * (float64(n) - k)); e > best.explained && (j == n || n-j >= leastDriftPoints) {
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
