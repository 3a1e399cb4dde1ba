package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/plan"
)

func newPlan(*Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "plan", Short: "The catalogue of tests", Example: "  weir plan list", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "Every test that weir run knows by name", Example: "  weir plan list\n  weir plan list --json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(listedTests())
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tKIND\tPAYLOAD\tRECORDS/S\tLASTS")
			for _, t := range plan.Catalogue() {
				fmt.Fprintf(w, "%s\t%s\t%d B\t%s\t%v\n", t.Name, t.Kind, t.Payload.Bytes, joinedRates(t.Steps, " "), plan.NewSchedule(t.Steps).Duration())
			}
			return w.Flush()
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.AddCommand(list)
	return cmd
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

// joinedRates are the steps' rates in their order.
func joinedRates(steps []plan.Step, separator string) string {
	rates := make([]string, len(steps))
	for i, s := range steps {
		rates[i] = s.String()
	}
	return strings.Join(rates, separator)
}
