package judge

import (
	"fmt"
	"math"

	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/record"
)

// notes say what was unusual about the run, and about what it is judged by: a
// pass by other targets must not look like one by weir's.
func notes(d *record.Data, o Options) []string {
	all := append([]string{}, d.Run.Notes...)
	if !o.Capacity && o.Targets != plan.DefaultTargets {
		all = append(all, "judged by targets that were set (--slo), not by weir's own: "+o.Targets.String())
	}
	switch d.Run.Status {
	case record.Running:
		all = append(all, "the run was cut short or is still under way; it is judged on what there is")
	case record.Interrupted:
		all = append(all, "the run ended early ("+d.Run.Reason+"); it is judged on what there is")
	case record.Failed:
		all = append(all, "the run failed ("+d.Run.Reason+"); it is judged on what there is")
	}
	return all
}

// warnings say where a verdict rests on too little, and name what the ledger
// accounts for without calling it lost.
func warnings(d *record.Data, v Verdict) []string {
	var all []string
	for _, t := range v.Targets {
		if t.Value == nil || t.Limit == nil || t.Verdict != Pass {
			continue
		}
		switch {
		case t.ID == RecordLatency && t.Upper95 == nil && !d.Run.Watched:
			all = append(all, fmt.Sprintf("record_latency: %s can't bound a p99; it takes %d", Number(float64(t.N), "records"), samplesForP99))
		case t.Upper95 != nil && *t.Upper95 >= *t.Limit:
			all = append(all, tooFew(t))
		}
	}
	all = append(all, hotShards(v.Steps)...)
	for _, drift := range v.Drifts {
		all = append(all, drift.sentence())
	}
	return append(all, remainders(d.Ledger.Account)...)
}

// tooFew says that the observed value holds and its 95 % bound does not.
func tooFew(t Target) string {
	text := fmt.Sprintf("%s: observed %s, but the 95 %% bound of %s observations is %s, not below the limit of %s",
		t.ID, Number(*t.Value, t.Unit), Count(t.N), Number(*t.Upper95, t.Unit), Number(*t.Limit, t.Unit))
	if t.ID == LambdaErrors && *t.Value == 0 && *t.Limit > 0 {
		// Rule of three: 0 of n excludes rates above 3/n.
		text += fmt.Sprintf("; it takes %s invocations without error", Count(int64(math.Ceil(300 / *t.Limit))))
	}
	return text
}

func remainders(a ledger.Account) []string {
	var all []string
	for _, r := range []struct {
		n    int64
		text string
	}{
		{a.Indeterminate, "were sent, got no answer and were never seen (indeterminate)"},
		{a.InFlight, "were still in the stream when the account was closed"},
		{a.DeadLettered, "went to the on-failure destination"},
		{a.Duplicates.Producer, "were put twice by the producer"},
		{a.Duplicates.Mapping, "were processed twice by the mapping (delivery is at least once)"},
	} {
		if r.n > 0 {
			all = append(all, fmt.Sprintf("ledger: %s records %s", Count(r.n), r.text))
		}
	}
	return all
}
