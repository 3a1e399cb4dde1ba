package record

import "weir/internal/metrics"

// Waiting gives, in rising order, the records that wait at the end of each
// second for which the account was looked at: the backlog, less what the mapping
// filtered or gave up until then, for that waits for nobody.
func (d *Data) Waiting(do func(t int64, records float64)) {
	left := d.leftUntil()
	for _, p := range d.Series {
		if v, ok := p.V[metrics.Backlog]; ok {
			do(p.T, max(v-left(p.T), 0))
		}
	}
}

// leftUntil is how many records the mapping had filtered or given up by the end
// of a second, those of a longer period spread evenly over it. It must be asked
// for rising seconds.
func (d *Data) leftUntil() func(t int64) float64 {
	period := int64(max(d.Run.Pipeline.ResolutionS, 1))
	count := func(p Point) float64 {
		return p.V[metrics.FilteredOut] + p.V[metrics.DeadLettered] + p.V[metrics.Dropped]
	}
	next, whole := 0, 0.0 // the first period that is not over, and those before it
	return func(t int64) float64 {
		for ; next < len(d.Series) && d.Series[next].T+period <= t+1; next++ {
			whole += count(d.Series[next])
		}
		left := whole
		for _, p := range d.Series[next:] {
			if p.T > t {
				break
			}
			left += count(p) * float64(t+1-p.T) / float64(period)
		}
		return left
	}
}
