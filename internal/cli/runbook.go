package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/advice"
	"weir/internal/judge"
	"weir/internal/price"
	"weir/internal/record"
	"weir/internal/report"
	"weir/internal/runbook"
)

func newRunbook(p *Process) *cobra.Command {
	var runs string
	var names bool
	cmd := &cobra.Command{
		Use:   "runbook RUN [NAME]",
		Short: "What to do when the pipeline is in trouble, with a run's own numbers",
		Long: `Writes runbooks as Markdown: symptom, what to check, what to do and how to know
that it worked, with the run's rates, times, limits and costs. RUN is a
directory, a run's name, or latest. NAME is one of iterator-age, throttling,
errors, slow-function, hot-shard, expiring-data and cost-jump; without it all are
written. Each run that can give advice has them in its directory.`,
		Example: "  weir runbook latest > runbook.md\n  weir runbook latest iterator-age",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			f, books, err := runbooks(d, judge.Judge(d, judge.Options{}))
			if err != nil {
				return err
			}
			if len(args) == 2 {
				book, ok := runbook.Named(books, args[1])
				if !ok {
					return usagef("no runbook %q: there are %s", args[1], strings.Join(runbook.Names(books), ", "))
				}
				books = []runbook.Book{book}
			}
			if names {
				_, err := fmt.Fprintln(p.Stdout, strings.Join(runbook.Names(books), "\n"))
				return err
			}
			return runbook.Markdown(p.Stdout, f, books)
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().BoolVar(&names, "names", false, "print their names alone")
	return cmd
}

func runbooks(d *record.Data, v judge.Verdict) (runbook.Figures, []runbook.Book, error) {
	a, err := advise(d, v, advice.Ask{Headroom: advice.DefaultHeadroom, Prices: price.List()})
	if err != nil {
		return runbook.Figures{}, nil, err
	}
	f, err := runbook.Collect(d, v, a, price.List())
	return f, runbook.Books(f), priced(err)
}

// writeRunbooks writes them into the run's directory, where the run measured
// enough for advice.
func writeRunbooks(d *record.Data, v judge.Verdict) error {
	f, books, err := runbooks(d, v)
	if err != nil {
		return nil //nolint:nilerr // the report says what is missing
	}
	var b bytes.Buffer
	if err := runbook.Markdown(&b, f, books); err != nil {
		return fmt.Errorf("write the runbooks: %w", err)
	}
	if err := record.Replace(filepath.Join(d.Dir, report.RunbookFile), b.Bytes()); err != nil {
		return fmt.Errorf("write the runbooks: %w", err)
	}
	return nil
}
