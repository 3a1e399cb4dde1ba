package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/internal/price"
	"weir/internal/report"
)

// costRow is a row of a table of costs.
type costRow struct {
	name string
	cell func(shownCost) string
}

// printCosts prints costs as columns, one group a mode, and their items as rows,
// with more of them below. What is wider than a usual terminal stands as a table
// for each mode.
func printCosts(out io.Writer, costs []shownCost, more ...costRow) {
	rows := append(costRows(costs), more...)
	names, cells := costWidths(rows, costs)
	modes := byMode(costs)
	if 2+names+cells*len(costs) > usualWidth && len(modes) > 1 {
		for _, one := range modes {
			printCosts(out, one, more...)
		}
		return
	}
	fmt.Fprintf(out, "  %-*s", names, "USD")
	for _, one := range modes {
		fmt.Fprintf(out, "%*s", cells*len(one), one[0].Mode)
	}
	fmt.Fprintln(out)
	for _, r := range rows {
		fmt.Fprintf(out, "  %-*s", names, r.name)
		for _, c := range costs {
			fmt.Fprintf(out, "%*s", cells, r.cell(c))
		}
		fmt.Fprintln(out)
	}
}

func costRows(costs []shownCost) []costRow {
	rows := []costRow{{"records an invocation", func(c shownCost) string { return fmt.Sprintf("%.4g", c.Batch) }}}
	for _, item := range itemsOf(costs) {
		rows = append(rows, costRow{string(item), func(c shownCost) string { return itemUSD(c.Bill, item) }})
	}
	return append(rows, costRow{"together", func(c shownCost) string { return usd(c.USD) }})
}

// costWidths are how wide the names and each column must be, its space before it
// included: a mode's name stands over all columns of its group.
func costWidths(rows []costRow, costs []shownCost) (names, cells int) {
	for _, r := range rows {
		names = max(names, len(r.name))
		for _, c := range costs {
			cells = max(cells, utf8.RuneCountInString(r.cell(c))+2)
		}
	}
	for _, one := range byMode(costs) {
		least := len(one[0].Mode) + 2
		cells = max(cells, (least+len(one)-1)/len(one))
	}
	return names, cells
}

// byMode are the costs in groups of neighbours with the same mode of the stream.
func byMode(costs []shownCost) [][]shownCost {
	var groups [][]shownCost
	for len(costs) > 0 {
		n := slices.IndexFunc(costs, func(c shownCost) bool { return c.Mode != costs[0].Mode })
		if n < 0 {
			n = len(costs)
		}
		groups, costs = append(groups, costs[:n]), costs[n:]
	}
	return groups
}

// itemsOf are the items of all costs, Kinesis's first.
func itemsOf(costs []shownCost) []price.Dimension {
	var items []price.Dimension
	for _, c := range costs {
		for _, l := range c.Bill.Lines {
			if !slices.Contains(items, l.Item) {
				items = append(items, l.Item)
			}
		}
	}
	slices.SortStableFunc(items, func(a, b price.Dimension) int { return notKinesis(a) - notKinesis(b) })
	return items
}

func notKinesis(item price.Dimension) int {
	if strings.HasPrefix(string(item), "kinesis/") {
		return 0
	}
	return 1
}

// itemUSD is one item of a bill; a dash where it isn't on it.
func itemUSD(b price.Bill, item price.Dimension) string {
	i := slices.IndexFunc(b.Lines, func(l price.Line) bool { return l.Item == item })
	if i < 0 {
		return "–"
	}
	return usd(b.Lines[i].USD)
}

// printWrapped prints a sentence in lines that a usual terminal holds, those
// after the first indented by two.
func printWrapped(out io.Writer, indent, text string) {
	for i, line := range report.Wrap(text, indent, usualWidth-2) {
		if i > 0 {
			line = "  " + line
		}
		fmt.Fprintln(out, line)
	}
}
