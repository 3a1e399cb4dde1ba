package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/metrics"
	awspipeline "weir/internal/pipeline/aws"
	"weir/internal/plan"
	"weir/internal/stack"
	"weir/internal/stack/account"
)

// stackName is what the test pipeline is called unless told otherwise.
const stackName = "weir-test"

func newEnv(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "env", Short: "A test pipeline in an AWS account: one CloudFormation stack",
		Long: `Makes a stream, a function that is weir's probe, the mapping between them with
EventCount metrics, a dead-letter queue, a log group, a dashboard and six alarms,
as one stack with tags and a time to live, and removes it again. weir changes
only a stack that carries its tag.`,
		Example: `  weir env up --dry-run
  weir env up --shards 4 --yes
  weir env status
  weir env down --yes
  weir env template --format terraform > main.tf`,
		Args: commandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEnvUp(p), newEnvStatus(p), newEnvDown(p), newEnvTemplate(p))
	return cmd
}

// specFlags say what the test pipeline is.
type specFlags struct{ stack.Spec }

func (f *specFlags) register(s *pflag.FlagSet) {
	d := stack.Default
	s.StringVar(&f.Name, "name", stackName, "the stack's and the stream's name, beginning with weir-")
	s.IntVar(&f.Shards, "shards", d.Shards, "shards of the stream")
	s.IntVar(&f.BatchSize, "batch-size", d.BatchSize, "the mapping's BatchSize")
	s.IntVar(&f.Parallelization, "parallelization-factor", d.Parallelization, "the mapping's ParallelizationFactor")
	s.StringVar(&f.Architecture, "arch", d.Architecture, "of the function: arm64 or x86_64")
	s.DurationVar(&f.TTL, "ttl", d.TTL, "time after which weir asks to remove it; nothing removes it by itself")
}

func (f *specFlags) spec() (stack.Spec, error) { return f.Spec, usage(f.Validate(), "") }

// stackLimits are the targets that the stack's alarms and dashboard show.
func stackLimits() metrics.Limits { return watchLimits(plan.DefaultTargets, stack.Timeout) }

// environment is a test pipeline's place.
type environment struct {
	watchAccount
	*account.Account
	name  string
	names stack.Names
}

// openEnv asks whom the credentials belong to.
func openEnv(ctx context.Context, p *Process, region, name string) (*environment, error) {
	address, who, err := awspipeline.Find(ctx, awspipeline.Options{Region: region, Stream: name})
	if err != nil {
		return nil, usage(err, "check the credentials (aws sts get-caller-identity) and the region (--region or AWS_REGION)")
	}
	// The services of a stack are more than those of a pipeline: their common
	// endpoint is that of the environment.
	endpoint := first(p.Getenv("AWS_ENDPOINT_URL_CLOUDFORMATION"), p.Getenv("AWS_ENDPOINT_URL"))
	e := &environment{
		watchAccount: watchAccount{who: who, address: address, endpoint: endpoint},
		Account:      account.New(address.Config), name: name, names: stack.NamesOf(name, who.Region),
	}
	if !e.inAWS() {
		e.Every = 200 * time.Millisecond // nobody's account counts these calls
	}
	fmt.Fprintf(p.Stderr, "account %s (%s), region %s%s\n", who.Account, who.ARN, who.Region, at(endpoint))
	return e, nil
}

// settled waits until CloudFormation has finished with the stack.
func (e *environment) settled(ctx context.Context, p *Process, id string) (stack.State, error) {
	s, err := e.Wait(ctx, id, func(status string) { fmt.Fprintf(p.Stderr, "stack %s: %s\n", e.name, status) })
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(p.Stderr, "interrupted; CloudFormation goes on: weir env up waits for it, weir env down removes what there is\n")
		return s, exitError(ExitInterrupted)
	}
	return s, err
}

// refused is the error of a stack that weir did not make.
func (e *environment) refused() error {
	return usage(fmt.Errorf("the stack %s is not weir's: it has no tag %s", e.name, stack.MadeBy), "choose another --name: weir changes only what it made")
}

// nag says when the time to live is over.
func nag(s stack.State, now time.Time) string {
	until, known := s.Expires()
	if !known || now.Before(until) {
		return ""
	}
	return fmt.Sprintf("its time to live ended %v ago: weir env down", now.Sub(until).Round(time.Minute))
}

// idleText is what a pipeline costs while nothing is put.
func idleText(s stack.Spec, region string) string {
	bill, err := stack.Idle(s, stack.AlarmMetrics(), region)
	if err != nil {
		return err.Error()
	}
	text := fmt.Sprintf("%.3f USD an hour, %.2f USD a day while nothing is put", bill.USD(), 24*bill.USD())
	if bill.Region != region {
		text += " (list prices of " + bill.Region + ")"
	}
	return text
}
