package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/emulator/fault"
	"weir/internal/observe"
	"weir/internal/pipeline"
	awspipeline "weir/internal/pipeline/aws"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/record"
	scripts "weir/k6-test-scripts"
)

// runFlags are the flags of weir run.
type runFlags struct {
	embedded       embeddedFlags
	load           loadFlags
	search         searchFlags
	target, stream string
	region         string
	consent        consent
}

// consent is what the user allows weir to do on a real account.
type consent struct {
	yes    bool    // to start the load
	budget float64 // to spend on it, USD; 0: no limit
}

func newRun(p *Process) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run TEST|SCRIPT.js",
		Short: "Run one test of the catalogue, or a k6 script, and judge it",
		Long: `Runs one test: a name of the catalogue (weir plan list) or a k6 script file. The
embedded pipeline is the default; --target aws uses a real stream and function.`,
		Example: `  weir run baseline-500b
  weir run baseline-500b --rate 2000 --step 10m
  weir run baseline-500b --payload-file events.ndjson
  weir run stress --shards 2 --require-rate 1500
  weir run script.js --bounded
  weir run endurance --ui
  weir run baseline-500b --target aws --stream orders --function orders-consumer`,
		Args: exactArgs(1, "a test or a script"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), p, args[0], cmd.Flags()) },
	}
	f.register(cmd.Flags())
	cmd.RunE = withUI(p, &f.load, cmd.RunE)
	return cmd
}

func (f *runFlags) register(s *pflag.FlagSet) {
	f.embedded.register(s)
	f.load.register(s, "", 0)
	f.search.register(s)
	s.StringVar(&f.target, "target", "local", "the pipeline under test: local (embedded) or aws")
	s.StringVar(&f.stream, "stream", "", "the stream's name; with --target aws the one to use (or KINESIS_STREAM_NAME)")
	s.StringVar(&f.region, "region", "", "with --target aws: the region (or AWS_REGION)")
	s.BoolVar(&f.load.bounded, "bounded", false, "with a script: weir evaluates its thresholds in bounded memory, and k6 prints no summary")
	s.BoolVar(&f.consent.yes, "yes", false, "with --target aws: start without asking")
	s.Float64Var(&f.consent.budget, "budget", 0, "with --target aws: stop the load when its estimated cost has passed so many USD")
	refuseZero(s, "budget")
}

// run carries out the test or script of that name, or looks for its knee.
func (f *runFlags) run(ctx context.Context, p *Process, name string, given *pflag.FlagSet) error {
	test, script, err := testOf(name)
	if err == nil {
		err = idleFor(test, &f.load, given)
	}
	if err == nil {
		err = idleOn(f.target, given)
	}
	if err != nil {
		return err
	}
	switch f.target {
	case "local":
		f.embedded.stream = f.stream
		if seeks(test, &f.load) {
			return stressEmbedded(ctx, p, test, script, &f.embedded, &f.load, &f.search)
		}
		return runEmbedded(ctx, p, test, script, &f.embedded, &f.load)
	case "aws":
		f.load.shortest = plan.AWSStep
		o := awspipeline.Options{
			Region: f.region, Stream: first(f.stream, p.Getenv("KINESIS_STREAM_NAME")),
			Function: first(f.embedded.function, p.Getenv("LAMBDA_FUNCTION_NAME")),
		}
		if seeks(test, &f.load) {
			if f.consent.budget > 0 {
				return usage(errors.New("--budget stops the load of one run, and a search for the knee has many"), "leave it out, of weir.yaml too (--config names another file); --most bounds the rates that it tries")
			}
			return stressAWS(ctx, p, test, script, o, f.consent.yes, &f.embedded, &f.load, &f.search)
		}
		return runAWS(ctx, p, test, script, o, f.consent, &f.embedded, &f.load)
	}
	return usagef("--target %q: local or aws", f.target)
}

