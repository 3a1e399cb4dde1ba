package report

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/quota"
	"weir/internal/record"
	"weir/internal/stats"
)

// story is the run in four sentences: what was asked, what happened, what gave
// out first, what to do. advised says that a recommended configuration follows.
func story(d *record.Data, v judge.Verdict, advised bool) []fact {
	next := toDo(d, v)
	if advised {
		next += " The configuration that these figures recommend stands below."
	}
	return []fact{
		{"Asked", asked(d)},
		{"Happened", happened(d)},
		{"Gave out first", gaveOutFirst(v)},
		{"To do", next},
	}
}

// asked says what was offered to what.
func asked(d *record.Data) string {
	t, p := d.Run.Test, d.Run.Pipeline
	text := "the load of a k6 script"
	if t.Kind != plan.Script {
		text = fmt.Sprintf("%s at %s", t.Payload, offeredRates(d.Run.Steps))
	}
	text += fmt.Sprintf(", put to stream %s with %s", p.Stream, counted(int64(p.Shards), "open shard"))
	if p.Function != "" {
		text += fmt.Sprintf(", from there in batches of up to %s to function %s", judge.Count(int64(p.BatchSize)), p.Function)
	}
	return text + "."
}

// offeredRates are the steps' rates in order, a moving one as it was written.
func offeredRates(steps []record.Step) string {
	if len(steps) == 0 {
		return "no rate: no step was begun"
	}
	const most = 8
	var rates []string
	for i, s := range steps {
		if i == most {
			rates = append(rates, fmt.Sprintf("… %d more", len(steps)-most))
			break
		}
		if s.Shape != "" {
			rates = append(rates, s.Shape)
		} else {
			rates = append(rates, rate(s.Rate))
		}
	}
	text := strings.Join(rates, " → ") + " a second"
	if length := steps[0].End.Sub(steps[0].Start); length > 0 {
		text += ", " + map[bool]string{true: "for ", false: "each for about "}[len(steps) == 1] + timeLabel(length.Round(time.Second).Seconds())
	}
	return text
}

// happened says what became of the records, and how long they took.
func happened(d *record.Data) string {
	a := d.Ledger.Account
	if a.Offered == 0 {
		return "No record was offered."
	}
	parts := []string{fmt.Sprintf("Of %s offered records %s were accepted and %s processed", judge.Count(a.Offered), judge.Count(a.Accepted), judge.Count(a.Processed))}
	for _, e := range missed(a) {
		parts = append(parts, judge.Count(e.N)+" "+e.Name)
	}
	text := strings.Join(parts, ", ")
	if a.Lost == 0 && d.Ledger.Closed && a.Unexplained == 0 {
		text += "; none was lost"
	}
	text += "."
	var h stats.Histogram
	for _, s := range d.Steps {
		h.Merge(s.FromDue)
	}
	if h.Count() > 0 {
		text += fmt.Sprintf(" From due to processed half of them took at most %s, 99 %% at most %s, the slowest %s.",
			millis(h.Quantile(0.5)), millis(h.Quantile(0.99)), millis(h.Max()))
	}
	if !d.Ledger.Closed {
		text += " The account was not closed, so what is missing in it is unknown."
	}
	return text
}

// missed are the parts of the account that a reader should see first.
func missed(a ledger.Account) []entry {
	offered, accepted := sides(a)
	var all []entry
	for _, e := range append(offered[1:], accepted[1:]...) {
		if e.N > 0 {
			all = append(all, e)
		}
	}
	return all
}

func millis(d time.Duration) string { return judge.Number(float64(d.Microseconds())/1000, "ms") }

// gaveOutFirst names what stopped the load from being carried.
func gaveOutFirst(v judge.Verdict) string {
	bound := boundStep(v)
	switch k := v.Knee; {
	case k.Unsustained != nil:
		return fmt.Sprintf("At %s records/s: %s.", rate(*k.Unsustained), k.GaveOut)
	case bound != nil:
		return fmt.Sprintf("The generator, at %s, before the pipeline did: what the pipeline carries there is unknown.", bound.Load())
	case v.Overall == judge.Fail:
		return "No resource; what failed: " + v.Reason + "."
	case k.Sustained != nil:
		return fmt.Sprintf("Nothing, up to %s records/s.", rate(*k.Sustained))
	}
	return "It can't be told: " + v.Reason + "."
}

// boundStep is the first step in which the generator did not keep up, nil where
// there is none.
func boundStep(v judge.Verdict) *judge.Step {
	for i, s := range v.Steps {
		if s.GeneratorBound {
			return &v.Steps[i]
		}
	}
	return nil
}

// toDo is the next step.
func toDo(d *record.Data, v judge.Verdict) string {
	k := v.Knee
	remedy := remedies[k.Resource]
	switch {
	case d.Ledger.Lost > 0:
		return remedies[quota.Delivery] + " " + counted(int64(len(d.Ledger.LostIDs)), "lost record") + " named under Ledger."
	case k.Unsustained != nil && remedy != "":
		return remedy
	case boundStep(v) != nil:
		return "Lower the rate, put more records into a call (--put-batch), or make the load on a larger machine or on several."
	case v.Overall == judge.Pass && k.Sustained != nil && *k.Sustained > 0:
		return fmt.Sprintf("It carries what was asked. To find its limit offer more: %s --rate %g, or weir run stress.", again(d.Run.Test.Name), 2**k.Sustained)
	case v.Overall == judge.Pass:
		return "It carries what was asked. weir run stress finds its limit."
	}
	return "See the reason under the verdict above, and the warnings below."
}

// again is the command that runs a test of that name.
func again(test string) string {
	if test == "try" {
		return "weir try"
	}
	return "weir run " + test
}

// counted is a number with its noun.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return judge.Count(n) + " " + noun + "s"
}
