package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table lays cells out in columns. Align has a letter for each: l or r.
type table struct {
	align string
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// addWrapped adds a row whose cells go on in further rows where they are wider
// than their column.
func (t *table) addWrapped(widths []int, cells []string) {
	var rows [][]string
	for i, cell := range cells {
		for n, part := range Wrap(cell, "", widths[i]) {
			if n == len(rows) {
				rows = append(rows, make([]string, len(cells)))
			}
			rows[n][i] = part
		}
	}
	t.rows = append(t.rows, rows...)
}

// lines are the rows padded to the columns' widths.
func (t *table) lines() []string {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	lines := make([]string, len(t.rows))
	for r, row := range t.rows {
		var b strings.Builder
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i > 0 {
				b.WriteString("  ")
			}
			if t.align[i] == 'l' {
				b.WriteString(c + pad)
			} else {
				b.WriteString(pad + c)
			}
		}
		lines[r] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// The spaces between a number's thousands, and before its unit.
var (
	thousands = regexp.MustCompile(`(\d) (\d{3}\b)`)
	unitSpace = regexp.MustCompile(`(\d) (ms\b|%)`)
)

// glue makes the spaces inside numbers unbreakable.
func glue(text string) string {
	for _, space := range []*regexp.Regexp{thousands, unitSpace} {
		text = space.ReplaceAllString(text, "$1\u00a0$2")
	}
	return text
}

// Wrap breaks text at spaces into lines of at most width characters where it
// can, each after indent.
func Wrap(text, indent string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(glue(text), " ") {
		word = strings.ReplaceAll(word, "\u00a0", " ")
		if line != "" && utf8.RuneCountInString(indent+line+" "+word) > width {
			lines = append(lines, indent+line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, indent+line)
}

// printable replaces what could steer a terminal: names come from outside.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\u00a0' || unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, s)
}
