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
		Example: "  weir cost estimate plan.yaml\n  weir cost project --rate 100,500,1000 --from latest", Args: commandsOnly,
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
	printWrapped(out, "", "Their sources: "+strings.Join(sourcesOf(costs), "; ")+".")
	for _, item := range unconfirmed(costs) {
		c, err := price.List().Cell(region, item)
		if err == nil { // it was billed from this cell
			printWrapped(out, "", fmt.Sprintf("Not confirmed: %s (grade %s: %s).", item, c.Grade, c.Source))
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
