package compare

import (
	"fmt"
	"math"

	"weir/internal/stats"
)

// Bootstrap of one run's seconds.
const (
	// leastSeconds are the fewest points that a bootstrap of a run is made from.
	leastSeconds = 30
	resamples    = 2000
	seed         = 1
	// manyFreedom stands for a spread that is not estimated from few runs.
	manyFreedom = 1e6
)

// singles compares sides of which at least one is a single run.
type singles struct {
	base, fresh []reading
	// repeats show how much runs differ by themselves: those given, else the side
	// that is a group; fewer than LeastRepeats show nothing.
	repeats []reading
}

func newSingles(base, fresh, repeats []reading) singles {
	s := singles{base, fresh, repeats}
	for _, side := range [][]reading{base, fresh} {
		if len(s.repeats) < LeastRepeats && len(side) >= LeastRepeats {
			s.repeats = side
		}
	}
	return s
}

func (s singles) method() string {
	text := fmt.Sprintf("block bootstrap of the seconds of %d against %d runs", len(s.base), len(s.fresh))
	if len(s.repeats) >= LeastRepeats {
		return text + fmt.Sprintf(", widened by the spread of %d repeats, Holm's correction over the metrics", len(s.repeats))
	}
	return text + fmt.Sprintf("; how much runs differ by themselves is not known, so changes below %d %% are not told", LeastSingle)
}

// estimate is a change with its standard error.
type estimate struct {
	change, deviation, freedom float64
	why                        string // why there is no standard error; empty: there is one
}

func (s singles) compare(chosen []measure) []Metric {
	all := make([]Metric, len(chosen))
	estimates := make([]estimate, len(chosen))
	p, least := make([]float64, len(chosen)), make([]float64, len(chosen))
	for i, m := range chosen {
		before, after := values(&m, s.base), values(&m, s.fresh)
		all[i] = m.metric(before, after)
		p[i], least[i] = 1, 1
		if len(before) == 0 || len(after) == 0 {
			all[i].Reason = "not measured on both sides"
			continue
		}
		e := s.estimate(&m, before, after)
		estimates[i] = e
		all[i].setChange(e.change)
		if e.why == "" {
			p[i], least[i] = e.p(), 0
			reach := stats.StudentBound(confidence, e.freedom) * e.deviation
			all[i].Interval = &[2]float64{e.change - reach, e.change + reach}
		}
	}
	corrected := stats.Holm(p, least, Alpha)
	for i := range all {
		if all[i].Change != nil {
			s.judge(&all[i], &chosen[i], estimates[i], corrected[i])
		}
	}
	return all
}

// estimate is the change of a measure, with the variance of the runs (from the
// repeats) and of what a single run's seconds say of it.
func (s singles) estimate(m *measure, before, after []float64) estimate {
	e := estimate{change: stats.Mean(after) - stats.Mean(before), freedom: manyFreedom}
	variance := 0.0
	known := len(s.repeats) >= LeastRepeats
	if known {
		between := values(m, s.repeats)
		if len(between) < LeastRepeats {
			e.why = "the repeats did not measure it"
			return e
		}
		e.freedom = float64(len(between) - 1)
		variance = stats.Variance(between) * (1/float64(len(before)) + 1/float64(len(after)))
	}
	for _, side := range [][]reading{s.base, s.fresh} {
		if len(side) > 1 {
			continue
		}
		within, why := bootstrapVariance(m, side[0])
		if why != "" && !known {
			e.why = why
			return e
		}
		variance += within
	}
	e.deviation = math.Sqrt(variance)
	return e
}

// bootstrapVariance is the variance of a run's figure by its seconds, 0 with
// the reason where they can't show it.
func bootstrapVariance(m *measure, r reading) (variance float64, why string) {
	if m.parts == nil {
		return 0, "a maximum of one run has no spread to compare with: give repeats"
	}
	parts := r.parts(m.parts)
	if len(parts) < leastSeconds {
		return 0, fmt.Sprintf("%d points of one run are too few for an interval (%d): longer steps, or repeats", len(parts), leastSeconds)
	}
	level, _ := quotient(parts)
	deviations := make([]float64, len(parts))
	for i, p := range parts {
		deviations[i] = p.num - level*p.den
	}
	picked := make([]part, len(parts))
	return stats.Variance(stats.Bootstrap(len(parts), stats.BlockLength(deviations), resamples, seed, func(places []int) float64 {
		for i, p := range places {
			picked[i] = parts[p]
		}
		q, _ := quotient(picked)
		return q
	})), ""
}

// p is the two-sided probability of so large a change where there is none.
func (e estimate) p() float64 {
	switch {
	case e.change == 0:
		return 1
	case e.deviation == 0: // nothing varied, and now it is different
		return 0
	}
	return stats.StudentP(e.change/e.deviation, e.freedom)
}

// judge sets Result and Reason of a metric that both sides have.
func (s singles) judge(m *Metric, of *measure, e estimate, corrected float64) {
	known := len(s.repeats) >= LeastRepeats
	switch {
	case e.change == 0:
		m.Result, m.Reason = Same, "the same on both sides"
		if e.why == "" {
			m.P = &corrected
		}
	case e.why != "":
		m.Reason = e.why
	case known && e.deviation == 0:
		m.Reason = "the repeats never varied, so they say nothing of the chance of a change"
	default:
		m.decide(of, corrected)
		if !known && m.Result != Same && m.ChangePercent != nil && math.Abs(*m.ChangePercent) < LeastSingle {
			m.Result = Same
			m.Reason = fmt.Sprintf("below %d %%, which single runs may differ by themselves: give repeats", LeastSingle)
		}
	}
}
