package compare

import (
	"fmt"

	"weir/internal/stats"
)

// compareGroups compares each measure by rank; before and after hold its
// figures of the runs that have one.
func compareGroups(chosen []measure, before, after [][]float64) []Metric {
	all := make([]Metric, len(chosen))
	p, least := make([]float64, len(chosen)), make([]float64, len(chosen))
	varying := 0
	for i, m := range chosen {
		all[i] = m.metric(before[i], after[i])
		p[i], least[i] = 1, 1
		if min(len(before[i]), len(after[i])) < GroupSize {
			continue
		}
		p[i], least[i] = stats.MannWhitney(before[i], after[i])
		shift, lo, hi, _ := stats.Shift(before[i], after[i], confidence) // groups of five have bounds at 99 %
		all[i].setChange(shift)
		all[i].Interval = &[2]float64{lo, hi}
		if least[i] < 1 {
			varying++
		}
	}
	corrected, told := stats.Holm(p, least, Alpha), anyTestable(least)
	for i := range all {
		m := &all[i]
		switch {
		case m.Change == nil:
			m.Reason = fmt.Sprintf("not measured in %d runs of each side", GroupSize)
		case least[i] == 1:
			m.Result, m.Reason = Same, "the same in all runs"
		case !told:
			m.Reason = untold(varying, min(len(before[i]), len(after[i])))
		default:
			m.decide(&chosen[i], corrected[i])
		}
	}
	return all
}

// decide sets the result of a metric that was tested.
func (m *Metric) decide(of *measure, corrected float64) {
	m.P = &corrected
	if corrected <= Alpha {
		m.Result = of.outcome(*m.Change)
		m.Reason = fmt.Sprintf("p %s after correction", probability(corrected))
		return
	}
	m.Result = Same
	m.Reason = fmt.Sprintf("p %s after correction, above %s", probability(corrected), probability(Alpha))
}

// anyTestable reports whether perfect separation could be told for any of the
// metrics.
func anyTestable(least []float64) bool {
	for _, p := range stats.Holm(least, least, Alpha) {
		if p <= Alpha {
			return true
		}
	}
	return false
}

// untold says why not even perfect separation could be told.
func untold(varying, runs int) string {
	needed := runsNeeded(varying)
	if needed <= runs {
		return fmt.Sprintf("too many runs have the same figure: no order of them is rarer than %s", probability(Alpha))
	}
	return fmt.Sprintf("groups of %d can't tell %d metrics at %s: it takes %d runs a side, or fewer metrics",
		runs, varying, probability(Alpha), needed)
}

// runsNeeded is the least number of runs a side with which perfect separation
// of one among n metrics can be told: 2/C(2k,k) at most Alpha/n.
func runsNeeded(n int) int {
	extreme := 2.0
	for k := 1; ; k++ {
		extreme *= float64(k) / float64(2*(2*k-1)) // C(2k,k) = C(2k-2,k-1)·2(2k-1)/k
		if extreme <= Alpha/float64(n) {
			return k
		}
	}
}

// figures are the values of each measure.
func figures(chosen []measure, runs []reading) [][]float64 {
	all := make([][]float64, len(chosen))
	for i := range chosen {
		all[i] = values(&chosen[i], runs)
	}
	return all
}

// values are the measure's figures of the runs that have one.
func values(m *measure, runs []reading) []float64 {
	all := []float64{}
	for _, r := range runs {
		if v, known := m.of(r); known {
			all = append(all, v)
		}
	}
	return all
}

// metric begins the comparison of a measure with the medians of both sides.
func (m *measure) metric(before, after []float64) Metric {
	x := Metric{ID: m.id, Name: m.name, Unit: m.unit, Better: m.better, BaseRuns: before, NewRuns: after, Result: Unknown}
	if len(before) > 0 {
		x.Base = new(stats.Median(before))
	}
	if len(after) > 0 {
		x.New = new(stats.Median(after))
	}
	return x
}

// setChange sets the change and its share of Base.
func (m *Metric) setChange(change float64) {
	m.Change = &change
	if *m.Base != 0 {
		m.ChangePercent = new(100 * change / *m.Base)
	}
}

func probability(p float64) string {
	if p < 0.0001 {
		return "< 0.01 %"
	}
	return fmt.Sprintf("%.2g %%", 100*p)
}
