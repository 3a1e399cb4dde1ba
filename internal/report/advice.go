package report

import (
	"fmt"
	"io"

	"weir/internal/advice"
	"weir/internal/judge"
	"weir/internal/price"
	"weir/internal/record"
)

// adviceTitle is the heading of what a run recommends.
const adviceTitle = "Recommended configuration"

// RunbookFile is where a run's directory has its runbooks.
const RunbookFile = "runbook.md"

// AdviceText writes advice for a terminal.
func AdviceText(w io.Writer, a advice.Advice) error {
	t := newText(TextOptions{})
	t.line(fmt.Sprintf("%s for %s records/s with %g %% to spare, from run %s", adviceTitle, rate(a.Rate), 100*a.Headroom, a.Run))
	tab := table{align: "llll"}
	tab.add("", "SETTING", "FOUND", "RECOMMENDED")
	for _, s := range a.Settings {
		mark := ""
		if s.Change {
			mark = "*"
		}
		tab.add(mark, s.Name, s.Found, s.Recommended)
	}
	lines := tab.lines()
	t.section(lines[0])
	for i, s := range a.Settings {
		t.line(lines[i+1])
		t.wrapped(s.Why, "        ")
	}
	t.section("PREDICTED  (from the run's figures and AWS's limits)")
	for _, f := range predictions(a) {
		t.sentence(f.Name + ": " + f.Value)
	}
	for _, caveat := range a.Caveats {
		t.sentence("note: " + caveat)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// predictions are how the recommended configuration behaves and what it costs.
func predictions(a advice.Advice) []fact {
	p := a.Predicted
	all := []fact{
		{"Knee", fmt.Sprintf("%s records/s, %s: %s (as it was run: %s)", rate(whole(a.Knee.Rate)), a.Knee.Resource, a.Knee.Why, rate(whole(a.FoundKnee.Rate)))},
		{"Record latency p99", judge.Number(p.LatencyP99Millis, "ms")},
		{"An invocation", fmt.Sprintf("%.3g records, %s billed", p.RecordsPerInvocation, judge.Number(p.BilledMillis, "ms"))},
		{"A month", fmt.Sprintf("%.2f USD (as it was run: %.2f), list prices of %s for %s", a.USD, a.FoundUSD, a.Bill.AsOf, a.Bill.Region)},
	}
	for _, l := range a.Bill.Lines {
		all = append(all, fact{string(l.Item), fmt.Sprintf("%s USD: %s × %s", dollars(l.USD), quantity(whole(l.Quantity)), l.Unit)})
	}
	return all
}

// whole leaves the decimals of large numbers out.
func whole(v float64) float64 {
	if v >= 100 {
		return float64(int64(v))
	}
	return v
}

// recommended is the advice as a report shows it; what is missing for it is
// said in its place.
func recommended(d *record.Data, v judge.Verdict) []fact {
	if d.Run.Pipeline.Function == "" {
		return nil
	}
	a, err := advice.Give(d, v, advice.Ask{Headroom: advice.DefaultHeadroom, Prices: price.List()})
	if err != nil {
		return []fact{{"Not known", err.Error()}}
	}
	all := []fact{{"For", fmt.Sprintf("%s records/s with %g %% to spare", rate(a.Rate), 100*a.Headroom)}}
	for _, s := range a.Settings {
		value := s.Recommended
		if s.Change {
			value += " (found: " + s.Found + ")"
		}
		all = append(all, fact{s.Name, value + ": " + s.Why})
	}
	for _, f := range predictions(a)[:4] {
		all = append(all, fact{"Predicted: " + lowerFirst(f.Name), f.Value})
	}
	for _, caveat := range a.Caveats {
		all = append(all, fact{"Note", caveat})
	}
	return append(all,
		fact{"As a template", "weir advise " + d.Run.ID + " --format cloudformation (or terraform)"},
		fact{"When it is in trouble", "weir runbook " + d.Run.ID + " has these numbers in runbooks: " + RunbookFile + ", beside this report"})
}

func lowerFirst(s string) string { return string(s[0]|0x20) + s[1:] }
