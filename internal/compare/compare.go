// Package compare says what changed between runs: two of them, two groups, or
// a history. The unit is the run, because runs differ from each other by more
// than the records within one do. It is pure; a difference that the runs can't
// prove is "~", and what was not measured is unknown.
package compare

import (
	"fmt"

	"weir/internal/judge"
	"weir/internal/record"
)

// Numbers that a comparison rests on.
const (
	// Alpha is the chance, over all compared metrics together, that runs of the
	// same pipeline are said to differ.
	Alpha = 0.01
	// GroupSize is the fewest runs a side that are compared by rank.
	GroupSize = 5
	// LeastRepeats is the fewest runs that show how much runs differ by
	// themselves.
	LeastRepeats = 3
	// LeastSingle is the change, in per cent, below which two single runs without
	// repeats are never said to differ.
	LeastSingle = 5
	// confidence of the intervals, each by itself.
	confidence = 1 - Alpha
)

// Result is what is said of one metric.
type Result string

// Results of a metric.
const (
	Regression  Result = "regression"
	Improvement Result = "improvement"
	Changed     Result = "change" // of a metric that has no better side
	Same        Result = "~"      // no difference that the runs could prove
	Unknown     Result = "unknown"
)

// Options say what is compared, and how.
type Options struct {
	// Repeats are runs of one configuration that show how much runs differ by
	// themselves; they matter where a side is a single run.
	Repeats []*record.Data
	// Metrics are the IDs to compare, in any order; none means all. Fewer need
	// fewer runs.
	Metrics []string
	// Force compares runs of different configurations all the same.
	Force bool
}

// Comparison is what `weir compare --json` prints. Keys may be added, none
// renamed.
type Comparison struct {
	Verdict judge.Outcome `json:"verdict"` // fail: a metric got worse; unknown: nothing could be told
	Reason  string        `json:"reason"`
	Base    Side          `json:"base"`
	New     Side          `json:"new"`
	Method  string        `json:"method"` // in words; empty where nothing was compared
	Alpha   float64       `json:"alpha"`
	// Differences of the configurations; where there are any, metrics are
	// compared only with Options.Force.
	Differences []Difference `json:"differences"`
	Metrics     []Metric     `json:"metrics"`
	Notes       []string     `json:"notes"`
}

// Side are the runs on one side.
type Side struct {
	Runs    []string  `json:"runs"`
	LeftOut []LeftOut `json:"left_out"`
}

// LeftOut is a run that can't be compared, and why.
type LeftOut struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
}

// Metric is one metric on both sides.
type Metric struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Better string `json:"better"` // lower, higher, or empty: neither

	Base *float64 `json:"base"` // median of the runs; nil: not known
	New  *float64 `json:"new"`
	// The figures of the runs that have one, in the order of the sides' runs.
	BaseRuns []float64 `json:"base_runs"`
	NewRuns  []float64 `json:"new_runs"`
	// Change is New less Base in the metric's unit: of groups the median of all
	// differences between their runs.
	Change        *float64    `json:"change"`
	ChangePercent *float64    `json:"change_percent"` // of Base; nil also where Base is 0
	Interval      *[2]float64 `json:"interval"`       // of Change, 99 % by itself; nil: unbounded
	P             *float64    `json:"p"`              // corrected for the number of metrics; nil: not tested
	Result        Result      `json:"result"`
	Reason        string      `json:"reason"`
}

// Runs compares the runs of one side with those of the other. Both sides need
// at least one run.
func Runs(base, fresh []*record.Data, o Options) Comparison {
	c := Comparison{Verdict: judge.Unknown, Alpha: Alpha, Differences: []Difference{}, Metrics: []Metric{}, Notes: []string{}}
	baseline, candidate := read(base, &c.Base), read(fresh, &c.New)
	if len(baseline) == 0 || len(candidate) == 0 {
		c.Reason = "a side has no run that can be compared"
		return c
	}
	c.Differences = differences(baseline, candidate)
	if len(c.Differences) > 0 {
		if !o.Force {
			c.Reason = "the runs' configurations differ, so a change could come from that: --force compares all the same"
			return c
		}
		c.Notes = append(c.Notes, "compared by force: the configurations differ, and a change may come from that")
	}
	compareMetrics(&c, baseline, candidate, o)
	c.conclude()
	return c
}

// compareMetrics picks the method that the numbers of runs allow.
func compareMetrics(c *Comparison, base, fresh []reading, o Options) {
	chosen := choose(o.Metrics)
	switch {
	case len(base) >= GroupSize && len(fresh) >= GroupSize:
		c.Method = fmt.Sprintf("exact Mann-Whitney test of %d against %d runs, Holm's correction over the metrics", len(base), len(fresh))
		c.Metrics = compareGroups(chosen, figures(chosen, base), figures(chosen, fresh))
	case len(base) == 1 || len(fresh) == 1:
		var left Side
		repeats := matching(read(o.Repeats, &left), base[0])
		for _, l := range left.LeftOut {
			c.Notes = append(c.Notes, "repeat left out: "+l.Run+": "+l.Reason)
		}
		if more := len(o.Repeats) - len(left.LeftOut) - len(repeats); more > 0 {
			c.Notes = append(c.Notes, fmt.Sprintf("%d repeats left out: their configuration is another", more))
		}
		s := newSingles(base, fresh, repeats)
		c.Method = s.method()
		c.Metrics = s.compare(chosen)
	default:
		c.Reason = fmt.Sprintf("%d against %d runs are too few to rank and too many to take for one: compare %d or more a side, or one with one",
			len(base), len(fresh), GroupSize)
	}
}

// conclude folds the metrics' results into the verdict.
func (c *Comparison) conclude() {
	var worse, told []string
	tested, same, open := false, false, false // open: measured, and nothing can be said of it
	for _, m := range c.Metrics {
		tested = tested || m.P != nil
		same = same || m.Result == Same
		open = open || m.Result == Unknown && m.Change != nil
		switch m.Result {
		case Regression:
			worse = append(worse, m.Name)
		case Improvement, Changed:
			told = append(told, m.Name)
		}
	}
	switch {
	case len(worse) > 0:
		c.Verdict, c.Reason = judge.Fail, "worse: "+list(worse)
		if len(told) > 0 {
			c.Reason += "; also changed: " + list(told)
		}
	case len(told) > 0:
		c.Verdict, c.Reason = judge.Pass, "nothing got worse; changed: "+list(told)
	case tested, same && !open:
		c.Verdict, c.Reason = judge.Pass, "no difference that these runs could prove"
	case c.Reason == "":
		c.Reason = "nothing could be told: each metric says why"
	}
}

// outcome is the result of a change that was told.
func (m *measure) outcome(change float64) Result {
	switch {
	case m.better == "":
		return Changed
	case (change > 0) == (m.better == higher):
		return Improvement
	}
	return Regression
}
