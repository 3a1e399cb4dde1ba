package report

import (
	"math"

	"weir/internal/record"
)

// sample is a value at a moment, in seconds from the start of the load.
type sample struct{ at, v float64 }

// mostSamples is how many points of a line a chart shows; more are gathered
// into buckets of equal time.
const mostSamples = 600

// gather says how a bucket's values become one.
type gather func(acc, v float64, n int) float64

// peak keeps the largest value: for latencies, ages and counts of errors.
func peak(acc, v float64, _ int) float64 { return math.Max(acc, v) }

// mean averages: for rates.
func mean(acc, v float64, n int) float64 { return acc + (v-acc)/float64(n) }

// samplesOf is a series on the chart's axis, scaled and, where it is long,
// gathered.
func samplesOf(d *record.Data, series string, origin int64, scale float64, how gather) []sample {
	var all []sample
	for _, p := range d.Series {
		if v, ok := p.V[series]; ok {
			all = append(all, sample{float64(p.T - origin), v * scale})
		}
	}
	return thin(all, how)
}

func thin(all []sample, how gather) []sample {
	if len(all) <= mostSamples {
		return all
	}
	width := (all[len(all)-1].at - all[0].at + 1) / mostSamples
	var thinned []sample
	n := 0
	for _, s := range all {
		bucket := all[0].at + width*math.Floor((s.at-all[0].at)/width)
		if len(thinned) == 0 || thinned[len(thinned)-1].at != bucket {
			thinned, n = append(thinned, sample{bucket, s.v}), 1
			continue
		}
		n++
		last := &thinned[len(thinned)-1]
		last.v = how(last.v, s.v, n)
	}
	return thinned
}

// gap is the distance from which two neighbouring samples are not joined: more
// than twice the usual one.
func gap(samples []sample) float64 {
	if len(samples) < 2 {
		return math.Inf(1)
	}
	least := math.Inf(1)
	for i := 1; i < len(samples); i++ {
		least = math.Min(least, samples[i].at-samples[i-1].at)
	}
	return 2.5 * least
}
