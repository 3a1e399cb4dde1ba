package cli

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/doctor"
	"weir/internal/doctor/inspect"
	"weir/internal/pipeline"
	awspipeline "weir/internal/pipeline/aws"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
)

// doctorFlags name the pipeline and what it is to carry.
type doctorFlags struct {
	target, stream, function, region string
	rate, hotShare                   float64
	payload                          string
	perBatch, perRecord              time.Duration
	iam                              string
	json                             bool
}

func (f *doctorFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.target, "target", "local", "the pipeline: local (what AWS_ENDPOINT_URL says if it is this machine, else the embedded one\nas weir run starts it) or aws")
	s.StringVar(&f.stream, "stream", "", "the stream's name (or KINESIS_STREAM_NAME)")
	s.StringVar(&f.function, "function", "", "the function's name (or LAMBDA_FUNCTION_NAME)")
	s.StringVar(&f.region, "region", "", "AWS region (or AWS_REGION)")
	s.Float64Var(&f.rate, "rate", 0, "records per second that it is to carry; 0: only predict what it can")
	s.StringVar(&f.payload, "payload", "500B", "size of a record: 500B, 1KB")
	s.Float64Var(&f.hotShare, "hot-share", 0, "share of the records that have the most frequent partition key, 0 to 1")
	s.DurationVar(&f.perBatch, "per-batch", 0, "time of an invocation (default CloudWatch's average of the last 3 h, else 5ms)")
	s.DurationVar(&f.perRecord, "per-record", 0, "time of an invocation for each record (default 0 if measured, else 10µs)")
	s.StringVar(&f.iam, "iam", "", "print the least IAM policy and do nothing else: run (the default), watch, env or all")
	s.Lookup("iam").NoOptDefVal = string(doctor.UseRun)
	s.BoolVar(&f.json, "json", false, "facts, expectation and findings as JSON")
}

func newDoctor(p *Process) *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use: "doctor", Short: "What will bite: credentials, permissions, stream, mapping, function",
		Long: `Reads the configuration of a pipeline and says, before any load, what will bite,
the hardest first: each finding with the reason and the command that mends it.
It changes nothing. Exit code 99 where something keeps a test from working.`,
		Example: `  weir doctor --target aws --stream orders --function orders-consumer --rate 2000
  weir doctor --iam > policy.json
  weir doctor                       # the embedded pipeline`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.stream, f.function = first(f.stream, p.Getenv("KINESIS_STREAM_NAME")), first(f.function, p.Getenv("LAMBDA_FUNCTION_NAME"))
			if f.iam != "" {
				return printPolicy(cmd.Context(), p, &f)
			}
			load, err := f.load()
			if err != nil {
				return err
			}
			return diagnose(cmd.Context(), p, &f, load)
		},
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *doctorFlags) load() (doctor.Load, error) {
	size, err := plan.ParseSize(f.payload)
	switch {
	case err != nil:
		return doctor.Load{}, usage(fmt.Errorf("--payload: %w", err), "")
	case f.rate < 0:
		return doctor.Load{}, usagef("--rate %g is negative", f.rate)
	case f.hotShare < 0 || f.hotShare > 1:
		return doctor.Load{}, usagef("--hot-share %g is outside 0 to 1", f.hotShare)
	case f.perBatch < 0 || f.perRecord < 0:
		return doctor.Load{}, usagef("--per-batch and --per-record can't be negative")
	}
	l := doctor.Load{Rate: f.rate, RecordBytes: size, HotShare: f.hotShare, PerBatch: doctor.AssumedPerBatch, PerRecord: doctor.AssumedPerRecord}
	if f.perBatch > 0 || f.perRecord > 0 {
		l.PerBatch, l.PerRecord, l.Given = f.perBatch, f.perRecord, true
	}
	return l, nil
}

// diagnosis is `weir doctor --json`, a promise to users.
type diagnosis struct {
	Facts       doctor.Facts       `json:"facts"`
	Expectation doctor.Expectation `json:"expectation"`
	Findings    []doctor.Finding   `json:"findings"`
}

// diagnose examines the pipeline and ends with exit code 99 on a blocker.
func diagnose(ctx context.Context, p *Process, f *doctorFlags, load doctor.Load) error {
	address, end, err := f.address(ctx, p)
	if err != nil {
		return err
	}
	defer end()
	facts, err := inspect.Read(ctx, inspect.Options{Address: address, Load: load, Now: time.Now()})
	if err != nil {
		return usage(err, "aws sts get-caller-identity shows whether credentials are found; for the embedded pipeline set what weir local prints")
	}
	d := diagnosis{facts, doctor.Expect(facts), doctor.Examine(facts)}
	if f.json {
		err = writeJSON(p.Stdout, d)
	} else {
		d.print(p.Stdout)
	}
	if err == nil && doctor.Blocked(d.Findings) {
		return exitError(ExitFail)
	}
	return err
}

// address is the pipeline that is meant; end is to be called when it has been
// examined.
func (f *doctorFlags) address(ctx context.Context, p *Process) (a pipeline.Address, end func(), err error) {
	end = func() {}
	switch f.target {
	case "local":
		if u, err := url.Parse(p.Getenv("AWS_ENDPOINT_URL")); err != nil || u.Port() == "" || !loopback(u.Host) {
			return f.embedded(ctx)
		}
		d := local.Defaults()
		f.stream, f.function = first(f.stream, d.Stream), first(f.function, d.Function)
	case "aws":
	default:
		return a, end, usagef("--target %q: local or aws", f.target)
	}
	if f.stream == "" {
		return a, end, usage(errNoStream, "give --stream or set KINESIS_STREAM_NAME")
	}
	a, _, err = awspipeline.Find(ctx, awspipeline.Options{Region: f.region, Stream: f.stream})
	a.Function = f.function
	if f.target == "local" {
		a.Kind = pipeline.Embedded
	}
	return a, end, usage(err, "aws sts get-caller-identity shows whether credentials are found; for the embedded pipeline set what weir local prints")
}

// embedded starts a pipeline as weir run would.
func (f *doctorFlags) embedded(ctx context.Context) (pipeline.Address, func(), error) {
	o := local.Defaults()
	o.Stream, o.Function = first(f.stream, o.Stream), first(f.function, o.Function)
	pipe, err := local.Start(ctx, o)
	if err != nil {
		return pipeline.Address{}, nil, startError(err)
	}
	return pipe.Address(), func() { _ = pipe.Close() }, nil
}
