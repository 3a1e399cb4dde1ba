package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/report"
)

func newReport(p *Process) *cobra.Command {
	var runs, format string
	var pdf bool
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Write a run's report again from its record",
		Long: `Makes a run's report again from its record. RUN is a directory, a run's name, or
latest. Without --format every document is written into the run's directory, with
--pdf also report.pdf.`,
		Example: "  weir report latest\n  weir report latest --format md > report.md\n  weir report latest --pdf",
		Args:    exactArgs(1, "a run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if pdf && format != "" {
				return usagef("--pdf and --format exclude each other: a PDF is written beside the other documents")
			}
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			if err := writeReport(p, d, judge.Judge(d, judge.Options{}), format); err != nil || !pdf {
				return err
			}
			return writePDF(cmd.Context(), p, filepath.Join(d.Dir, reportFile))
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().StringVar(&format, "format", "", "print one: text, html, md, junit or json")
	cmd.Flags().BoolVar(&pdf, "pdf", false, "also write report.pdf, printed by this machine's Chromium or Chrome")
	return cmd
}

// writePDF prints a report beside it.
func writePDF(ctx context.Context, p *Process, html string) error {
	printed, err := printPDF(ctx, html)
	switch {
	case err != nil:
		return err
	case !printed:
		return usage(errors.New("no browser to print the PDF with: "+strings.Join(browsers, ", ")+" were looked for"),
			"install one of them, or print "+html+" from any browser")
	}
	fmt.Fprintln(p.Stdout, "  pdf: "+strings.TrimSuffix(html, ".html")+".pdf")
	return nil
}

// writeReport prints one format, or with none writes every document and prints
// the table.
func writeReport(p *Process, d *record.Data, v judge.Verdict, format string) error {
	switch format {
	case "":
		return publish(p, d, v, false)
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
	return usagef("--format %q: text, html, md, junit or json; --pdf writes report.pdf", format)
}
