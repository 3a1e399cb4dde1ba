package cli

import (
	"context"
	"errors"
	"fmt"

	"weir/internal/capacity"
	awspipeline "weir/internal/pipeline/aws"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/record"
)

// stressEmbedded looks for the knee of an embedded pipeline, a new one for each
// trial.
func stressEmbedded(ctx context.Context, p *Process, test plan.Test, script string, e *embeddedFlags, l *loadFlags, f *searchFlags) error {
	options, err := e.options()
	if err != nil {
		return err
	}
	if err := atOneRate(&test, e, l); err != nil {
		return err
	}
	s := &search{process: p, flags: l, asked: f}
	s.trial = func(ctx context.Context, rate float64) (*trial, error) {
		run, pipe, err := onEmbedded(ctx, p, rated(s.state.Test, rate), script, e, l)
		if err != nil {
			return nil, err
		}
		run.silent = true
		return attempt(ctx, run, pipe.Close)
	}
	if err := s.begin(test, embeddedConfig(options, test)); err != nil {
		return err
	}
	return s.run(ctx)
}

// stressAWS looks for the knee of a real pipeline.
func stressAWS(ctx context.Context, p *Process, test plan.Test, script string, o awspipeline.Options, yes bool, e *embeddedFlags, l *loadFlags, f *searchFlags) error {
	if err := atOneRate(&test, e, l); err != nil {
		return err
	}
	aws, err := findAWS(ctx, o, test, l)
	if err != nil {
		return err
	}
	config := foundConfig(aws.found, test)
	fmt.Fprintf(p.Stderr, "a search for the knee, of about %d trials; the largest that it may come to:\n", trials)
	largest := rated(test, f.bounds(config).Most)
	announce(p, largest, aws.found, aws.who)
	fmt.Fprintln(p.Stderr, costLine(largest, aws.found, l.largest, trials))
	if !yes {
		return errUnconfirmed
	}
	s := &search{process: p, flags: l, asked: f}
	s.trial = func(ctx context.Context, rate float64) (*trial, error) {
		run := &execution{process: p, flags: l, test: rated(s.state.Test, rate), script: script, address: aws.address, silent: true}
		return attempt(ctx, run, func() error { return nil })
	}
	if err := s.begin(test, config); err != nil {
		return err
	}
	return s.run(ctx)
}

// attempt carries a trial out. A run that could not be ends the search with its
// error.
func attempt(ctx context.Context, run *execution, end func() error) (*trial, error) {
	ended := errors.Join(run.run(ctx), end()) // a verdict's exit code, where there is one
	if ctx.Err() != nil || run.interrupted {
		return nil, nil //nolint:nilerr,nilnil // the trial does not count
	}
	if run.judged == nil {
		return nil, ended
	}
	return &trial{run.record, *run.judged}, nil
}

// seeks reports that a test looks for the knee: a stress test without rates of
// its own.
func seeks(test plan.Test, l *loadFlags) bool {
	return test.Kind == plan.Stress && l.rate == "" && l.shape == ""
}

// atOneRate puts the flags over the test and leaves it one judged step.
func atOneRate(test *plan.Test, e *embeddedFlags, l *loadFlags) error {
	test.Steps = plan.StepsAt([]float64{1}, plan.EmbeddedStep)
	return prepare(test, e, l)
}

// rated is the test at one rate.
func rated(test plan.Test, rate float64) plan.Test {
	length := test.Steps[0].Duration
	test.Steps = plan.StepsAt([]float64{rate}, length)
	return test
}

// keyBytes is the mean length of a generated partition key.
const keyBytes = 12

// embeddedConfig is what the embedded pipeline's limits follow from.
func embeddedConfig(o local.Options, test plan.Test) capacity.Config {
	perBatch := o.Work.PerBatch + o.Profile.InvokeLatency.Median
	return capacity.Config{
		Step: test.Steps[0].Duration, Shards: o.Shards, LimitFactor: o.ShardLimitFactor, RecordBytes: float64(test.Payload.Bytes + keyBytes),
		Parallelization: o.Parallelization, BatchSize: o.BatchSize, PerBatch: perBatch, PerRecord: o.Work.PerRecord,
		Concurrency: o.Concurrency, ErrorRate: o.Work.ErrorRate,
		ErrorBackoff: o.Profile.ErrorBackoff, MaxBackoff: o.Profile.MaxBackoff,
	}
}

// foundConfig is what a real pipeline's limits follow from before anything is
// known of its function's time: the stream's alone.
func foundConfig(found record.Pipeline, test plan.Test) capacity.Config {
	return capacity.Config{
		OnDemand: found.StreamMode == "ON_DEMAND", Shards: found.Shards, RecordBytes: float64(test.Payload.Bytes + keyBytes),
	}
}
