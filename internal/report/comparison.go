package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"weir/internal/compare"
	"weir/internal/judge"
)

// comparisonHead are the columns of a comparison; all but the first and the
// last are numbers.
var comparisonHead = []string{"metric", "base", "new", "change", "99 % interval", "p", "result"}

func comparisonRow(m compare.Metric) []string {
	row := []string{m.Name, figure(m.Base, m.Unit), figure(m.New, m.Unit), relative(m), "–", "–", string(m.Result)}
	if m.Interval != nil {
		row[4] = interval(*m.Interval, m)
	}
	if m.P != nil {
		row[5] = fmt.Sprintf("%.2g", *m.P)
	}
	return row
}

// figure is a value with its unit, or that it is not known.
func figure(v *float64, unit string) string {
	switch {
	case v == nil:
		return "–"
	case unit != "":
		return judge.Number(*v, unit)
	case math.Abs(*v) >= 1000:
		return judge.Count(int64(math.Round(*v)))
	}
	return fmt.Sprintf("%.4g", *v)
}

// relative is the change in per cent of the base, in the metric's unit where
// the base is 0.
func relative(m compare.Metric) string {
	switch {
	case m.Change == nil:
		return "–"
	case *m.Change == 0:
		return "0"
	case m.ChangePercent != nil:
		return fmt.Sprintf("%+.2f %%", *m.ChangePercent)
	}
	return signed(*m.Change, m.Unit)
}

func signed(v float64, unit string) string {
	text := figure(&v, unit)
	if v > 0 {
		return "+" + text
	}
	return text
}

func interval(bounds [2]float64, m compare.Metric) string {
	if m.Base != nil && *m.Base != 0 {
		scale := 100 / *m.Base
		return fmt.Sprintf("%+.2f … %+.2f %%", scale*bounds[0], scale*bounds[1])
	}
	return signed(bounds[0], m.Unit) + " … " + signed(bounds[1], m.Unit)
}

func sideLine(s compare.Side) string {
	text := fmt.Sprintf("%d runs: %s", len(s.Runs), strings.Join(s.Runs, ", "))
	if len(s.Runs) == 1 {
		text = s.Runs[0]
	}
	for _, l := range s.LeftOut {
		text += fmt.Sprintf("; left out %s: %s", l.Run, l.Reason)
	}
	return text
}

// ComparisonText writes a comparison for a terminal.
func ComparisonText(w io.Writer, c compare.Comparison, o TextOptions) error {
	t := newText(o)
	t.headline(c.Verdict, c.Reason)
	t.sentence("base: " + sideLine(c.Base))
	t.sentence("new:  " + sideLine(c.New))
	t.differences(c.Differences)
	if len(c.Metrics) > 0 {
		tab := table{align: "lrrrrrl"}
		tab.add(comparisonHead...)
		for _, m := range c.Metrics {
			tab.add(comparisonRow(m)...)
		}
		t.section("METRICS")
		for i, l := range tab.lines() {
			t.line("  " + l)
			if i > 0 && (c.Metrics[i-1].Result == compare.Unknown) {
				t.wrapped(c.Metrics[i-1].Reason, "      ")
			}
		}
		t.sentence("method: " + c.Method + fmt.Sprintf("; chance of any false alarm at most %g %%.", 100*c.Alpha))
	}
	for _, note := range c.Notes {
		t.sentence("note: " + note)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// HistoryText writes a history for a terminal.
func HistoryText(w io.Writer, h compare.History, o TextOptions) error {
	t := newText(o)
	t.headline(h.Verdict, h.Reason)
	t.sentence(sideLine(h.Side))
	t.differences(h.Differences)
	if rows := historyRows(h); len(rows) > 0 {
		tab := table{align: "llrrrrl"}
		tab.add(historyHead...)
		for _, row := range rows {
			tab.add(row...)
		}
		t.section("CHANGES")
		for _, l := range tab.lines() {
			t.line("  " + l)
		}
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// historyHead are the columns of a history.
var historyHead = []string{"metric", "from run", "before", "after", "change", "p", "result"}

func historyRows(h compare.History) [][]string {
	var rows [][]string
	for _, m := range h.Metrics {
		for _, c := range m.Changes {
			change := "–"
			if c.ChangePercent != nil {
				change = fmt.Sprintf("%+.2f %%", *c.ChangePercent)
			}
			rows = append(rows, []string{
				m.Name, c.Run, figure(&c.Before, m.Unit), figure(&c.After, m.Unit), change,
				fmt.Sprintf("%.2g", c.P), string(c.Result),
			})
		}
	}
	return rows
}

func (t *text) headline(o judge.Outcome, reason string) {
	word := strings.ToUpper(string(o))
	t.verdict(word+"  "+reason, word, o)
}

func (t *text) differences(all []compare.Difference) {
	if len(all) == 0 {
		return
	}
	tab := table{align: "lll"}
	tab.add("what", "base", "new")
	for _, d := range all {
		tab.addWrapped([]int{24, 34, 34}, []string{d.What, d.Base, d.New})
	}
	t.section("CONFIGURATIONS DIFFER")
	for _, l := range tab.lines() {
		t.line("  " + l)
	}
}

// ComparisonMarkdown writes a comparison for a pull request.
func ComparisonMarkdown(w io.Writer, c compare.Comparison) error {
	m := &markdown{}
	m.line("### %s: %s", string(c.Verdict), c.Reason)
	m.differences(c.Differences)
	if len(c.Metrics) > 0 {
		m.row(append(slices.Clip(comparisonHead), "reason")...)
		m.rule("---", "--:", "--:", "--:", "--:", "--:", "---", "---")
		for _, x := range c.Metrics {
			m.row(append(comparisonRow(x), x.Reason)...)
		}
		m.line("%s; chance of any false alarm at most 1 %%.", c.Method)
	}
	m.list([]fact{{"base", sideLine(c.Base)}, {"new", sideLine(c.New)}})
	m.sentences("Notes", c.Notes)
	_, err := io.WriteString(w, strings.TrimLeft(m.b.String(), "\n"))
	return err
}

// HistoryMarkdown writes a history for a pull request or a wiki.
func HistoryMarkdown(w io.Writer, h compare.History) error {
	m := &markdown{}
	m.line("### %s: %s", string(h.Verdict), h.Reason)
	m.differences(h.Differences)
	if rows := historyRows(h); len(rows) > 0 {
		m.row(historyHead...)
		m.rule("---", "---", "--:", "--:", "--:", "--:", "---")
		for _, row := range rows {
			m.row(row...)
		}
	}
	m.list([]fact{{"runs", sideLine(h.Side)}})
	_, err := io.WriteString(w, strings.TrimLeft(m.b.String(), "\n"))
	return err
}

func (m *markdown) differences(all []compare.Difference) {
	if len(all) == 0 {
		return
	}
	m.row("configuration", "base", "new")
	m.rule("---", "---", "---")
	for _, d := range all {
		m.row(d.What, d.Base, d.New)
	}
}
