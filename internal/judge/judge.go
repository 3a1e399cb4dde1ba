package judge

import (
	"fmt"
	"slices"
	"strings"

	"weir/internal/plan"
	"weir/internal/record"
)

// Options say by what a run is judged.
type Options struct {
	// Targets are the objectives; the zero value takes those of the run's test,
	// and the defaults where it has none.
	Targets plan.Targets
	// Capacity leaves the targets out: acceptance, backlog and ledger only.
	Capacity bool
}

// k6ThresholdsFailed is the exit code of k6 when a script's thresholds failed
// (go.k6.io/k6/v2 errext/exitcodes).
const k6ThresholdsFailed = 99

// Judge judges a run by what its record holds, also one that was interrupted
// or cut short.
func Judge(d *record.Data, o Options) Verdict {
	o.Targets = targetsOf(d, o.Targets)
	o.Capacity = o.Capacity || d.Run.Test.Capacity
	if d.Run.Watched {
		return judgeWatched(d, o)
	}
	v := Verdict{
		Run: d.Run.ID, Test: d.Run.Test.Name,
		Pipeline: d.Run.Pipeline.Kind, Profile: d.Run.Pipeline.Profile,
		Rehearsal: d.Run.TimeScale > 0 && d.Run.TimeScale < 1,
		Targets:   []Target{}, Steps: []Step{}, Warnings: []string{}, Notes: notes(d, o),
	}
	if v.Rehearsal {
		v.Notes = append([]string{fmt.Sprintf("rehearsal: a time scale of %g shortened the steps; nothing here is a result", d.Run.TimeScale)}, v.Notes...)
	}
	for i := range d.Run.Steps {
		step := judgeStep(d, i, o)
		v.Steps = append(v.Steps, step)
		v.Drifts = append(v.Drifts, driftsOf(d, i, step.GeneratorBound)...)
	}
	v.Targets = runTargets(d, o, v.Steps)
	v.Knee = knee(d, v.Steps)
	v.Overall, v.Reason = overall(d, v)
	v.Warnings = append(v.Warnings, warnings(d, v)...)
	return v
}

func targetsOf(d *record.Data, asked plan.Targets) plan.Targets {
	for _, t := range []plan.Targets{asked, d.Run.Test.Targets} {
		if t != (plan.Targets{}) {
			return t
		}
	}
	return plan.DefaultTargets
}

// runTargets judges the targets over the judged steps, and match and ledger
// over the whole run.
func runTargets(d *record.Data, o Options, steps []Step) []Target {
	whole := ledgerTarget(&d.Ledger.Account, d.Ledger.Closed, runWindow(d))
	if o.Capacity {
		return []Target{whole}
	}
	s := judgedScope(d, o, steps)
	var targets []Target
	for i, m := range stepTargets {
		targets = append(targets, overSteps(m(s), i, steps))
	}
	// In the order of the IDs, throughput match stands before record latency.
	last := len(targets) - 1
	return append(targets[:last:last], throughputMatch(d, o.Targets), targets[last], whole)
}

// judgedScope covers the judged steps that the generator kept up with, and all
// judged ones where it kept up with none, so that there are figures to show.
func judgedScope(d *record.Data, o Options, steps []Step) scope {
	s := scope{d: d, limits: o.Targets}
	for _, bound := range []bool{false, true} {
		for i, st := range steps {
			if st.Judged && st.GeneratorBound == bound {
				s.windows = append(s.windows, judgedWindow(d, i))
				s.indices = append(s.indices, st.Index)
			}
		}
		if len(s.windows) > 0 {
			break
		}
	}
	return s
}

// overSteps folds the judged steps' own verdicts on a target (the k-th of
// each) into the verdict on the whole: one step's failure is not diluted by
// the others' records, and a step bound by the generator leaves it unknown.
func overSteps(t Target, k int, steps []Step) Target {
	judged := slices.DeleteFunc(slices.Clone(steps), func(s Step) bool { return !s.Judged })
	if allBound(judged) {
		t.Verdict, t.Reason = Unknown, "no judged step that the generator kept up with; measured: "+t.Reason
		return t
	}
	for _, wanted := range []Outcome{Fail, Unknown} {
		for _, s := range judged {
			verdict, reason := s.Targets[k].Verdict, s.Targets[k].Reason
			if s.GeneratorBound {
				verdict, reason = Unknown, "bound by the generator"
			}
			if verdict == wanted && worst(t.Verdict, verdict) != t.Verdict {
				t.Verdict = verdict
				t.Reason = fmt.Sprintf("step %s: %s; over all: %s", s.Load(), reason, t.Reason)
			}
		}
	}
	return t
}

