package cli

import (
	"github.com/spf13/cobra"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/report"
)

func newReport(p *Process) *cobra.Command {
	var runs, format string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Write a run's report again from its record",
		Long: `Makes a run's report again from its record. RUN is a directory, a run's name, or
latest. Without --format every document is written into the run's directory.`,
		Example: "  weir report latest\n  weir report latest --format md > report.md",
		Args:    exactArgs(1, "a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			return writeReport(p, d, judge.Judge(d, judge.Options{}), format)
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().StringVar(&format, "format", "", "print one: text, html, md, junit or json")
	return cmd
}

// writeReport prints one format, or with none writes every document and prints
// the table.
func writeReport(p *Process, d *record.Data, v judge.Verdict, format string) error {
	switch format {
	case "":
		if err := writeDocuments(d, v); err != nil {
			return err
		}
		return printVerdict(p, d, v, false)
	case "text":
		return printVerdict(p, d, v, false)
	case "html":
		return report.HTML(p.Stdout, d, v)
	case "md":
		return report.Markdown(p.Stdout, d, v)
	case "junit":
		return report.JUnit(p.Stdout, d, v)
	case "json":
		return report.JSON(p.Stdout, v)
	}
	return usagef("--format %q: text, html, md, junit or json", format)
}
