package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/metrics"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
)

// watchPrefix begins the names of all that weir makes in CloudWatch. It touches
// nothing that is called otherwise.
const watchPrefix = "weir-"

// watchFlags name the pipeline that a dashboard or alarms are about, and them.
type watchFlags struct {
	stream   string
	function string
	region   string
	name     string
	mapping  string
	timeout  time.Duration
	slo      []string
}

func (f *watchFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.stream, "stream", "", "the stream's name (or KINESIS_STREAM_NAME)")
	s.StringVar(&f.region, "region", "", "AWS region (or AWS_REGION)")
	s.StringVar(&f.name, "name", "", "name, beginning with "+watchPrefix+"; of alarms what their names begin with\n(default "+watchPrefix+"STREAM)")
}

func (f *watchFlags) registerFunction(s *pflag.FlagSet) {
	s.StringVar(&f.function, "function", "", "the function's name (or LAMBDA_FUNCTION_NAME)")
	registerSLO(s, &f.slo)
}

// registerFound are what deploy finds out by itself.
func (f *watchFlags) registerFound(s *pflag.FlagSet) {
	s.StringVar(&f.mapping, "mapping", "", "UUID of the event source mapping, if it has EventCount metrics;\nwithout, the probe's count of records is used")
	s.DurationVar(&f.timeout, "timeout", local.Defaults().Timeout, "the function's timeout")
}

// fill takes from the environment what no flag said.
func (f *watchFlags) fill(p *Process) {
	f.stream = first(f.stream, p.Getenv("KINESIS_STREAM_NAME"))
	f.function = first(f.function, p.Getenv("LAMBDA_FUNCTION_NAME"))
}

// shown is the pipeline of the flags and the environment, and otherwise the
// embedded one as weir local starts it. It asks nobody.
func (f *watchFlags) shown(p *Process) (metrics.Watched, error) {
	f.fill(p)
	d := local.Defaults()
	f.stream = first(f.stream, d.Stream)
	limits, err := f.limits(f.timeout)
	if err != nil {
		return metrics.Watched{}, err
	}
	w := metrics.Watched{
		Region: first(f.region, p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION"), d.Region),
		Stream: f.stream, Function: first(f.function, d.Function),
		Mapping: f.mapping, Limits: limits,
	}
	return w, f.checkName()
}

// limits are the targets of a function with that timeout.
func (f *watchFlags) limits(timeout time.Duration) (metrics.Limits, error) {
	t, err := withSLO(plan.DefaultTargets, f.slo)
	if err == nil && t.Throttles > 0 {
		err = usage(errors.New("--slo throttles would change nothing: it counts a test's refusals, and the alarm goes off in the second minute of five that has any"), "")
	}
	return watchLimits(t, timeout), err
}

func watchLimits(t plan.Targets, timeout time.Duration) metrics.Limits {
	return metrics.Limits{
		IteratorAge: t.IteratorAge, Duration: time.Duration(t.DurationShare * float64(timeout)),
		ErrorRate: t.ErrorRate, RecordLatency: t.RecordLatency, MatchTolerance: t.MatchTolerance,
	}
}

var (
	// A dashboard's name, of API_PutDashboard (2026-11-22), with room for what
	// an alarm's name ends with.
	watchName  = regexp.MustCompile(`^` + watchPrefix + `[A-Za-z0-9_-]{1,200}$`)
	notInAName = regexp.MustCompile(`[^A-Za-z0-9_-]`)

	errNoStream = errors.New("no stream")
)

// checkName settles the name, which needs the stream's.
func (f *watchFlags) checkName() error {
	f.name = first(f.name, watchPrefix+notInAName.ReplaceAllString(f.stream, "_"))
	if !watchName.MatchString(f.name) {
		return usage(fmt.Errorf("--name %q is not %s and letters, digits, - and _, 200 at most", f.name, watchPrefix),
			"the prefix marks what weir made: it changes nothing else")
	}
	return nil
}

// showCommand is a command that prints what deploy would put, without asking
// any account.
func showCommand(p *Process, cmd *cobra.Command, show func(w metrics.Watched, name string) error) *cobra.Command {
	var f watchFlags
	f.register(cmd.Flags())
	f.registerFunction(cmd.Flags())
	f.registerFound(cmd.Flags())
	cmd.Args = noArgs
	cmd.RunE = func(*cobra.Command, []string) error {
		w, err := f.shown(p)
		if err != nil {
			return err
		}
		return show(w, f.name)
	}
	return cmd
}

// deployCommand is a command that puts things about a pipeline that it finds in
// the account.
func deployCommand(p *Process, cmd *cobra.Command, put func(context.Context, watchAccount, metrics.Watched, string) ([]change, error)) *cobra.Command {
	var f watchFlags
	f.registerFunction(cmd.Flags())
	return changeCommand(p, cmd, &f, func(ctx context.Context) (watchAccount, []change, error) {
		w, a, err := f.found(ctx, p)
		if err != nil {
			return a, nil, err
		}
		changes, err := put(ctx, a, w, f.name)
		return a, changes, err
	})
}

// deleteCommand is a command that deletes things by name.
func deleteCommand(p *Process, cmd *cobra.Command, remove func(context.Context, watchAccount, string) ([]change, error)) *cobra.Command {
	var f watchFlags
	return changeCommand(p, cmd, &f, func(ctx context.Context) (watchAccount, []change, error) {
		a, err := f.named(ctx, p)
		if err != nil {
			return a, nil, err
		}
		changes, err := remove(ctx, a, f.name)
		return a, changes, err
	})
}

func changeCommand(p *Process, cmd *cobra.Command, f *watchFlags, prepare func(context.Context) (watchAccount, []change, error)) *cobra.Command {
	var c changeFlags
	f.register(cmd.Flags())
	c.register(cmd.Flags())
	cmd.Args = noArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		a, changes, err := prepare(cmd.Context())
		if err != nil {
			return err
		}
		return c.carryOut(cmd.Context(), p, a.inAWS(), changes)
	}
	return cmd
}
