package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/record"
)

// A step is bound by the generator, and so says nothing of the pipeline, when
// more than this was not sent or calls started later than this.
const (
	maxNotSentShare = 0.001
	maxLatenessP99  = 100 * time.Millisecond
)

// minAccepted is the share of the offered records that a sustained rate has
// accepted.
const minAccepted = 0.999

// judgeStep judges step i of the run by itself.
func judgeStep(d *record.Data, i int, o Options) Step {
	s := d.Run.Steps[i]
	w := judgedWindow(d, i)
	account, fromLedger := stepAccount(d, i)
	step := Step{
		Index: s.Index, Rate: s.Rate, Shape: s.Shape, Judged: s.Judged, Window: w.times(),
		Offered: account.Offered, Accepted: account.Accepted,
		Rejected: account.RejectedTotal(), NotSent: account.NotSent,
	}
	step.measure(d, w)
	if !o.Capacity {
		in := scope{d: d, limits: o.Targets, windows: []window{w}, indices: []int{s.Index}}
		for _, m := range stepTargets {
			step.Targets = append(step.Targets, m(in))
		}
	}
	var own *ledger.Account
	if fromLedger {
		own = &account
	}
	step.Targets = append(step.Targets, ledgerTarget(own, d.Ledger.Closed, w))

	if reason := generatorBound(account, d.Step(s.Index)); reason != "" {
		step.GeneratorBound, step.Verdict, step.Reason = true, Unknown, reason
		return step
	}
	grew := backlog(d, s)
	step.BacklogGrew = grew.outcome == Fail
	step.conclude(carried(account, d.Ledger.Closed), grew)
	step.cut(cutShort(d, i))
	return step
}

// measure fills in the figures that stand beside the verdict.
func (s *Step) measure(d *record.Data, w window) {
	if age, n := maximum(d, metrics.IteratorAge, w); n > 0 {
		s.IteratorAgeMax = &age
	}
	r := d.Step(s.Index)
	s.HotShard = hotShard(d, r)
	if r == nil {
		return
	}
	if h := r.FromDue; h.Count() > 0 {
		s.E2E = &Latency{
			P50: milliseconds(h.Quantile(0.5)), P99: milliseconds(h.Quantile(0.99)), Max: milliseconds(h.Max()),
		}
	}
	if r.Put.Count() > 0 {
		s.PutP99 = new(milliseconds(r.Put.Quantile(0.99)))
	}
	if r.Lateness.Count() > 0 {
		s.LatenessP99 = new(milliseconds(r.Lateness.Quantile(0.99)))
	}
}

// conclude sets Sustained and Verdict of a step the generator kept up with. A
// step whose load was not carried is a fail, whatever its targets say.
func (s *Step) conclude(findings ...finding) {
	targets := make([]Outcome, len(s.Targets))
	for i, t := range s.Targets {
		targets[i] = t.Verdict
		findings = append(findings, finding{t.Verdict, t.ID + ": " + t.Reason})
	}
	outcomes := make([]Outcome, len(findings))
	for i, f := range findings {
		outcomes[i] = f.outcome
	}
	sustained := worst(outcomes...)
	s.Verdict = worst(targets...)
	switch sustained {
	case Pass:
		s.Sustained, s.Reason = new(true), "sustained"
		return
	case Fail:
		s.Sustained, s.Verdict = new(false), Fail
	}
	var reasons []string
	for _, f := range findings {
		if f.outcome == sustained {
			reasons = append(reasons, f.reason)
		}
	}
	s.Reason = strings.Join(reasons, "; ")
}

// cut makes a step that was cut short unknown, where it did not fail, and says
// why; an empty reason leaves it. Whether the rate was sustained until then stands.
func (s *Step) cut(reason string) {
	if reason == "" || s.Verdict == Fail {
		return
	}
	s.Verdict = Unknown
	if s.Sustained == nil {
		reason += "; " + s.Reason
	}
	s.Reason = reason
}

// finding is one answer on the way to a step's verdict.
type finding struct {
	outcome Outcome
	reason  string
}

// stepAccount is the account of step i; where the ledger was not written it is
// what the generator counted by the second, and fromLedger is false.
func stepAccount(d *record.Data, i int) (account ledger.Account, fromLedger bool) {
	s := d.Run.Steps[i]
	if a := d.StepLedger(s.Index); a != nil {
		return *a, true
	}
	w := offeredWindow(d, s)
	if !s.Start.IsZero() {
		w.from = s.Start.Unix()
	}
	count := func(series string) int64 {
		v, _ := sum(d, series, w)
		return int64(v)
	}
	account = ledger.Account{
		Offered: count(metrics.Offered), Accepted: count(metrics.Accepted), NotSent: count(metrics.NotSent),
		Rejected: map[string]int64{}, Indeterminate: count(metrics.Indeterminate),
	}
	if n := count(metrics.Rejected); n > 0 {
		account.Rejected["refused"] = n
	}
	return account, false
}

// generatorBound says why the generator, not the pipeline, set the limits of a
// step and what to do about it; empty where it kept up.
func generatorBound(a ledger.Account, r *record.StepResult) string {
	var why string
	switch {
	case a.NotSent > 0 && float64(a.NotSent) > maxNotSentShare*float64(a.Offered):
		why = fmt.Sprintf("%s of %s records (%s) were not sent",
			Count(a.NotSent), Count(a.Offered), Number(share(a.NotSent, a.Offered), "%"))
	case r != nil && r.Lateness.Quantile(0.99) > maxLatenessP99:
		why = fmt.Sprintf("calls started up to %s late at p99", Number(milliseconds(r.Lateness.Quantile(0.99)), "ms"))
	default:
		return ""
	}
	if r != nil && r.Put.Count() > 0 {
		why += fmt.Sprintf(", with put calls of %s at p99", Number(milliseconds(r.Put.Quantile(0.99)), "ms"))
	}
	return "bound by the generator: " + why +
		"; lower the rate, put more records into a call, or use a larger or a second machine"
}

// carried compares what the stream accepted with what was offered. In an
// account that was not closed, calls were still under way: what has no answer
// yet says nothing.
func carried(a ledger.Account, closed bool) finding {
	if !closed {
		a.Offered -= a.Indeterminate
	}
	if a.Offered == 0 {
		return finding{Unknown, "nothing was offered"}
	}
	if float64(a.Accepted) >= minAccepted*float64(a.Offered) {
		return finding{Pass, "accepted"}
	}
	var causes strings.Builder
	for _, cause := range slices.Sorted(maps.Keys(a.Rejected)) {
		fmt.Fprintf(&causes, ", %s %s", cause, Count(a.Rejected[cause]))
	}
	if a.Indeterminate > 0 {
		fmt.Fprintf(&causes, ", indeterminate %s", Count(a.Indeterminate))
	}
	return finding{Fail, fmt.Sprintf("accepted %s of %s offered (%s)%s",
		Count(a.Accepted), Count(a.Offered), Number(share(a.Accepted, a.Offered), "%"), causes.String())}
}