// first is the first of values that is not zero, and zero where all are.
func first[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

// testOf is the test a name stands for, and the k6 script that carries it out.
func testOf(name string) (plan.Test, string, error) {
	if !isScript(name) {
		test, err := plan.Named(name)
		return test, scripts.Name(name), usage(err, "weir plan list shows the tests; a k6 script ends in .js")
	}
	if _, err := os.Stat(name); err != nil {
		return plan.Test{}, "", usage(fmt.Errorf("read the script: %w", err), "give the path of a k6 script, or a test that weir plan list shows")
	}
	test, err := plan.Named("baseline-500b")
	test.Name, test.Kind, test.Steps = scriptName(name), plan.Script, nil
	return test, name, err
}

// isScript tells a k6 script by its name from a test.
func isScript(name string) bool {
	return strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".ts")
}

func scriptName(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// embeddedGC is the garbage collector's target while the embedded pipeline is in
// this process: its heap is mostly records, which cost nothing to mark, and at
// Go's 100 % it would hold as much garbage as records.
const embeddedGC = 40

// runEmbedded runs a test on an embedded pipeline that lives as long as it.
func runEmbedded(ctx context.Context, p *Process, test plan.Test, script string, e *embeddedFlags, l *loadFlags) error {
	if e.likeAWS {
		l.shortest = plan.AWSStep
	}
	if err := prepare(&test, e, l); err != nil {
		return err
	}
	run, pipe, err := onEmbedded(ctx, p, test, script, e, l)
	if err != nil {
		return err
	}
	defer pipe.Close() //nolint:errcheck // the verdict is out; what is left dies with the process
	return run.run(ctx)
}

// onEmbedded starts an embedded pipeline and is the run of a prepared test on
// it. The caller closes the pipeline.
func onEmbedded(ctx context.Context, p *Process, test plan.Test, script string, e *embeddedFlags, l *loadFlags) (*execution, *local.Pipeline, error) {
	options, err := e.options()
	if err != nil {
		return nil, nil, err
	}
	if l.largest > options.MaxRecordBytes {
		return nil, nil, usage(fmt.Errorf("a payload of %d bytes is over the stream's record limit of %d", l.largest, options.MaxRecordBytes),
			"--max-record-size lets the embedded stream take up to 10MiB")
	}
	if options.MetricsLikeAWS {
		if err := longEnough(test); err != nil {
			return nil, nil, err
		}
	}
	if err := faultsInTime(options.Faults, test); err != nil {
		return nil, nil, err
	}
	debug.SetGCPercent(embeddedGC)
	pipe, err := local.Start(ctx, options)
	if err != nil {
		return nil, nil, startError(err)
	}
	return &execution{
		process: p, flags: l, test: test, script: script, address: pipe.Address(),
		environ: pipe.Environ(), begin: pipe.BeginFaults, skipped: pipe.Skipped, logTrimmed: pipe.LogTrimmed,
		retainBytes: options.RetainBytes, limitFactor: options.ShardLimitFactor, faults: e.faults, struck: pipe.Faults,
	}, pipe, nil
}

const minuteHint = "CloudWatch's points are a minute apart and the first is left out: give 5m or more"

// faultsInTime refuses a fault that the load would never meet.
func faultsInTime(faults []fault.Fault, test plan.Test) error {
	if test.Kind == plan.Script {
		return nil // nobody knows how long it lasts
	}
	lasts := plan.NewSchedule(test.Steps).Duration()
	for _, f := range faults {
		if f.At >= lasts {
			return usagef("--fault: %s at %v is after the load, which lasts %v", f.Kind, f.At, lasts)
		}
	}
	return nil
}

// prepare puts the flags over the test, of a script those that are not about
// its load.
func prepare(test *plan.Test, e *embeddedFlags, l *loadFlags) error {
	if l.drain < 0 {
		return usagef("--drain %v can't be negative", l.drain)
	}
	if err := l.checkTags(); err != nil {
		return err
	}
	if err := l.setTargets(test); err != nil {
		return err
	}
	if test.Kind != plan.Script {
		if l.bounded {
			return usagef("--bounded is for scripts: a test of the catalogue always is")
		}
		return l.apply(test, e)
	}
	if err := l.applyPut(test); err != nil {
		return err
	}
	return l.scale(test)
}

// runAWS runs a test on the pipeline that o names.
func runAWS(ctx context.Context, p *Process, test plan.Test, script string, o awspipeline.Options, may consent, e *embeddedFlags, l *loadFlags) error {
	if err := prepare(&test, e, l); err != nil {
		return err
	}
	aws, err := findAWS(ctx, o, test, l)
	if err != nil {
		return err
	}
	announce(p, test, aws.found, aws.who)
	fmt.Fprintln(p.Stderr, costLine(test, aws.found, l.largest, 1))
	limit, err := newBudget(may.budget, aws.found)
	if err != nil {
		return err
	}
	if !may.yes {
		return errUnconfirmed
	}
	run := &execution{process: p, flags: l, test: test, script: script, address: aws.address, budget: limit}
	return run.run(ctx)
}

// errUnconfirmed keeps load off a real account until it is asked for.
var errUnconfirmed = usage(errors.New("nothing was sent: this is a real account"), "add --yes to start the load")

// errRehearsed keeps rehearsals off AWS.
var errRehearsed = usagef("--time-scale is for the embedded pipeline: CloudWatch's points are a minute apart")

// longEnough refuses judged steps that CloudWatch's minutes can't show.
func longEnough(test plan.Test) error {
	for _, s := range test.Steps {
		if s.Judged && s.Duration < plan.AWSStep {
			return usage(fmt.Errorf("a judged step of %v is too short for points a minute apart", s.Duration), minuteHint)
		}
	}
	return nil
}

// awsPipeline is a pipeline in a real account, as it was found.
type awsPipeline struct {
	address pipeline.Address
	who     awspipeline.Identity
	found   record.Pipeline
}

// findAWS looks at the pipeline that o names and refuses what a prepared test
// can't do there.
func findAWS(ctx context.Context, o awspipeline.Options, test plan.Test, l *loadFlags) (awsPipeline, error) {
	if l.rehearsal() != 0 {
		return awsPipeline{}, errRehearsed
	}
	if err := longEnough(test); err != nil {
		return awsPipeline{}, err
	}
	if o.Stream == "" {
		return awsPipeline{}, usage(errors.New("no stream"), "give --stream or set KINESIS_STREAM_NAME")
	}
	address, who, err := awspipeline.Find(ctx, o)
	if err != nil {
		return awsPipeline{}, usage(err, "check the credentials (aws sts get-caller-identity), the region and the names")
	}
	found, err := observe.Describe(ctx, address)
	if err != nil {
		return awsPipeline{}, err
	}
	if l.largest > found.MaxRecordBytes {
		return awsPipeline{}, usagef("a payload of %d bytes is over the record limit of stream %s, %d", l.largest, o.Stream, found.MaxRecordBytes)
	}
	return awsPipeline{address, who, found}, nil
}

// announce says what is about to happen on a real account.
func announce(p *Process, test plan.Test, found record.Pipeline, who awspipeline.Identity) {
	schedule := plan.NewSchedule(test.Steps)
	if found.Endpoint != "" {
		fmt.Fprintf(p.Stderr, "endpoint %s, as the environment says\n", found.Endpoint)
	}
	fmt.Fprintf(p.Stderr, "account %s (%s), region %s\nstream %s: %d shards, %s\nfunction %s\n",
		who.Account, who.ARN, who.Region, found.Stream, found.Shards, found.StreamMode, first(found.Function, "none: the stream's side only"))
	if test.Kind == plan.Script {
		fmt.Fprintf(p.Stderr, "load: the script's own\n")
		return
	}
	fmt.Fprintf(p.Stderr, "load: %d records in %v\n", schedule.Slots(), schedule.Duration())
	for _, s := range test.Steps {
		perShard := s.Peak() / float64(max(found.Shards, 1))
		if found.StreamMode == "PROVISIONED" && (perShard > 1000 || perShard*float64(test.Payload.Bytes) > 1<<20) {
			fmt.Fprintf(p.Stderr, "will throttle: %g records/s of %d bytes over %d shards is above their write limit\n",
				s.Peak(), test.Payload.Bytes, found.Shards)
		}
	}
}

// startError sorts what kept the embedded pipeline from starting: an address
// that can't be had and a function that does not start are the user's to mend.
func startError(err error) error {
	_, address := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return usage(err, "another program has that port: give --addr 127.0.0.1:0 for a free one")
	case address:
		return usage(err, "give --addr HOST:PORT of this machine, such as 127.0.0.1:0 for a free port")
	case strings.Contains(err.Error(), "start function"):
		return usage(err, "the function must start and ask the Runtime API for its first invocation; what it wrote, if anything, is above")
	}
	return err
}
