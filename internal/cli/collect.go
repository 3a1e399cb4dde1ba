package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"weir/internal/judge"
	"weir/internal/observe"
	"weir/internal/pipeline"
	awspipeline "weir/internal/pipeline/aws"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/report"
	"weir/internal/values"
)

// collectFlags say which pipeline `weir metrics --collect` looks at, and when.
type collectFlags struct {
	target, stream, function, region string
	since, until                     string
	noLogs                           bool
	slo                              []string
}

func (f *collectFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.target, "target", "local", "with --collect: local (weir local, by the variables it prints) or aws")
	s.StringVar(&f.stream, "stream", "", "with --collect: the stream's name (or KINESIS_STREAM_NAME)")
	s.StringVar(&f.function, "function", "", "with --collect: the function's name (or LAMBDA_FUNCTION_NAME)")
	s.StringVar(&f.region, "region", "", "with --collect: AWS region (or AWS_REGION)")
	s.StringVar(&f.since, "since", "1h", "with --collect: where the window begins: 90m ago, or a time such as 2026-11-22T20:00:00Z")
	s.StringVar(&f.until, "until", "", "with --collect: where it ends, likewise (default now, on AWS 3m: later points are not all there)")
	registerSLO(s, &f.slo)
	s.BoolVar(&f.noLogs, "no-logs", false, "with --collect: leave the function's REPORT lines unread (L7, L8, exact billed time)")
}

// given reports whether one of the flags was set.
func (f *collectFlags) given(s *pflag.FlagSet) bool {
	return slices.ContainsFunc([]string{"target", "stream", "function", "region", "since", "until", "no-logs", "slo"}, s.Changed)
}

// collected is `weir metrics --collect --json`: a verdict with the metrics.
type collected struct {
	judge.Verdict
	Metrics []values.Figure `json:"metrics"`
	Advice  []string        `json:"advice"`
	Reading record.Reading  `json:"reading"`
	USD     *float64        `json:"reading_usd"` // nil: there is no price
}

func (f *collectFlags) run(ctx context.Context, p *Process, asJSON bool) error {
	targets, err := withSLO(plan.DefaultTargets, f.slo)
	if err != nil {
		return err
	}
	address, err := f.find(ctx, p)
	if err != nil {
		return err
	}
	from, to, err := f.window(time.Now(), address.Settle)
	if err != nil {
		return err
	}
	clock := observe.NewClock()
	address.Config.HTTPClient = clock.Watch(address.Config.HTTPClient)
	if address.Kind == pipeline.AWS {
		clock.Sharpen(ctx, address)
	}
	d, err := observe.Window(ctx, address, from, to, !f.noLogs)
	if err != nil {
		return err
	}
	d.Run.Clock = clock.Measured()
	d.Run.Test.Targets = targets
	v := judge.Judge(d, judge.Options{})
	c := collected{Verdict: v, Metrics: values.Of(d), Advice: values.Advice(d), Reading: d.Run.Reading}
	if usd, err := values.ReadingPrice(d); err == nil {
		c.USD = &usd
	}
	if err := f.print(p, d, c, asJSON); err != nil {
		return err
	}
	if code := judge.ExitCode(v); code != ExitPass {
		return exitError(code)
	}
	return nil
}

// find is the pipeline of the flags and the environment. It never takes an
// account for the embedded pipeline: that one has an endpoint.
func (f *collectFlags) find(ctx context.Context, p *Process) (pipeline.Address, error) {
	o := awspipeline.Options{
		Region: f.region, Stream: first(f.stream, p.Getenv("KINESIS_STREAM_NAME")), Function: first(f.function, p.Getenv("LAMBDA_FUNCTION_NAME")),
	}
	switch {
	case f.target != "local" && f.target != "aws":
		return pipeline.Address{}, usagef("--target %q: local or aws", f.target)
	case o.Stream == "":
		return pipeline.Address{}, usage(errNoStream, "give --stream or set KINESIS_STREAM_NAME")
	case f.target == "local" && p.Getenv("AWS_ENDPOINT_URL") == "":
		return pipeline.Address{}, usage(errors.New("AWS_ENDPOINT_URL is not set: there is no embedded pipeline to look at"),
			"set what weir local prints, or give --target aws for an account")
	}
	a, who, err := awspipeline.Find(ctx, o)
	if err != nil {
		return a, usage(err, "check the credentials (aws sts get-caller-identity), the region and the names")
	}
	if f.target == "local" {
		a.Kind, a.Settle = pipeline.Embedded, 0
	}
	fmt.Fprintf(p.Stderr, "account %s (%s), region %s%s: reads only\n", who.Account, who.ARN, who.Region, at(a.Endpoint))
	return a, nil
}

// window is [since, until) in whole minutes. Points younger than settle are not
// all there: without --until the window ends before them.
func (f *collectFlags) window(now time.Time, settle time.Duration) (from, to time.Time, err error) {
	if from, err = instant(f.since, now); err != nil {
		return from, to, usage(fmt.Errorf("--since: %w", err), "")
	}
	to = now.Add(-settle)
	if f.until != "" {
		if to, err = instant(f.until, now); err != nil {
			return from, to, usage(fmt.Errorf("--until: %w", err), "")
		}
	}
	from = from.Truncate(observe.WindowPeriod)
	if settle == 0 && f.until == "" {
		to = to.Add(observe.WindowPeriod - 1) // the minute under way is visible
	}
	to = to.Truncate(observe.WindowPeriod)
	if !from.Before(to) {
		return from, to, usage(fmt.Errorf("the window from %s to %s is empty", from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)),
			"it has whole minutes, and on AWS the last three are left out: give a longer --since")
	}
	return from, to, nil
}

// instant is a time, or a duration before now.
func instant(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 {
		return time.Time{}, fmt.Errorf("%q is neither a duration such as 90m nor a time such as 2026-11-22T20:00:00Z", text)
	}
	return now.Add(-ago), nil
}

func (f *collectFlags) print(p *Process, d *record.Data, c collected, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.Stdout).Encode(c)
	}
	if err := report.Metrics(p.Stdout, c.Metrics); err != nil {
		return err
	}
	fmt.Fprintln(p.Stdout)
	if err := report.Window(p.Stdout, d, c.Verdict, report.TextOptions{Color: p.Color}); err != nil {
		return err
	}
	cost := "price not known"
	if c.USD != nil {
		cost = fmt.Sprintf("%.5f USD", *c.USD)
	}
	r := c.Reading
	fmt.Fprintf(p.Stdout, "  read: metrics %d, calls of GetMetricData %d (%s); REPORT lines %d, calls of FilterLogEvents %d\n", r.Metrics, r.MetricCalls, cost, r.LogLines, r.LogCalls)
	printAdvice(p.Stdout, c.Advice)
	return nil
}
