package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/values"
)

//go:embed report.html.tmpl
var pageText string

//go:embed document.html.tmpl
var documentText string

// page draws a run; its template "document" a Document.
var page = template.Must(template.Must(template.New("report").Funcs(template.FuncMap{"glue": glue, "policy": policy, "script": script}).Parse(pageText)).Parse(documentText))

// pageData is what the template shows: words and pictures, nothing to compute.
type pageData struct {
	Title, Test, Run string
	Overall, Verdict string
	Pipeline         string
	Model            bool // timing is a model, or all of it
	Load, When       string
	Capacity, Reason string
	Story            []fact
	Record           string // where it is

	Cards    []card
	Charts   []chart
	Flow     template.HTML
	Ledger   ledgerData
	StepHead []string
	Steps    []stepData
	Remarks  []fact
	Hot      []hotRow
	HotMore  int // rows left out of Hot

	RunnerHead []string
	Runners    [][]string // of a fleet
	Notices    []fact     // of runners

	MetricHead   []string
	Metrics      [][]string
	MetricAdvice []string // what would make unknown metrics known

	CostTitle, AdviceTitle  string
	Cost, Advice            []fact
	Configuration           []fact
	Warnings, Notes, Method []string
}

type card struct {
	Name, Verdict, Value, Limit string
	Evidence, Source, Reason    string
	Bound                       string
}

type stepData struct {
	Cells   []string // all columns but the verdict
	Verdict string
	Judged  bool
}

type ledgerData struct {
	Verdict, Reason   string
	Offered, Accepted side
	Beside, LostIDs   []fact
	Reasons           []string
}

type side struct {
	Name    string
	Entries []fact
	Sum     string
}

// HTML writes the report as one file without outside assets; it follows the
// reader's light or dark setting and can be printed.
func HTML(w io.Writer, d *record.Data, v judge.Verdict) error {
	p := pageData{
		Title: v.Test + ": " + string(v.Overall), Test: v.Test, Run: v.Run,
		Overall: string(v.Overall), Verdict: strings.ToUpper(string(v.Overall)),
		Pipeline: pipelineLine(d), Model: d.Run.Pipeline.Kind != "aws",
		Load: loadLine(d), When: when(d), Capacity: capacityLine(v), Reason: v.Reason,
		Charts: charts(d, v), Flow: flow(d.Ledger.Account), Ledger: ledgerOf(d, v),
		Record: recordPath(d), StepHead: stepHead, Remarks: stepRemarks(v), Configuration: configuration(d),
		Warnings: v.Warnings, Notes: v.Notes, Method: method(d),
	}
	p.Hot, p.HotMore = hotRows(d, v)
	p.RunnerHead, p.Runners, p.Notices = runnerHead, runnerRows(d), runnerNotices(d)
	p.CostTitle, p.Cost = costTitle(d), cost(d)
	p.MetricHead, p.Metrics, p.MetricAdvice = metricHead, metricRows(values.Of(d)), values.Advice(d)
	p.AdviceTitle, p.Advice = adviceTitle, recommended(d, v)
	p.Story = story(d, v, len(p.Advice) > 1) // one fact says why there is no advice
	for _, t := range v.Targets {
		if t.ID != judge.Ledger {
			p.Cards = append(p.Cards, cardOf(t))
		}
	}
	for _, s := range v.Steps {
		row := stepRow(s)
		p.Steps = append(p.Steps, stepData{row[:len(row)-1], string(s.Verdict), s.Judged})
	}
	var b strings.Builder
	if err := page.Execute(&b, p); err != nil {
		return fmt.Errorf("fill html report: %w", err)
	}
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

// recordPath is where the record was when the report was made.
func recordPath(d *record.Data) string { return cmp.Or(d.Dir, d.Run.ID) }

func cardOf(t judge.Target) card {
	c := card{
		Name: targetNames[t.ID], Verdict: string(t.Verdict), Value: measured(t), Limit: limit(t),
		Evidence: evidence(t), Source: t.Source, Reason: t.Reason,
	}
	if t.Upper95 != nil {
		c.Bound = fmt.Sprintf("95 %% bound %s (n = %s)", judge.Number(*t.Upper95, t.Unit), judge.Count(t.N))
	}
	return c
}

func when(d *record.Data) string {
	text := d.Run.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	if !d.Run.Ended.IsZero() {
		text += ", took " + d.Run.Ended.Sub(d.Run.Started).Round(time.Second).String()
	}
	return text
}

func ledgerOf(d *record.Data, v judge.Verdict) ledgerData {
	a := d.Ledger.Account
	offered, accepted := sides(a)
	l := ledgerData{
		Offered:  side{"offered", named(offered), agreement(total(offered), a.Offered)},
		Accepted: side{"accepted", named(accepted), agreement(total(accepted), a.Accepted)},
		Beside:   besideLedger(a), Reasons: a.Reasons,
	}
	for _, t := range v.Targets {
		if t.ID == judge.Ledger {
			l.Verdict, l.Reason = string(t.Verdict), t.Reason
		}
	}
	for _, id := range a.LostIDs {
		l.LostIDs = append(l.LostIDs, fact{fmt.Sprintf("producer %d", id.Producer), fmt.Sprintf("sequence %d", id.Sequence)})
	}
	return l
}

func named(entries []entry) []fact {
	facts := make([]fact, len(entries))
	for i, e := range entries {
		facts[i] = fact{e.Name, judge.Count(e.N)}
	}
	return facts
}
