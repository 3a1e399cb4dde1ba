package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/compare"
	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/report"
)

// compareFlags are the flags of weir compare.
type compareFlags struct {
	process             *Process
	runs, base, repeats string
	metrics             []string
	history, force      bool
	json, markdown      bool
}

func newCompare(p *Process) *cobra.Command {
	f := compareFlags{process: p}
	cmd := &cobra.Command{
		Use:   "compare BASE NEW…",
		Short: "What changed between runs, and whether chance explains it",
		Long: `Compares two runs, or two groups of runs. BASE and NEW are each a run (a directory,
a run's name, latest, or previous for the one before), several with commas between,
or a folder of runs; more than one NEW make one group.

Groups of 5 runs or more are compared by rank (exact Mann-Whitney test), at most 1 %
chance of any false alarm over all metrics together. To tell one of the 12 metrics at
that level takes 7 runs a side; --metric with a few of them takes 5 or 6. Single runs
are compared by a bootstrap of their seconds, widened by the spread of --repeats; without
those a change below 5 % is not told. What can't be told is "~".

Runs of different configurations are compared only with --force. Exit code 99 means
that something got worse, 98 that nothing could be told, 0 that nothing got worse.`,
		Example: `  weir compare runs/main runs/change
  weir compare previous latest
  weir compare 20261122T201500Z-try-3f2a latest
  weir compare --base RUN1,RUN2,RUN3,RUN4,RUN5 RUN6 RUN7 RUN8 RUN9 RUN10 --metric duration_p50
  weir compare RUN1 RUN2 --repeats runs/repeats --markdown
  weir compare --history runs`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if f.history {
				return f.overHistory(args)
			}
			return f.sides(args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.runs, "runs", "runs", "folder of the runs")
	flags.StringVar(&f.base, "base", "", "the base runs, with commas between; then every argument is a NEW")
	flags.StringVar(&f.repeats, "repeats", "", "runs of one configuration that show how much runs differ by themselves")
	flags.StringSliceVar(&f.metrics, "metric", nil, "compare only these: "+strings.Join(compare.IDs(), ", "))
	flags.BoolVar(&f.history, "history", false, "find the runs at which metrics changed, over 10 runs or more")
	flags.BoolVar(&f.force, "force", false, "compare runs of different configurations all the same")
	flags.BoolVar(&f.json, "json", false, "as JSON")
	flags.BoolVar(&f.markdown, "markdown", false, "as Markdown, for a pull request")
	return cmd
}

// options checks the flags and reads the repeats.
func (f *compareFlags) options() (compare.Options, error) {
	o := compare.Options{Metrics: f.metrics, Force: f.force}
	for _, id := range f.metrics {
		if !slices.Contains(compare.IDs(), id) {
			return o, usage(fmt.Errorf("--metric: unknown metric %q", id), "known are "+strings.Join(compare.IDs(), ", "))
		}
	}
	if f.json && f.markdown {
		return o, usagef("--json and --markdown: choose one")
	}
	if f.repeats == "" {
		return o, nil
	}
	var err error
	o.Repeats, err = openRuns(f.runs, f.repeats)
	return o, err
}

// sides compares the base with the rest of the arguments.
func (f *compareFlags) sides(names []string) error {
	if f.base != "" {
		names = append([]string{f.base}, names...)
	}
	if len(names) < 2 {
		return usage(fmt.Errorf("weir compare needs a base and a new run, got %d", len(names)), "weir compare --help shows an example")
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	base, err := openRuns(f.runs, names[0])
	if err != nil {
		return err
	}
	fresh, err := openRuns(f.runs, names[1:]...)
	if err != nil {
		return err
	}
	if err := twice(base, fresh); err != nil {
		return err
	}
	c := compare.Runs(base, fresh, o)
	return f.print(c, c.Verdict, func(w io.Writer, o report.TextOptions) error {
		if f.markdown {
			return report.ComparisonMarkdown(w, c)
		}
		return report.ComparisonText(w, c, o)
	})
}

// twice refuses a run that is on both sides: that it is like itself says nothing.
func twice(base, fresh []*record.Data) error {
	for _, b := range base {
		for _, n := range fresh {
			if filepath.Clean(b.Dir) == filepath.Clean(n.Dir) {
				return usage(fmt.Errorf("%s is both BASE and NEW", b.Dir), "weir compare previous latest compares the last two runs")
			}
		}
	}
	return nil
}

// overHistory looks for changes over all runs of the arguments.
func (f *compareFlags) overHistory(names []string) error {
	if f.base != "" || f.repeats != "" {
		return usagef("--history has no --base and no --repeats: name the runs, or a folder of them")
	}
	if len(names) == 0 {
		names = []string{f.runs}
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	runs, err := openRuns(f.runs, names...)
	if err != nil {
		return err
	}
	h := compare.Over(runs, o)
	return f.print(h, h.Verdict, func(w io.Writer, o report.TextOptions) error {
		if f.markdown {
			return report.HistoryMarkdown(w, h)
		}
		return report.HistoryText(w, h, o)
	})
}

// print prints what was found, as JSON or as write has it, and ends with the
// verdict's exit code.
func (f *compareFlags) print(found any, verdict judge.Outcome, write func(io.Writer, report.TextOptions) error) error {
	var err error
	if f.json {
		e := json.NewEncoder(f.process.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(found)
	} else {
		err = write(f.process.Stdout, report.TextOptions{Color: f.process.Color})
	}
	if err != nil {
		return fmt.Errorf("print the comparison: %w", err)
	}
	if code := judge.ExitCode(judge.Verdict{Overall: verdict}); code != ExitPass {
		return exitError(code)
	}
	return nil
}

// openRuns reads the runs that names mean, each a run or a folder of runs, with
// commas between several.
func openRuns(root string, names ...string) ([]*record.Data, error) {
	var all []*record.Data
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			within := runsWithin(name)
			if len(within) == 0 {
				within = []string{name}
			}
			for _, n := range within {
				d, err := openRun(root, n)
				if err != nil {
					return nil, err
				}
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// runsWithin are the run directories in a folder, none where the name is no
// folder.
func runsWithin(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // not a folder: the name of a run under the root, or a mistake that openRun names
	}
	var found []string
	for _, e := range entries {
		dir := filepath.Join(folder, e.Name())
		if exists(filepath.Join(dir, "run.json")) {
			found = append(found, dir)
		}
	}
	return found
}
