package judge

import (
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// settled is the second of a step from which on the pipeline works at the
// step's level: a change of rate reaches the function a poll later, and the
// first step finds an idle one. It is found from the records processed in each
// second, which says how much work there was and not how well it went, so that
// no bad second is taken for warm-up because it was bad. At most a quarter of
// the step is left out. Where no such series was recorded by the second it is
// the step's beginning.
func settled(d *record.Data, step window) int64 {
	level := perSecond(d, step)
	cut, _ := stats.Settled(level, len(level)/4)
	return step.from + int64(cut)
}

// perSecond is how many records were processed, or polled where that is not
// known, in each second of a window; nil where neither is recorded by the
// second. A second without a point had none.
func perSecond(d *record.Data, w window) []float64 {
	series := []string{metrics.Processed}
	if d.Run.Pipeline.ResolutionS <= 1 {
		series = append(series, metrics.Polled)
	}
	w.to = min(w.to, seriesEnd(d)) // a run cut short has no seconds after that
	for _, name := range series {
		level := make([]float64, max(w.to-w.from, 0))
		if _, n := sum(d, name, w); n == 0 {
			continue
		}
		each(d, name, []window{w}, func(t int64, v float64) { level[t-w.from] = v })
		return level
	}
	return nil
}
