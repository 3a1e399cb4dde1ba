package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/metrics"
	"weir/internal/report"
	"weir/internal/values"
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

func newMetrics(p *Process) *cobra.Command {
	var runs, run string
	var asJSON, asMarkdown, asked bool
	var collect collectFlags
	cmd := &cobra.Command{
		Use: "metrics", Short: "The catalogue of metrics, their values in a run, or in a window of any pipeline",
		Long: `Lists the catalogue. With --run it gives each metric's value in a run, its source
and resolution, or why it is not known.

With --collect it reads the metrics of a pipeline under somebody else's load, in a
window that ends now, and judges them by the same targets: no load is made, nothing
is changed. What it costs is said. --target local is what the SDK's variables name
(those that weir local prints); --target aws is an account. Exit codes are those of
weir judge: 0 pass, 99 fail, 98 unknown.`,
		Example: "  weir metrics --run latest\n  weir metrics --collect --target aws --since 1h --stream orders --function orders-consumer\n  weir metrics --markdown",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			switch {
			case moreThanOne(run != "", asked, asMarkdown) || asJSON && asMarkdown:
				return usagef("--run, --collect and --markdown exclude each other, and --json and --markdown do")
			case !asked && collect.given(cmd.Flags()):
				return usage(fmt.Errorf("--since, --until, --target, --stream, --function, --region and --no-logs are for --collect"), "add --collect")
			case asked:
				return collect.run(cmd.Context(), p, asJSON)
			case run != "":
				return runMetrics(out, runs, run, asJSON)
			case asJSON:
				return json.NewEncoder(out).Encode(listedMetrics())
			case asMarkdown:
				_, err := fmt.Fprint(out, metrics.Document())
				return err
			}
			return listMetrics(out)
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "a run: a directory, a name, or latest")
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "the catalogue as Markdown, with why each matters and what to do when it is bad")
	cmd.Flags().BoolVar(&asked, "collect", false, "read and judge a window of a pipeline, with no load")
	collect.register(cmd.Flags())
	return cmd
}

func moreThanOne(given ...bool) bool {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	return n > 1
}

func listMetrics(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tGROUP\tMETRIC\tSTATISTIC\tUNIT\tSOURCE\tTARGET")
	for _, m := range listedMetrics() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, m.Group, m.Name, m.Statistic, m.Unit, m.Source, m.Target)
	}
	return w.Flush()
}

func listedMetrics() []listedMetric {
	all := make([]listedMetric, len(metrics.Catalogue))
	for i, m := range metrics.Catalogue {
		all[i] = listedMetric{m.ID, m.Group, m.Name, m.Namespace, m.Statistic, m.Unit, m.Source, m.Target}
	}
	return all
}

// runMetrics prints the catalogue with a run's values.
func runMetrics(out io.Writer, runs, run string, asJSON bool) error {
	d, err := openRun(runs, run)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(values.Of(d))
	}
	if err := report.Metrics(out, values.Of(d)); err != nil {
		return err
	}
	printAdvice(out, values.Advice(d))
	return nil
}

// printAdvice says what would make unknown metrics known.
func printAdvice(out io.Writer, advice []string) {
	for _, text := range advice {
		fmt.Fprintln(out, "advice:", text)
	}
}
