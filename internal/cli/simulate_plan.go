package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/campaign"
	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/report"
)

// simulatePlan simulates every unit of a plan once (a second time would be the
// same), each as a run of its own, and prints a line for each.
func simulatePlan(cmd *cobra.Command, p *Process, l *loadFlags, f *simulateFlags, only []string) error {
	c, err := loadPlan([]string{f.plan})
	if err != nil {
		return err
	}
	file := c.file
	file.Target, file.Function = "local", "" // what it is like on AWS is the pipeline's to say
	units, err := file.Units(campaign.Options{Only: only, Repeat: 1, TimeScale: l.timeScale})
	if err != nil {
		return usage(err, "weir plan show lists weeks and tests")
	}
	var verdicts []judge.Verdict
	for _, u := range units {
		v, err := simulateUnit(cmd.Context(), p, u, given(cmd.Flags(), isSearch(u)))
		if err != nil {
			return fmt.Errorf("simulate %s: %w", u.ID, err)
		}
		verdicts = append(verdicts, v)
		fmt.Fprintf(p.Stderr, "%s: %s\n", u.ID, v.Overall)
	}
	if l.json {
		err = writeJSON(p.Stdout, verdicts)
	} else {
		err = printUnits(p.Stdout, units, verdicts)
	}
	if err != nil {
		return err
	}
	return worstOf(verdicts)
}

// worstOf is the exit code of the worst verdict, nil where all passed.
func worstOf(verdicts []judge.Verdict) error {
	code := ExitPass
	for _, v := range verdicts {
		if c := judge.ExitCode(v); code == ExitPass || c == ExitFail {
			code = c
		}
	}
	if code == ExitPass {
		return nil
	}
	return exitError(code)
}

// given are the flags that the user gave, for each unit to take over; those of a
// search are for searches.
func given(set *pflag.FlagSet, search bool) []string {
	var args []string
	ofSearch := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(searchFlags).register(ofSearch)
	set.Visit(func(flag *pflag.Flag) {
		if slices.Contains([]string{"plan", "json"}, flag.Name) || !search && ofSearch.Lookup(flag.Name) != nil {
			return
		}
		values := []string{flag.Value.String()}
		if several, ok := flag.Value.(pflag.SliceValue); ok { // whose String is a list in brackets
			values = several.GetSlice()
		}
		for _, v := range values {
			args = append(args, "--"+flag.Name+"="+v)
		}
	})
	return args
}

// simulateUnit is `weir simulate` of one unit.
func simulateUnit(ctx context.Context, p *Process, u campaign.Unit, flags []string) (judge.Verdict, error) {
	args := []string{"simulate", u.Test}
	for i := 1; i < len(u.Args); i += 2 {
		if u.Args[i] != "--target" {
			args = append(args, u.Args[i], u.Args[i+1])
		}
	}
	var out, said bytes.Buffer
	child := *p
	child.Args, child.Stdout, child.Stderr, child.Terminal, child.Color = slices.Concat(args, flags, []string{"--json"}), &out, &said, false, false
	var v judge.Verdict
	code := Main(ctx, child)
	if !slices.Contains([]int{ExitPass, ExitFail, ExitUnknown}, code) {
		return v, fmt.Errorf("exit code %d\n%s", code, bytes.TrimSpace(said.Bytes()))
	}
	if isSearch(u) {
		return searchVerdict(out.Bytes(), code)
	}
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		return v, fmt.Errorf("read the verdict: %w", err)
	}
	return v, nil
}

// searchVerdict is what a search that ended with the exit code printed, as a
// verdict without steps.
func searchVerdict(printed []byte, code int) (judge.Verdict, error) {
	var s record.Search
	if err := json.Unmarshal(printed, &s); err != nil {
		return judge.Verdict{}, fmt.Errorf("read the search: %w", err)
	}
	v := judge.Verdict{Run: s.ID, Test: s.Test.Name, Pipeline: record.Simulated, Overall: judge.Unknown, Reason: report.KneeSentence(&s)}
	switch code {
	case ExitPass:
		v.Overall = judge.Pass
	case ExitFail:
		v.Overall = judge.Fail
	}
	return v, nil
}

func printUnits(out io.Writer, units []campaign.Unit, verdicts []judge.Verdict) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SIMULATED\tVERDICT\tE2E P99\tWHY")
	for i, v := range verdicts {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", units[i].ID, v.Overall, worstP99(v.Steps), clip(v.Reason, 160))
	}
	return w.Flush()
}

// worstP99 is the highest end to end p99 of the steps, a dash where no record
// was seen processed.
func worstP99(steps []judge.Step) string {
	worst, seen := 0.0, false
	for _, s := range steps {
		if s.E2E != nil {
			worst, seen = max(worst, s.E2E.P99), true
		}
	}
	if !seen {
		return "–"
	}
	return judge.Number(worst, "ms")
}
