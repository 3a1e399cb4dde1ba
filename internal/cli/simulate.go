package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/observe"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/probe/token"
)

func newSimulate(p *Process) *cobra.Command {
	var e embeddedFlags
	var l loadFlags
	var f simulateFlags
	var sought searchFlags
	cmd := &cobra.Command{
		Use:   "simulate [TEST…]",
		Short: "The same tests in virtual time: a day in seconds, any number of shards",
		Long: `Carries a test out in virtual time: the embedded pipeline's own state machines of
shards, mapping and concurrency, driven by events instead of a clock. It leaves
a run directory that weir report, judge and compare read, marked as simulated
everywhere: nothing of it was measured. The same command has the same outcome.`,
		Example: `  weir simulate baseline-500b --rate 500,1000,2000
  weir simulate endurance                       24 hours
  weir simulate stress --judge capacity         the search for the knee, each trial simulated
  weir simulate sustained --rate 10000000 --shards 10000 --keys unique --batch-size 500
  weir simulate sustained --rate 200 --fault kill-function@10s --json
  weir simulate --fit latest                    how well the model knows a run
  weir simulate sustained --rate 4000 --shards 8 --fit latest
  weir simulate --sweep shards=1..8,pf=1..4,batch=10..1000 --rate 1000 --work 50ms
  weir simulate --plan plan.yaml                every test of a plan, or those that are named`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.changed = cmd.Flags().Changed
			if i := slices.IndexFunc(liveOnly, f.changed); i >= 0 {
				return usage(fmt.Errorf("--%s would change nothing: a simulation runs nothing", liveOnly[i]), "weir run does it live")
			}
			if f.plan != "" {
				return simulatePlan(cmd, p, &l, &f, args)
			}
			if len(args) > 1 {
				return exactArgs(1, "one test")(cmd, args)
			}
			if len(args) == 0 && f.sweep == "" {
				return simulateFit(p, &l, &f)
			}
			name := "baseline-500b"
			if len(args) > 0 {
				name = args[0]
			}
			test, err := plan.Named(name)
			if err != nil {
				return usage(err, "weir plan list shows the tests; a k6 script can't be simulated")
			}
			if err := idleFor(test, &l, cmd.Flags()); err != nil {
				return err
			}
			switch {
			case f.sweep != "":
				return simulateSweep(cmd.Context(), p, test, &e, &l, &f)
			case seeks(test, &l):
				return simulateStress(cmd.Context(), p, test, &e, &l, &f, &sought)
			}
			return simulateTest(cmd.Context(), p, test, &e, &l, &f)
		},
	}
	e.register(cmd.Flags())
	l.register(cmd.Flags(), "", 0)
	f.register(cmd.Flags())
	sought.register(cmd.Flags())
	for _, live := range append([]string{"function"}, liveOnly...) {
		_ = cmd.Flags().MarkHidden(live) // fails for a flag that there isn't
	}
	return cmd
}

// liveOnly are the flags that a test has when it is carried out and not when it
// is simulated. (--function is refused with a remedy of its own.)
var liveOnly = []string{"out", "tag", "plain", "ui", "verify-signatures", "metrics-like-aws", "on-failure-endpoint", "retain", "encoding"}

// simulateFit shows how well the model knows a run.
func simulateFit(p *Process, l *loadFlags, f *simulateFlags) error {
	if f.fit == "" {
		return usage(errors.New("weir simulate needs a test, --fit RUN, --sweep or --plan FILE"), "weir simulate --help shows examples")
	}
	fit, err := fitTo(l.runs, f.fit)
	if err != nil {
		return err
	}
	if l.json {
		return fit.json(p.Stdout)
	}
	return fit.print(p.Stdout)
}

