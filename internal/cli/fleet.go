package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/fleet"
	"weir/internal/load"
	awspipeline "weir/internal/pipeline/aws"
	"weir/internal/plan"
)

func newFleet(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fleet",
		Short: "One test from many machines, as one run with one verdict",
		Long: `One test of the catalogue from several runners: processes, machines, pods or
tasks. Each carries out its execution segment of the same schedule, so that
together they send the records that one machine would, at the same moments. They
report histograms and the fate of every record; weir merges these (histograms,
never percentiles) into one run with one verdict. What a runner that died did
not report is unknown, and so is the verdict.`,
		Example: `  weir fleet local --runners 4 baseline-500b --rate 2000
  weir fleet machines 4 baseline-500b --rate 20000 --stream orders --function orders-consumer
  weir fleet merge fleet-3f2a.json runner-*.frames
  weir fleet k8s --runners 8 baseline-500b --rate 50000 --stream orders --image registry.example/weir:1
  weir fleet ecs --runners 8 baseline-500b --rate 50000 --stream orders --cluster load --task weir --subnets subnet-1`,
		Args: commandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newFleetLocal(p), newFleetMachines(p), newFleetRunner(p), newFleetMerge(p), newFleetK8s(p), newFleetECS(p))
	return cmd
}

// fleetFlags are those that all ways to carry out a test by a fleet share.
type fleetFlags struct {
	embedded embeddedFlags
	load     loadFlags
	runners  int
	startIn  time.Duration
	target   string
	stream   string
	region   string
	yes      bool
}

func (f *fleetFlags) register(s *pflag.FlagSet, startIn time.Duration) {
	f.embedded.register(s)
	f.load.register(s, "", 0)
	f.registerOwn(s, startIn)
}

// registerAWS leaves out what shapes the embedded pipeline, and the load flags
// that are named.
func (f *fleetFlags) registerAWS(s *pflag.FlagSet, startIn time.Duration, without ...string) {
	embedded, load := pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	f.embedded.register(embedded)
	f.load.register(load, "", 0)
	for _, name := range onAWSToo {
		s.AddFlag(embedded.Lookup(name))
	}
	s.Lookup("function").Usage = "the function behind the stream (or LAMBDA_FUNCTION_NAME)"
	load.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(without, flag.Name) {
			s.AddFlag(flag)
		}
	})
	f.registerOwn(s, startIn)
}

func (f *fleetFlags) registerOwn(s *pflag.FlagSet, startIn time.Duration) {
	s.DurationVar(&f.startIn, "start-in", startIn, "how long the runners have to get ready: all of them start the schedule at one instant")
	s.StringVar(&f.stream, "stream", "", "the stream's name; on AWS the one to use (or KINESIS_STREAM_NAME)")
	s.StringVar(&f.region, "region", "", "on AWS: the region (or AWS_REGION)")
	s.BoolVar(&f.yes, "yes", false, "on AWS: start without asking")
}

func (f *fleetFlags) registerRunners(s *pflag.FlagSet) {
	s.IntVar(&f.runners, "runners", 2, fmt.Sprintf("how many, 1 to %d", fleet.MaxRunners))
}

// test is the prepared test of that name, and the script that carries it out.
func (f *fleetFlags) test(name string) (plan.Test, string, error) {
	switch {
	case f.runners < 1 || f.runners > fleet.MaxRunners:
		return plan.Test{}, "", usagef("%d runners: 1 to %d", f.runners, fleet.MaxRunners)
	case f.startIn < 0 || f.startIn > time.Hour:
		return plan.Test{}, "", usagef("--start-in %v: at most an hour", f.startIn)
	}
	test, script, err := testOf(name)
	if err == nil && test.Kind == plan.Script {
		err = usage(errors.New("a fleet carries out tests of the catalogue: a script's own load has no schedule to share"),
			"weir plan list shows the tests; --rate, --shape and --payload change any of them")
	}
	return test, script, err
}

// awsOptions name the pipeline on AWS.
func (f *fleetFlags) awsOptions(p *Process) awspipeline.Options {
	return awspipeline.Options{
		Region: f.region, Stream: first(f.stream, p.Getenv("KINESIS_STREAM_NAME")),
		Function: first(f.embedded.function, p.Getenv("LAMBDA_FUNCTION_NAME")),
	}
}

// run carries the test out by the fleet that start starts.
func (f *fleetFlags) run(ctx context.Context, p *Process, name string, start func(context.Context, load.Options) (loader, error)) error {
	test, script, err := f.test(name)
	if err != nil {
		return err
	}
	f.load.fleet = start
	switch f.target {
	case "local":
		f.embedded.stream = f.stream
		return runEmbedded(ctx, p, test, script, &f.embedded, &f.load)
	case "aws":
		f.load.shortest = plan.AWSStep
		return runAWS(ctx, p, test, script, f.awsOptions(p), consent{yes: f.yes}, &f.embedded, &f.load)
	}
	return usagef("--target %q: local or aws", f.target)
}

// startAt is the instant at which the runners start, at a whole second.
func (f *fleetFlags) startAt(now time.Time) time.Time {
	return now.Add(f.startIn + time.Second - 1).Truncate(time.Second)
}
