package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"weir/internal/capacity"
	"weir/internal/emulator/fault"
	"weir/internal/emulator/wire"
	"weir/internal/judge"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/record"
)

// fitted is a model fitted to a run, and how far it is off that run.
type fitted struct {
	capacity.Fit
	Deviations []capacity.Deviation `json:"deviations"`
}

// fitTo fits the model to a run and simulates the run's own test with it.
func fitTo(runs, name string) (fitted, error) {
	if name == "latest" { // one of a simulation would be no news
		dir, err := record.LatestLive(runs)
		if err != nil {
			return fitted{}, usage(fmt.Errorf("--fit latest: %w", err), "weir run or weir try makes one; --runs says where runs are kept")
		}
		name = dir
	}
	d, err := openRun(runs, name)
	if err != nil {
		return fitted{}, err
	}
	if d.Run.Test.Kind == plan.Script {
		return fitted{}, usagef("--fit %s: the run of a script has no schedule that could be simulated", name)
	}
	if d.Run.Pipeline.Kind == record.Simulated {
		return fitted{}, usage(fmt.Errorf("--fit %s: that run was simulated itself", name), "name a run of weir run or weir try")
	}
	o, err := optionsOf(d.Run.Pipeline)
	if err != nil {
		return fitted{}, err
	}
	fit, err := capacity.FitTiming(d, timingOf(o))
	if err != nil {
		return fitted{}, usage(fmt.Errorf("fit to %s: %w", name, err), "name a run with a function behind it that ended by itself")
	}
	sc := capacity.Scenario{
		Test: d.Run.Test, Pipeline: simulatedPipeline(o), Timing: fit.Timing, Start: virtualStart, Drain: 2 * time.Minute,
	}
	if sc.Records, err = recordsOf(d.Run.Test, o); err != nil {
		return fitted{}, err
	}
	putsAgain(&sc)
	sc.Faults = simulatedFaults(d.Run.Faults)
	model, err := simulated(sc)
	if err != nil {
		return fitted{}, err
	}
	return fitted{fit, capacity.Deviations(capacity.Figures(model), capacity.Figures(d))}, nil
}

// simulatedFaults are those of a run's faults that happen in virtual time.
func simulatedFaults(ordered []string) (faults []fault.Fault) {
	for _, text := range ordered {
		if f, err := fault.Parse(text); err == nil && capacity.Happens(f) == nil {
			faults = append(faults, f)
		}
	}
	return faults
}

// optionsOf are an embedded pipeline like the one of a run.
func optionsOf(p record.Pipeline) (local.Options, error) {
	o := local.Defaults()
	var err error
	if p.Profile != "" {
		if o.Profile, err = local.ParseProfile(p.Profile); err != nil {
			return o, err
		}
	}
	o.Stream, o.Function, o.Region = p.Stream, p.Function, p.Region
	o.Shards, o.MaxRecordBytes, o.ShardLimitFactor = max(p.Shards, 1), p.MaxRecordBytes, first(p.ShardLimitFactor, 1)
	o.Timeout, o.MemoryMB, o.Concurrency = p.FunctionTimeout, p.FunctionMemoryMB, p.Concurrency
	o.BatchSize, o.BatchingWindow, o.Parallelization, o.RetryAttempts = p.BatchSize, p.BatchingWindow, max(p.Parallelization, 1), p.RetryAttempts
	if p.BatchSize == 0 {
		return o, usagef("the run had no event source mapping: there is nothing to fit")
	}
	return o, nil
}

// simulated carries a scenario out in memory, as a run read back.
func simulated(sc capacity.Scenario) (*record.Data, error) {
	d := &record.Data{Run: record.Run{Test: sc.Test, Pipeline: sc.Pipeline, Started: sc.Start, LoadStart: sc.Start, Status: record.Complete}}
	out, err := capacity.Simulate(sc, func(p record.Point) error {
		d.Series = append(d.Series, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	d.Run.LoadEnd, d.Run.Ended, d.Run.Steps = out.LoadEnd, out.Ended, out.Steps
	d.Steps, d.Ledger = out.Results, out.Ledger
	return d, nil
}

// print says what was fitted and how good the fit is.
func (f *fitted) print(out io.Writer) error {
	latency := func(l wire.Latency) string {
		return fmt.Sprintf("median %v, p99 %v", l.Median.Round(100*time.Microsecond), l.P99.Round(100*time.Microsecond))
	}
	t := f.Timing
	fmt.Fprintf(out, "fitted to %s\n", f.Run)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"put latency", latency(t.Put)},
		{"read latency", latency(t.Get)},
		{"hand-over", latency(t.Invoke)},
		{"cold start", latency(t.ColdStart)},
		{"poll interval", t.PollInterval.Round(time.Millisecond).String()},
		{"invocation", fmt.Sprintf("%v and %v a record", t.PerBatch.Round(10*time.Microsecond), t.PerRecord.Round(100*time.Nanosecond))},
		{"failing", judge.Number(100*t.ErrorRate, "%")},
	} {
		fmt.Fprintf(w, "  %s\t%s\n", row[0], row[1])
	}
	for _, kept := range f.Kept {
		fmt.Fprintf(w, "  not fitted\t%s\n", kept)
	}
	fmt.Fprintf(w, "\n  METRIC\tRUN\tMODEL\tERROR\n")
	for _, d := range f.Deviations {
		fmt.Fprintf(w, "  %s, %s\t%.4g\t%.4g\t%s\n", d.Name, d.Unit, d.Value, d.Model, deviation(d.Error))
	}
	fmt.Fprintf(w, "\n  as a live run's timing:\t--profile %s --work %v --work-per-record %v\n", profileText(t), t.PerBatch, t.PerRecord)
	return w.Flush()
}

// profileText is a timing as --profile takes it.
func profileText(t capacity.Timing) string {
	var text strings.Builder
	text.WriteString("aws")
	for _, l := range []struct {
		name string
		wire.Latency
	}{{"put", t.Put}, {"get", t.Get}, {"invoke", t.Invoke}, {"cold-start", t.ColdStart}} {
		fmt.Fprintf(&text, ",%s=%v/%v", l.name, l.Median.Round(10*time.Microsecond), l.P99.Round(10*time.Microsecond))
	}
	fmt.Fprintf(&text, ",poll=%v", t.PollInterval.Round(time.Millisecond))
	return text.String()
}

// deviation is an error in words.
func deviation(share *float64) string {
	if share == nil {
		return "within the slack of zero"
	}
	return fmt.Sprintf("%+.1f %%", 100**share)
}

// notes say in a simulated run where its timing is from and how far it can be
// trusted.
func (f *fitted) notes(sc capacity.Scenario) []string {
	factor, outside := f.Outside(sc)
	var errors []string
	for _, d := range f.Deviations {
		if d.Error != nil {
			errors = append(errors, fmt.Sprintf("%s ± %.1f %%", d.Name, 100*factor*max(math.Abs(*d.Error), leastError)))
		}
	}
	notes := []string{"timing fitted to run " + f.Run + "; expect " + strings.Join(errors, ", ")}
	if len(outside) > 0 {
		notes = append(notes, fmt.Sprintf("outside the range that was fitted, so the errors above are %.3g times the fit's own: %s", factor, strings.Join(outside, "; ")))
	}
	for _, kept := range f.Kept {
		notes = append(notes, "not fitted: "+kept)
	}
	return notes
}

// leastError is the share that a model is off by at least, for all that one run
// can show.
const leastError = 0.01

func (f *fitted) json(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(f)
}
