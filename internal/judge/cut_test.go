package judge

import (
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
)

// The healthy run has two steps of 10 s. What was to be offered beyond them, or
// longer, an interrupted run did not do, so nothing passed; what failed until
// then stays failed.
func TestInterruptedRunIsNoPass(t *testing.T) {
	const user = "interrupted by the user during the load"
	step := func(rate float64, length time.Duration) plan.Step {
		return plan.Step{Rate: rate, Duration: length, Judged: true}
	}
	whole := []plan.Step{step(100, 10*time.Second), step(200, 10*time.Second)}
	for _, tt := range []struct {
		name    string
		planned []plan.Step
		change  func(*record.Data)
		overall Outcome
		last    Outcome // of the second step
		reason  string
	}{
		{"after the load", whole, func(*record.Data) {}, Pass, Pass, "every target held in all 2 judged steps"},
		{
			"in the second step",
			[]plan.Step{whole[0], step(200, 25*time.Second)},
			func(*record.Data) {},
			Unknown, Unknown, "step 200 records/s: the load was ended after 10s of 25s: " + user,
		},
		{
			"before a third", append(whole[:2:2], step(300, 10*time.Second)), func(*record.Data) {},
			Unknown, Pass, "1 of 3 judged steps were not reached",
		},
		{"before one that is not judged", append(whole[:2:2], plan.Step{Rate: 900, Duration: time.Minute}), func(*record.Data) {}, Pass, Pass, "every target held in all 2 judged steps"},
		{
			"after a failure",
			[]plan.Step{whole[0], step(200, 25*time.Second)},
			func(d *record.Data) { set(d, t0+15, metrics.IteratorAge, 1200) },
			Fail, Fail, "step 200 records/s: iterator_age: at most 1 200 ms behind, limit 1 000 ms",
		},
		{
			"a script", nil, func(d *record.Data) {
				d.Run.Test.Kind, d.Run.K6Exit = plan.Script, k6Aborted
			},
			Unknown, Unknown, "step 100 records/s: the load was ended after 10s: " + user + "; step 200 records/s: the load was ended after 10s: " + user,
		},
		{"a script's drain", nil, func(d *record.Data) { d.Run.Test.Kind = plan.Script }, Pass, Pass, "every target held in all 2 judged steps"},
	} {
		d := healthy()
		d.Run.Status, d.Run.Reason, d.Run.Test.Steps = record.Interrupted, user, tt.planned
		tt.change(d)
		v := Judge(d, Options{})
		if v.Overall != tt.overall || v.Reason != tt.reason || v.Steps[1].Verdict != tt.last {
			t.Errorf("%s: %s (%s), last step %s\nwant %s (%s), %s", tt.name, v.Overall, v.Reason, v.Steps[1].Verdict, tt.overall, tt.reason, tt.last)
		}
	}
}

// A step that was cut short says whether its rate was sustained until then, and
// why that is not known.
func TestCutStepKeepsWhatItShowed(t *testing.T) {
	for _, tt := range []struct {
		step   Step
		reason string
		want   Step
	}{
		{Step{Verdict: Pass, Sustained: new(true), Reason: "sustained"}, "cut", Step{Verdict: Unknown, Sustained: new(true), Reason: "cut"}},
		{Step{Verdict: Pass, Reason: "few points"}, "cut", Step{Verdict: Unknown, Reason: "cut; few points"}},
		{Step{Verdict: Unknown, Reason: "no data"}, "cut", Step{Verdict: Unknown, Reason: "cut; no data"}},
		{Step{Verdict: Fail, Sustained: new(false), Reason: "lost"}, "cut", Step{Verdict: Fail, Sustained: new(false), Reason: "lost"}},
		{Step{Verdict: Pass, Sustained: new(true), Reason: "sustained"}, "", Step{Verdict: Pass, Sustained: new(true), Reason: "sustained"}},
	} {
		got := tt.step
		got.cut(tt.reason)
		if got.Verdict != tt.want.Verdict || got.Reason != tt.want.Reason || (got.Sustained == nil) != (tt.want.Sustained == nil) {
			t.Errorf("%+v cut for %q: %+v, want %+v", tt.step, tt.reason, got, tt.want)
		}
	}
}
