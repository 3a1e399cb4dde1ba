package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/metrics"
)

// listedMetric is one entry of `weir metrics --json`, a promise to users.
type listedMetric struct {
	ID        string `json:"id"`
	Group     string `json:"group"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Statistic string `json:"statistic"`
	Unit      string `json:"unit"`
	Source    string `json:"source"`
	Target    string `json:"target"`
}

func newMetrics(*Process) *cobra.Command {
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use: "metrics", Short: "The catalogue of metrics", Example: "  weir metrics --json\n  weir metrics --markdown", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case asJSON && asMarkdown:
				return usagef("--json and --markdown exclude each other")
			case asJSON:
				return json.NewEncoder(cmd.OutOrStdout()).Encode(listedMetrics())
			case asMarkdown:
				_, err := fmt.Fprint(cmd.OutOrStdout(), metrics.Document())
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tGROUP\tMETRIC\tSTATISTIC\tUNIT\tSOURCE\tTARGET")
			for _, m := range listedMetrics() {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, m.Group, m.Name, m.Statistic, m.Unit, m.Source, m.Target)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "as Markdown, with why each matters and what to do when it is bad")
	return cmd
}

func listedMetrics() []listedMetric {
	all := make([]listedMetric, len(metrics.Catalogue))
	for i, m := range metrics.Catalogue {
		all[i] = listedMetric{m.ID, m.Group, m.Name, m.Namespace, m.Statistic, m.Unit, m.Source, m.Target}
	}
	return all
}
