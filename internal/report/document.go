package report

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"weir/internal/judge"
)

// Document is a report over several runs: a week's, a plan's, a search's.
type Document struct {
	Title, Subtitle string
	// Ribbon is said at the top and on every printed page: a rehearsal, a model.
	Ribbon  string
	Overall judge.Outcome // empty: nothing is judged
	Summary []string      // sentences with their numbers
	Parts   []Part
	Made    time.Time
	OnePage bool // printed on one sheet of paper
}

// Part is a chapter of a document. What it has none of is left out.
type Part struct {
	Title  string
	Text   []string
	Grid   Grid
	List   []string
	Charts []Picture
	After  []string // said below grid, list and charts
}

// Grid is a table. Cells of the column Verdict are verdicts, none with -1; the
// first Words columns and those after Numbers are words, the others numbers.
type Grid struct {
	Head           []string
	Rows           [][]string
	Verdict        int
	Words, Numbers int
}

// Picture is a chart with its words.
type Picture struct {
	Title, Unit, Source string
	Legend              []fact
	SVG                 template.HTML
}

// pictureOf draws a chart over time.
func pictureOf(c chart, source string) Picture {
	return Picture{Title: c.Title, Unit: c.Unit, Source: source, Legend: c.Legend(), SVG: c.SVG()}
}

// Empty reports whether the part says nothing.
func (p Part) Empty() bool {
	return len(p.Text)+len(p.Grid.Rows)+len(p.List)+len(p.Charts)+len(p.After) == 0
}

// Class is the style of a cell of column i.
func (g Grid) Class(i int) string {
	if i < g.Words || i >= g.Words+g.Numbers {
		return "words"
	}
	return ""
}

// IsVerdict reports whether column i holds verdicts.
func (g Grid) IsVerdict(i int) bool { return g.Verdict == i && g.Verdict >= 0 }

// Markdown writes the document for a wiki or a pull request; its pictures are
// in the HTML only.
func (doc Document) Markdown(w io.Writer) error {
	m := &markdown{}
	m.line("# %s", doc.Title)
	m.line("%s", doc.Subtitle)
	if doc.Ribbon != "" {
		m.line("> **%s**", doc.Ribbon)
	}
	if doc.Overall != "" {
		m.line("**%s**", string(doc.Overall))
	}
	if len(doc.Summary) > 0 {
		m.line("## Summary")
		m.line("%s", strings.Join(doc.Summary, " "))
	}
	for _, p := range doc.Parts {
		if !p.Empty() {
			m.part(p)
		}
	}
	m.line("made %s", doc.Made.UTC().Format("2006-01-02 15:04 UTC"))
	_, err := io.WriteString(w, strings.TrimLeft(m.b.String(), "\n"))
	return err
}

func (m *markdown) part(p Part) {
	m.line("## %s", p.Title)
	for _, text := range p.Text {
		m.line("%s", text)
	}
	if len(p.Grid.Rows) > 0 {
		m.row(p.Grid.Head...)
		rules := make([]string, len(p.Grid.Head))
		for i := range rules {
			rules[i] = "--:"
			if p.Grid.Class(i) == "words" {
				rules[i] = "---"
			}
		}
		m.rule(rules...)
		for _, row := range p.Grid.Rows {
			m.row(row...)
		}
	}
	if len(p.List) > 0 {
		m.b.WriteString("\n")
		for _, text := range p.List {
			m.b.WriteString("- " + escapeMarkdown(text) + "\n")
		}
	}
	for _, c := range p.Charts {
		m.line("*Picture in the HTML: %s, %s (%s).*", c.Title, c.Unit, c.Source)
	}
	for _, text := range p.After {
		m.line("%s", text)
	}
}

// HTML writes the document as one file.
func (doc Document) HTML(w io.Writer) error {
	if err := page.ExecuteTemplate(w, "document", doc); err != nil {
		return fmt.Errorf("draw the document: %w", err)
	}
	return nil
}