// allBound reports whether the generator kept up with none of the steps.
func allBound(judged []Step) bool {
	return !slices.ContainsFunc(judged, func(s Step) bool { return !s.GeneratorBound })
}

// overall folds the judged steps' verdicts and the run's own findings.
func overall(d *record.Data, v Verdict) (Outcome, string) {
	judged := slices.DeleteFunc(slices.Clone(v.Steps), func(s Step) bool { return !s.Judged })
	switch {
	case len(judged) == 0:
		return Unknown, "no judged step was carried out"
	case allBound(judged):
		return Unknown, strings.Join(append(runnersInTrouble(d), judged[0].Reason), "; ")
	}
	var findings []finding
	for _, trouble := range runnersInTrouble(d) {
		findings = append(findings, finding{Unknown, trouble})
	}
	for _, s := range judged {
		findings = append(findings, finding{s.Verdict, fmt.Sprintf("step %s: %s", s.Load(), s.Reason)})
	}
	for _, t := range v.Targets {
		// The other targets are folded from the steps, which give their reasons.
		if t.ID == ThroughputMatch || t.ID == Ledger {
			findings = append(findings, finding{t.Verdict, t.ID + ": " + t.Reason})
		}
	}
	if n := d.Run.K6Exceptions; n > 0 {
		findings = append(findings, finding{Fail, Count(n) + " iterations of the script threw an exception"})
	}
	if d.Run.K6Exit == k6ThresholdsFailed {
		findings = append(findings, finding{Fail, "thresholds of the script failed"})
	}
	findings = append(findings, thresholds(d.Run.Thresholds)...)
	if missing := notReached(d); missing != "" {
		findings = append(findings, finding{Unknown, missing})
	}
	if d.Run.Status == record.Failed {
		// What it did may look sound; what it was to do, it did not.
		findings = append(findings, finding{Unknown, "the run failed: " + d.Run.Reason})
	}
	for _, wanted := range []Outcome{Fail, Unknown} {
		var reasons []string
		for _, f := range findings {
			if f.outcome == wanted {
				reasons = append(reasons, f.reason)
			}
		}
		if len(reasons) > 0 {
			return wanted, strings.Join(reasons, "; ")
		}
	}
	if len(judged) == 1 {
		return Pass, "every target held in the one judged step"
	}
	return Pass, fmt.Sprintf("every target held in all %d judged steps", len(judged))
}

// runnersInTrouble says which shares of the load are unknown, of a fleet.
func runnersInTrouble(d *record.Data) []string {
	var all []string
	for _, r := range d.Run.Runners {
		if trouble := r.Trouble(len(d.Run.Runners)); trouble != "" {
			all = append(all, trouble)
		}
	}
	return all
}

// thresholds are the findings of a script's thresholds that weir evaluated.
func thresholds(of []record.Threshold) []finding {
	var findings []finding
	for _, t := range of {
		switch {
		case t.Passed:
		case t.Reason != "":
			findings = append(findings, finding{Unknown, fmt.Sprintf("threshold %s %s: %s", t.Metric, t.Source, t.Reason)})
		default:
			findings = append(findings, finding{Fail, fmt.Sprintf("threshold %s %s: %s", t.Metric, t.Source, decimals(t.Value, 3))})
		}
	}
	return findings
}

// runWindow is from the start of the first step to the last point; where none
// began it is empty, after that.
func runWindow(d *record.Data) window {
	if len(d.Run.Steps) == 0 || d.Run.Steps[0].Start.IsZero() {
		return window{seriesEnd(d), seriesEnd(d)}
	}
	from := d.Run.Steps[0].Start.Unix()
	return window{from, max(from, seriesEnd(d), d.Run.Steps[len(d.Run.Steps)-1].End.Unix())}
}

// rate is a rate without needless decimals.
func rate(perSecond float64) string {
	if whole := int64(perSecond); float64(whole) == perSecond {
		return Count(whole)
	}
	return decimals(perSecond, 2)
}
