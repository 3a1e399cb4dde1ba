package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/advice"
	"weir/internal/judge"
	"weir/internal/price"
	"weir/internal/record"
	"weir/internal/report"
)

func newAdvise(p *Process) *cobra.Command {
	var runs, headroom, format string
	var rate float64
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "advise RUN",
		Short: "The configuration that a run recommends for production, with its reasons",
		Long: `Works out, from a run's own figures, the cheapest configuration that meets the
run's targets at a rate with something to spare: stream, mapping, function,
failure handling and alarms, each with its measured reason, with the predicted
knee and what a month of it costs. RUN is a directory, a run's name, or latest.

--format flags prints it as flags of weir run, to try it on the embedded
pipeline; cloudformation and terraform as a snippet to deploy.`,
		Example: `  weir advise latest --rate 2000
  weir run baseline-500b --rate 150 $(weir advise latest --format flags)
  weir advise latest --format terraform > pipeline.tf`,
		Args: exactArgs(1, "a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			share, err := parseHeadroom(headroom)
			if err != nil {
				return err
			}
			if !(rate >= 0) {
				return usagef("--rate %g: records per second, above 0", rate)
			}
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			a, err := advise(d, judge.Judge(d, judge.Options{}), advice.Ask{Rate: rate, Headroom: share, Prices: price.List()})
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(p.Stdout, a)
			}
			return writeAdvice(p.Stdout, a, format)
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().Float64Var(&rate, "rate", 0, "records per second that it must carry (default the highest that the run offered)")
	cmd.Flags().StringVar(&headroom, "headroom", "25%", "what it has to spare above the rate")
	cmd.Flags().StringVar(&format, "format", "text", "text, flags, cloudformation or terraform")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// advise makes what a run lacks the user's to mend.
func advise(d *record.Data, v judge.Verdict, ask advice.Ask) (advice.Advice, error) {
	a, err := advice.Give(d, v, ask)
	if errors.Is(err, advice.ErrNothing) {
		return a, usage(fmt.Errorf("run %s: %w", d.Run.ID, err), "take a run that put records through a function, such as one of weir try")
	}
	return a, priced(err)
}

func writeAdvice(w io.Writer, a advice.Advice, format string) error {
	switch format {
	case "text":
		return report.AdviceText(w, a)
	case "flags":
		_, err := fmt.Fprintln(w, strings.Join(a.Flags(), " "))
		return err
	case "cloudformation":
		return a.CloudFormation(w)
	case "terraform":
		return a.Terraform(w)
	}
	return usagef("--format %q: text, flags, cloudformation or terraform", format)
}

// parseHeadroom is a share to spare, given in per cent.
func parseHeadroom(text string) (float64, error) {
	percent, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !(percent >= 0 && percent <= 1000) {
		return 0, usagef("--headroom %q: a share to spare, 0%% to 1000%%", text)
	}
	return percent / 100, nil
}
