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
		Use: "plan", Short: "The catalogue of tests", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "Every test that weir run knows by name", Example: "  weir plan list --json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(listed())
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tKIND\tPAYLOAD\tRECORDS/S\tLASTS")
			for _, t := range plan.Catalogue() {
				fmt.Fprintf(w, "%s\t%s\t%d B\t%s\t%v\n", t.Name, t.Kind, t.Payload.Bytes, joined(t), plan.NewSchedule(t.Steps).Duration())
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

func listed() []listedTest {
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

func joined(t plan.Test) string {
	var rates []string
	for _, s := range t.Steps {
		rates = append(rates, fmt.Sprintf("%g", s.Rate))
	}
	return strings.Join(rates, " ")
}
