package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/plan"
	"weir/internal/report"
)

func newPlan(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "plan", Short: "The catalogue of tests, and plans of weeks carried out and reported",
		Example: "  weir plan list\n  weir plan show\n  weir plan run --time-scale 0.01", Args: commandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "Every test that weir run knows by name", Example: "  weir plan list\n  weir plan list --json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(listedTests())
			}
			return printTests(cmd.OutOrStdout(), plan.Catalogue())
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.AddCommand(list, newPlanShow(p), newPlanRun(p), newPlanStatus(p), newPlanReport(p), newPlanSchema(p))
	return cmd
}

// listedRatesWidth leaves the table of tests within 80 columns.
const listedRatesWidth = 34

// printTests prints tests as a table; rates that are too many for a line go on
// in the next.
func printTests(out io.Writer, tests []plan.Test) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tKIND\tPAYLOAD\tRECORDS/S\tLASTS")
	for _, t := range tests {
		rates := report.Wrap(joinedRates(t.Steps, " "), "", listedRatesWidth)
		fmt.Fprintf(w, "%s\t%s\t%d B\t%s\t%v\n", t.Name, t.Kind, t.Payload.Bytes, rates[0], plan.NewSchedule(t.Steps).Duration())
		for _, more := range rates[1:] {
			fmt.Fprintf(w, "\t\t\t%s\t\n", more)
		}
	}
	return w.Flush()
}

// listedTest is one entry of `weir plan list --json`, a promise to users.
type listedTest struct {
	Name         string    `json:"name"`
	Kind         plan.Kind `json:"kind"`
	PayloadBytes int       `json:"payload_bytes"`
	Rates        []float64 `json:"rates"`
	DurationS    float64   `json:"duration_s"`
}

func listedTests() []listedTest {
	var tests []listedTest
	for _, t := range plan.Catalogue() {
		entry := listedTest{Name: t.Name, Kind: t.Kind, PayloadBytes: t.Payload.Bytes, DurationS: plan.NewSchedule(t.Steps).Duration().Seconds()}
		for _, s := range t.Steps {
			entry.Rates = append(entry.Rates, s.Rate)
		}
		tests = append(tests, entry)
	}
	return tests
}

// maxListedRates is how many rates a line of text can hold.
const maxListedRates = 12

// joinedRates are the steps' rates in their order; of many, the range.
func joinedRates(steps []plan.Step, separator string) string {
	if len(steps) > maxListedRates {
		byRate := func(a, b plan.Step) int { return cmp.Compare(a.Rate, b.Rate) }
		return fmt.Sprintf("%g to %g in %d steps", slices.MinFunc(steps, byRate).Rate, slices.MaxFunc(steps, byRate).Rate, len(steps))
	}
	rates := make([]string, len(steps))
	for i, s := range steps {
		rates[i] = s.String()
	}
	return strings.Join(rates, separator)
}
