package judge

import (
	"fmt"
	"math"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// Drift is a stretch of a long step in which a series lay on another level than
// before, or moved away from it.
type Drift struct {
	Step   int       `json:"step"`
	Series string    `json:"series"`
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	// ToEnd: it did not come back within the step.
	ToEnd bool `json:"to_end"`
	// PerHour is what an hour adds, where the series moves steadily; 0 where it
	// jumped.
	PerHour float64 `json:"per_hour,omitzero"`
	Before  float64 `json:"before"`
	After   float64 `json:"after"` // the other level; of a steady move its end
	P       float64 `json:"p"`
}

const (
	// driftLength is the shortest step that is searched: drift is slow.
	driftLength = 30 * time.Minute
	// driftPoints is into how many points a step is gathered at most: five
	// minutes each of a day.
	driftPoints = 288
	// driftAlpha is the chance that a step without drift shows any, over all
	// series together.
	driftAlpha = 0.01
	// leastDrift is the smallest share of the level that is worth saying.
	leastDrift = 0.01
)

// drifting are the series that are searched for drift, with how a point is made
// of its seconds: latencies and memory as their median, so that a wild second
// doesn't count, the others as their mean.
var drifting = []struct {
	series, name, unit string
	gather             func([]float64) float64
}{
	{metrics.E2EP50, "end to end p50", "ms", stats.Median},
	{metrics.E2EP99, "end to end p99", "ms", stats.Median},
	{metrics.DurationP50, "Duration p50", "ms", stats.Median},
	{metrics.DurationP99, "Duration p99", "ms", stats.Median},
	{metrics.IteratorAge, "iterator age", "ms", stats.Mean},
	{metrics.Errors, "function errors per point", "", stats.Mean},
	{metrics.MaxMemoryUsed, "the function's memory", "MB", stats.Median},
	{metrics.ChildRSS, "the generator's memory", "MB", stats.Median},
}

// driftsOf finds the drift within step i, in the order of the series; nil for a
// short step, and for one that the generator bound: it drifts by itself.
func driftsOf(d *record.Data, i int, bound bool) []Drift {
	s := d.Run.Steps[i]
	w := offeredWindow(d, s)
	if bound || time.Duration(w.to-w.from)*time.Second < driftLength {
		return nil
	}
	var all []Drift
	for _, x := range drifting {
		at, v := gathered(d, x.series, w, x.gather)
		if x.series == metrics.ChildRSS {
			for i := range v {
				v[i] /= 1 << 20
			}
		}
		for _, c := range stats.Drifts(v, driftAlpha/float64(len(drifting)), uint64(s.Index)) {
			if math.Abs(c.After-c.Before) < leastDrift*math.Abs(c.Before) {
				continue
			}
			found := Drift{
				Step: s.Index, Series: x.series, Name: x.name, Unit: x.unit, ToEnd: c.To == len(v),
				From: unix(at[c.From]), To: unix(w.to), Before: c.Before, After: c.After, P: c.P,
			}
			if !found.ToEnd {
				found.To = unix(at[c.To])
			}
			if c.Slope != 0 {
				found.PerHour = (c.After - c.Before) / found.To.Sub(found.From).Hours()
			}
			all = append(all, found)
		}
	}
	return all
}

func unix(second int64) time.Time { return time.Unix(second, 0).UTC() }

// gathered is a series in a window as points of equal length, each with the
// second at which it begins; those without a value are left out.
func gathered(d *record.Data, series string, w window, gather func([]float64) float64) (at []int64, v []float64) {
	length := max((w.to-w.from+driftPoints-1)/driftPoints, int64(d.Run.Pipeline.ResolutionS), 1)
	seconds := make([][]float64, (w.to-w.from+length-1)/length)
	each(d, series, []window{w}, func(t int64, x float64) {
		k := (t - w.from) / length
		seconds[k] = append(seconds[k], x)
	})
	for k, s := range seconds {
		if len(s) > 0 {
			at, v = append(at, w.from+int64(k)*length), append(v, gather(s))
		}
	}
	return at, v
}

// sentence says what drifted and when.
func (d Drift) sentence() string {
	before, after := figure(d.Before, d.Unit), figure(d.After, d.Unit)
	day := d.From.Format("2006-01-02 15:04")
	switch {
	case d.PerHour != 0:
		return fmt.Sprintf("drift: %s moves by %s an hour from %s UTC on: %s before, %s at the end",
			d.Name, signed(d.PerHour, d.Before, d.Unit), day, before, after)
	case d.ToEnd:
		return fmt.Sprintf("drift: %s changed from %s to %s at %s UTC and stayed there", d.Name, before, after, day)
	}
	return fmt.Sprintf("drift: %s was %s from %s to %s UTC, %s otherwise", d.Name, after, day, d.To.Format("2006-01-02 15:04"), before)
}

// figure is a level with two digits more than a verdict needs: drift is small.
func figure(v float64, unit string) string {
	text := decimals(v, 2)
	if math.Abs(v) >= 1000 {
		text = Count(int64(math.Round(v)))
	}
	if unit != "" {
		text += " " + unit
	}
	return text
}

// signed is a change, also in per cent of a level other than 0.
func signed(v, level float64, unit string) string {
	text := figure(v, unit)
	if v > 0 {
		text = "+" + text
	}
	if level != 0 {
		text += fmt.Sprintf(" (%+.2f %%)", 100*v/level)
	}
	return text
}
