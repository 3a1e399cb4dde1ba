package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/values"
)

// Markdown writes the report for a pull request or a wiki.
func Markdown(w io.Writer, d *record.Data, v judge.Verdict) error {
	m := &markdown{}
	m.line("# %s: %s", string(v.Overall), v.Test)
	m.line("> %s", pipelineLine(d))
	m.line("%s", loadLine(d))
	m.line("%s", capacityLine(v))
	m.line("**%s**: %s.", string(v.Overall), v.Reason)

	m.line("## Targets")
	m.row("target", "measured", "limit", "verdict", "statistic, window (UTC), resolution", "source", "reason")
	m.rule("---", "--:", "--:", "---", "---", "---", "---")
	for _, t := range v.Targets {
		m.row(targetNames[t.ID], measured(t), limit(t), string(t.Verdict), evidence(t), t.Source, t.Reason)
	}
	m.line("## What happened")
	advised := recommended(d, v)
	m.list(story(d, v, len(advised) > 1)) // one fact says why there is no advice
	m.line("## Steps")
	m.row(stepHead...)
	m.rule(strings.Fields(strings.Repeat("--: ", len(stepHead)-2) + "--- ---")...)
	for _, s := range v.Steps {
		m.row(stepRow(s)...)
	}
	m.list(stepRemarks(v))
	m.hot(d, v)
	m.runners(d)
	m.ledger(d)
	if facts := cost(d); len(facts) > 0 {
		m.line("## %s", costTitle(d))
		m.list(facts)
	}
	if len(advised) > 0 {
		m.line("## %s", adviceTitle)
		m.list(advised)
	}
	m.line("## All %s metrics", strconv.Itoa(len(metrics.Catalogue)))
	m.row(metricHead...)
	m.rule("---", "---", "--:", "---", "---", "---", "---")
	for _, row := range metricRows(values.Of(d)) {
		m.row(row...)
	}
	m.bullets(values.Advice(d))
	m.line("## Configuration found")
	m.list(configuration(d))
	m.sentences("## Warnings", v.Warnings)
	m.sentences("## Notes", v.Notes)
	m.sentences("## Method", method(d))
	_, err := io.WriteString(w, strings.TrimLeft(m.b.String(), "\n"))
	return err
}

// markdown writes blocks; every argument is escaped, the formats are ours.
type markdown struct {
	b       strings.Builder
	inTable bool
}

// line writes a block of its own.
func (m *markdown) line(format string, args ...string) {
	m.inTable = false
	escaped := make([]any, len(args))
	for i, a := range args {
		escaped[i] = escapeMarkdown(a)
	}
	m.b.WriteString("\n" + fmt.Sprintf(format, escaped...) + "\n")
}

func (m *markdown) row(cells ...string) {
	escaped := make([]string, len(cells))
	for i, c := range cells {
		escaped[i] = escapeMarkdown(c)
	}
	if !m.inTable {
		m.b.WriteString("\n")
		m.inTable = true
	}
	m.b.WriteString("| " + strings.Join(escaped, " | ") + " |\n")
}

func (m *markdown) rule(cells ...string) { m.b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

func (m *markdown) list(facts []fact) {
	if len(facts) == 0 {
		return
	}
	m.b.WriteString("\n")
	for _, f := range facts {
		m.b.WriteString("- **" + escapeMarkdown(f.Name) + "**: " + escapeMarkdown(f.Value) + "\n")
	}
}

func (m *markdown) sentences(heading string, all []string) {
	if len(all) == 0 {
		return
	}
	m.b.WriteString("\n" + heading + "\n")
	m.bullets(all)
}

func (m *markdown) bullets(all []string) {
	if len(all) > 0 {
		m.b.WriteString("\n")
	}
	for _, s := range all {
		m.b.WriteString("- " + escapeMarkdown(s) + "\n")
	}
}

func (m *markdown) hot(d *record.Data, v judge.Verdict) {
	rows, more := hotRows(d, v)
	if len(rows) == 0 {
		return
	}
	m.line("## Hottest shard and key, by the second")
	m.row("UTC", "shard", "of the records", "refused there", "key", "of the records")
	m.rule("---", "---", "--:", "--:", "---", "--:")
	for _, r := range rows {
		m.row(r.Span, r.Shard, r.Share, r.Throttled, r.Key, r.KeyShare)
	}
	if more > 0 {
		m.line("%s more stretches are in series.ndjson (hot_shard, hot_key).", judge.Count(int64(more)))
	}
}

func (m *markdown) ledger(d *record.Data) {
	m.line("## Ledger")
	m.row("offered", "records", "accepted", "records")
	m.rule("---", "--:", "---", "--:")
	offered, accepted := sides(d.Ledger.Account)
	for i, a := range accepted {
		left := []string{"", ""}
		if i < len(offered) {
			left = []string{offered[i].Name, judge.Count(offered[i].N)}
		}
		m.row(left[0], left[1], a.Name, judge.Count(a.N))
	}
	m.row("sum of "+judge.Count(d.Ledger.Offered)+" offered", agreement(total(offered), d.Ledger.Offered),
		"sum of "+judge.Count(d.Ledger.Accepted)+" accepted", agreement(total(accepted), d.Ledger.Accepted))
	m.list(besideLedger(d.Ledger.Account))
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "#", `\#`,
	"\n", " ", "\r", " ",
)

func escapeMarkdown(s string) string { return markdownEscapes.Replace(printable(s)) }
