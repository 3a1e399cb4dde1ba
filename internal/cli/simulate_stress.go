package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"weir/internal/judge"
	"weir/internal/plan"
	"weir/internal/record"
)

// simulateStress looks for the knee as weir run stress does, with trials in
// virtual time.
func simulateStress(ctx context.Context, p *Process, test plan.Test, e *embeddedFlags, l *loadFlags, f *simulateFlags, asked *searchFlags) error {
	if err := atOneRate(&test, e, l); err != nil {
		return err
	}
	sc, o, err := scenarioOf(test, e, l, f)
	if err != nil {
		return err
	}
	config := embeddedConfig(o, test)
	config.PerBatch, config.PerRecord, config.ErrorRate = sc.Timing.PerBatch+sc.Timing.Invoke.Median, sc.Timing.PerRecord, sc.Timing.ErrorRate
	if f.fitted != nil {
		if err := f.fitted.print(p.Stderr); err != nil {
			return err
		}
	}
	s := &search{process: p, flags: l, asked: asked, simulated: true}
	s.trial = func(ctx context.Context, rate float64) (*trial, error) {
		test := rated(s.state.Test, rate)
		test.Seed += uint64(len(s.state.Trials)) // the same again would tell nothing
		return simulateTrial(ctx, p, test, e, l, f)
	}
	if err := s.begin(test, config); err != nil {
		return err
	}
	return s.run(ctx)
}

// simulateTrial simulates one trial and leaves its run.
func simulateTrial(ctx context.Context, p *Process, test plan.Test, e *embeddedFlags, l *loadFlags, f *simulateFlags) (*trial, error) {
	sc, _, err := scenarioOf(test, e, l, f)
	if err != nil {
		return nil, err
	}
	run := simulatedRun(p, sc, l, f)
	run.ID += fmt.Sprintf("-%g-%d", test.Steps[0].Rate, test.Seed)
	dir, _, err := leave(ctx, sc, run, l.runs)
	if ctx.Err() != nil {
		return nil, nil //nolint:nilerr,nilnil // the trial does not count
	}
	if err != nil {
		return nil, err
	}
	d, err := record.Read(dir)
	if err != nil {
		return nil, fmt.Errorf("read the trial back: %w", err)
	}
	v := judge.Judge(d, judge.Options{})
	if err := writeDocuments(d, v); err != nil {
		return nil, err
	}
	v.Run = filepath.Base(dir) // where the search's reader finds it
	return &trial{d.Run, v}, nil
}
