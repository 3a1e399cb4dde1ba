package report

import (
	"fmt"
	"io"
	"strings"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/record"
)

// TextOptions are the terminal's properties.
type TextOptions struct {
	Width  int    // columns to wrap sentences at; 0 means 100
	Color  bool   // verdicts in colour
	Report string // where the HTML report is, named at the end; empty: not named
}

// Text writes the table at the end of a run.
func Text(w io.Writer, d *record.Data, v judge.Verdict, o TextOptions) error {
	t := newText(o)
	t.head(d, v)
	t.targets(v)
	t.steps(v)
	t.runners(d)
	t.ledger(d.Ledger)
	t.section("RESULT")
	t.sentence(capacityLine(v))
	t.sentence(fmt.Sprintf("%s: %s.", v.Overall, v.Reason))
	for _, warning := range v.Warnings {
		t.sentence("warning: " + warning)
	}
	for _, note := range v.Notes {
		t.sentence("note: " + note)
	}
	if o.Report != "" {
		t.line("  report: " + o.Report)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// text collects the lines. Everything that comes from outside goes through
// line, which keeps it from steering the terminal.
type text struct {
	b strings.Builder
	o TextOptions
}

func newText(o TextOptions) *text {
	if o.Width == 0 {
		o.Width = 100
	}
	return &text{o: o}
}

func (t *text) line(s string)     { t.b.WriteString(printable(s) + "\n") }
func (t *text) section(s string)  { t.line(""); t.line(s) }
func (t *text) sentence(s string) { t.wrapped(s, "  ") }

func (t *text) wrapped(s, indent string) {
	s = strings.ReplaceAll(s, "\n", "; ") // as errors are joined
	for _, l := range Wrap(printable(s), indent, t.o.Width) {
		t.line(l)
	}
}

// verdict writes a line with the first occurrence of word in the colour of the
// outcome.
func (t *text) verdict(line, word string, o judge.Outcome) {
	line = printable(line)
	if t.o.Color {
		colour := map[judge.Outcome]string{judge.Pass: "32", judge.Fail: "31", judge.Unknown: "33"}[o]
		line = strings.Replace(line, word, "\x1b[1;"+colour+"m"+word+"\x1b[0m", 1)
	}
	t.b.WriteString(line + "\n")
}

func (t *text) head(d *record.Data, v judge.Verdict) {
	word := strings.ToUpper(string(v.Overall))
	t.verdict(word+"  "+v.Test+"  ("+v.Run+")", word, v.Overall)
	t.line(pipelineLine(d))
	t.line(loadLine(d))
}

func (t *text) targets(v judge.Verdict) {
	tab := table{align: "lrrll"}
	tab.add("TARGET", "MEASURED", "LIMIT", "VERDICT", "STATISTIC, WINDOW (UTC), RESOLUTION")
	for _, x := range v.Targets {
		tab.add(targetNames[x.ID], measured(x), limit(x), string(x.Verdict), evidence(x))
	}
	lines := tab.lines()
	t.section(lines[0])
	for i, x := range v.Targets {
		t.verdict(lines[i+1], string(x.Verdict), x.Verdict)
		if x.Verdict != judge.Pass {
			t.wrapped(x.Reason, "    ")
		}
	}
}

func (t *text) steps(v judge.Verdict) {
	tab := table{align: "rrrrrrrrrll"}
	tab.add(stepHead...)
	for _, s := range v.Steps {
		tab.add(stepRow(s)...)
	}
	t.section("STEPS  (records; put: time of a call; e2e: from due to processed; age: iterator age)")
	for _, l := range tab.lines() {
		t.line("  " + l)
	}
	for _, r := range stepRemarks(v) {
		t.wrapped(r.Name+": "+r.Value, "    ")
	}
}

func (t *text) ledger(r ledger.Report) {
	state := "closed"
	switch {
	case !r.Closed:
		state = "not closed"
	case r.Unexplained > 0:
		state = "not closed: some records are unexplained"
	}
	t.section("LEDGER  (distinct records, " + state + ")")
	offered, accepted := sides(r.Account)
	tab := table{align: "lrllr"}
	tab.add("offered", judge.Count(r.Offered), "   ", "accepted", judge.Count(r.Accepted))
	for i := range accepted {
		row := []string{"", "", "   "}
		if i < len(offered) {
			row = []string{"  " + offered[i].Name, judge.Count(offered[i].N), "   "}
		}
		tab.add(append(row, "  "+accepted[i].Name, judge.Count(accepted[i].N))...)
	}
	tab.add("sum", agreement(total(offered), r.Offered), "   ", "sum", agreement(total(accepted), r.Accepted))
	for _, l := range tab.lines() {
		t.line("  " + l)
	}
	var beside []string
	for _, e := range besideLedger(r.Account) {
		beside = append(beside, e.Name+" "+e.Value)
	}
	t.sentence("beside it: " + strings.Join(beside, ", "))
	for _, id := range r.LostIDs {
		t.line(fmt.Sprintf("  lost: producer %d sequence %d", id.Producer, id.Sequence))
	}
	for _, reason := range r.Reasons {
		t.sentence(reason)
	}
}

// agreement is a sum and whether it is what it should be.
func agreement(sum, want int64) string {
	if sum == want {
		return "= " + judge.Count(sum)
	}
	return "≠ " + judge.Count(sum)
}