// simulateTest simulates one test, leaves its run and judges it.
func simulateTest(ctx context.Context, p *Process, test plan.Test, e *embeddedFlags, l *loadFlags, f *simulateFlags) error {
	if err := prepare(&test, e, l); err != nil {
		return err
	}
	sc, _, err := scenarioOf(test, e, l, f)
	if err != nil {
		return err
	}
	if f.fitted != nil {
		if err := f.fitted.print(p.Stderr); err != nil {
			return err
		}
	}
	begun := time.Now()
	dir, out, err := leave(ctx, sc, simulatedRun(p, sc, l, f), l.runs)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "simulated %v of virtual time in %v, %d events\n",
		out.Ended.Sub(sc.Start).Round(time.Second), time.Since(begun).Round(time.Millisecond), out.Events)
	d, err := record.Read(dir)
	if err != nil {
		return fmt.Errorf("read the run back: %w", err)
	}
	v := judge.Judge(d, judge.Options{})
	if err := publish(p, d, v, l.json); err != nil {
		return err
	}
	if code := judge.ExitCode(v); code != ExitPass {
		return exitError(code)
	}
	return nil
}

// leave simulates a scenario and leaves its run in a new directory under runs.
func leave(ctx context.Context, sc capacity.Scenario, run record.Run, runs string) (dir string, out *capacity.Outcome, err error) {
	w, err := record.Create(runs, sc.Test.Name+"-simulated", time.Now())
	if err != nil {
		return "", nil, usage(fmt.Errorf("create the run's directory: %w", err), "--runs names a folder that can be written to")
	}
	defer w.Close() //nolint:errcheck // everything was synced before
	points := &pointWriter{ctx: ctx, writer: w}
	if out, err = capacity.Simulate(sc, points.add); err != nil {
		return "", nil, err
	}
	if err := points.flush(); err != nil {
		return "", nil, err
	}
	run.Status, run.LoadEnd, run.Ended = record.Complete, out.LoadEnd, out.Ended
	run.Steps, run.Notes = out.Steps, append(run.Notes, out.Notes...)
	return w.Dir(), out, writeSimulated(w, run, out)
}

// simulatedRun is run.json of a simulation. Nothing in it depends on when it is
// made, so that the same command leaves the same record.
func simulatedRun(p *Process, sc capacity.Scenario, l *loadFlags, f *simulateFlags) record.Run {
	command := commandLine(p.Args)
	id := crc32.ChecksumIEEE(fmt.Appendf(nil, "%q", command))
	run := record.Run{
		Format: record.Format, ID: fmt.Sprintf("%s-simulated-%08x", sc.Test.Name, id), Test: sc.Test, Status: record.Running,
		Started: sc.Start, LoadStart: sc.Start, RunToken: id & token.MaxRun,
		Version: version(), Command: command, Pipeline: sc.Pipeline, Host: observe.Host(),
		Sizes: []record.Size{{Bytes: sc.Records.Bytes}}, TimeScale: l.rehearsal(),
	}
	for _, f := range sc.Faults {
		run.Faults = append(run.Faults, f.String())
	}
	if f.fitted != nil {
		run.Notes = append(run.Notes, f.fitted.notes(sc)...)
	}
	return run
}

// writeSimulated writes what a simulation leaves beside its series.
func writeSimulated(w *record.Writer, run record.Run, out *capacity.Outcome) error {
	run.Sizes[0].Records = out.Ledger.Offered
	run.Pipeline.Probe = out.Ledger.Processed > 0
	for _, write := range []func() error{
		func() error { return w.WriteSteps(out.Results) },
		func() error { return w.WriteLedger(out.Ledger) },
		func() error { return w.WriteRun(run) },
		w.Sync,
	} {
		if err := write(); err != nil {
			return fmt.Errorf("write the run's record: %w", err)
		}
	}
	return nil
}

// pointWriter appends a simulation's points in large pieces, and ends it when
// ctx does.
type pointWriter struct {
	ctx    context.Context
	writer *record.Writer
	points []record.Point
}

const pointsAtOnce = 1000

func (w *pointWriter) add(p record.Point) error {
	if w.points = append(w.points, p); len(w.points) < pointsAtOnce {
		return nil
	}
	return w.flush()
}

func (w *pointWriter) flush() error {
	if w.ctx.Err() != nil {
		return exitError(ExitInterrupted)
	}
	err := w.writer.AppendPoints(w.points)
	w.points = w.points[:0]
	return err
}
