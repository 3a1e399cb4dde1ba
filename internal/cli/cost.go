package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/price"
)

func newCost(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "cost", Short: "What a plan or production costs on AWS, by item",
		Example: "  weir cost estimate plan.yaml\n  weir cost project --rate 100,500,1000 --from latest", Args: noArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return usePrices(p) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCostEstimate(p), newCostProject(p), newCostRefresh(p), newCostReconcile(p))
	return cmd
}

// shownCost is what something costs on AWS, for a batch size.
type shownCost struct {
	Mode  price.Mode `json:"mode"`
	Batch float64    `json:"records_per_invocation"`
	Bill  price.Bill `json:"bill"`
	USD   float64    `json:"usd"`
	// otherUSD is the same with a function on the other processor, arm64 or x86; 0
	// where that has no price.
	otherUSD float64
}

const unpricedHint = "weir carries all prices of us-east-1; of other regions what weir cost refresh has read"

// priced makes a price that the table lacks the user's to mend.
func priced(err error) error {
	if missing, ok := errors.AsType[*price.MissingError](err); ok {
		return usage(missing, unpricedHint)
	}
	return err
}

// printCosts prints costs as columns and their items as rows.
func printCosts(out io.Writer, costs []shownCost) {
	line := func(name string, cell func(shownCost) string) {
		fmt.Fprintf(out, "  %-32s", name)
		for _, c := range costs {
			fmt.Fprintf(out, " %12s", cell(c))
		}
		fmt.Fprintln(out)
	}
	line("USD", func(c shownCost) string { return string(c.Mode) })
	line("records an invocation", func(c shownCost) string { return fmt.Sprintf("%.4g", c.Batch) })
	for _, item := range itemsOf(costs) {
		line(string(item), func(c shownCost) string { return itemUSD(c.Bill, item) })
	}
	line("together", func(c shownCost) string { return usd(c.USD) })
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

// usd is an amount to the cent; a smaller one is not shown as nothing.
func usd(v float64) string {
	if v > 0 && v < 0.005 {
		return "<0.01"
	}
	return fmt.Sprintf("%.2f", v)
}

// printPriceNotes says of when the prices are and which are not confirmed.
func printPriceNotes(out io.Writer, region string, costs []shownCost) {
	fmt.Fprintf(out, "\nList prices of %s for %s, in USD before tax, no free tier.\n", datesOf(costs), region)
	fmt.Fprintf(out, "Their sources: %s.\n", strings.Join(sourcesOf(costs), ";\n  "))
	for _, item := range unconfirmed(costs) {
		c, err := price.List().Cell(region, item)
		if err == nil { // it was billed from this cell
			fmt.Fprintf(out, "Not confirmed: %s (grade %s: %s).\n", item, c.Grade, c.Source)
		}
	}
}

// sourcesOf are the sources of the costs' prices, each once.
func sourcesOf(costs []shownCost) []string {
	var sources []string
	for _, c := range costs {
		for _, l := range c.Bill.Lines {
			if !slices.Contains(sources, l.Source) {
				sources = append(sources, l.Source)
			}
		}
	}
	return sources
}

// datesOf are the dates of the costs' prices.
func datesOf(costs []shownCost) string {
	var dates []string
	for _, c := range costs {
		dates = append(dates, strings.Split(c.Bill.AsOf, " and ")...)
	}
	slices.Sort(dates)
	return strings.Join(slices.Compact(dates), " and ")
}

// unconfirmed are the items whose prices are somebody's table or a guess.
func unconfirmed(costs []shownCost) []price.Dimension {
	items := []price.Dimension{}
	for _, c := range costs {
		for _, item := range c.Bill.Unconfirmed() {
			if !slices.Contains(items, item) {
				items = append(items, item)
			}
		}
	}
	return items
}
