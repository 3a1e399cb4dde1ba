package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/spf13/cobra"

	"weir/internal/stack"
)

func newEnvDown(p *Process) *cobra.Command {
	var f changeFlags
	var region, name string
	cmd := &cobra.Command{
		Use: "down", Short: "Remove the test pipeline, and see that nothing is left",
		Long: `Deletes the stack, waits until it is gone, looks for every part by its name, and
says what the pipeline cost. What is left of it without the stack it names, with
the command that removes it, and ends with exit code 1.`,
		Example: "  weir env down --dry-run\n  weir env down --yes",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := openEnv(cmd.Context(), p, region, name)
			if err != nil {
				return err
			}
			return e.down(cmd.Context(), p, f)
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&name, "name", stackName, "the stack's name")
	cmd.Flags().StringVar(&region, "region", "", "AWS region (or AWS_REGION)")
	return cmd
}

func (e *environment) down(ctx context.Context, p *Process, f changeFlags) error {
	s, err := e.State(ctx, e.name)
	if err != nil {
		return err
	}
	spent := e.spent(ctx, s)
	var changes []change
	switch stack.ToDown(s) {
	case stack.Refuse:
		return e.refused()
	case stack.Wait:
		if !f.dryRun {
			if _, err := e.settled(ctx, p, s.ID); err != nil {
				return err
			}
		}
	case stack.Delete:
		changes = []change{e.deleteStack(p, s)}
	}
	if err := f.carryOut(ctx, p, e.inAWS(), changes); err != nil || f.dryRun {
		return err
	}
	if spent != "" {
		fmt.Fprintln(p.Stdout, "it cost", spent)
	}
	return e.nothingLeft(ctx, p)
}

func (e *environment) deleteStack(p *Process, s stack.State) change {
	in := &cloudformation.DeleteStackInput{StackName: &s.ID}
	return change{
		operation: "DeleteStack", input: shownCall(in), does: fmt.Sprintf("delete stack %s (%s)", e.name, s.Status),
		do: func(ctx context.Context) error {
			if err := e.Delete(ctx, in); err != nil {
				return err
			}
			gone, err := e.settled(ctx, p, s.ID)
			if err != nil || !gone.Exists || gone.Status == "DELETE_COMPLETE" {
				return err
			}
			reasons, err := e.Failures(ctx, s.ID)
			for _, r := range reasons {
				fmt.Fprintln(p.Stderr, r)
			}
			return errors.Join(err, fmt.Errorf("the stack is %s: mend what stands above and run weir env down again", gone.Status))
		},
	}
}

// nothingLeft looks for every part by its name.
func (e *environment) nothingLeft(ctx context.Context, p *Process) error {
	left, err := e.Left(ctx, e.names)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		fmt.Fprintln(p.Stdout, "nothing is left")
		return nil
	}
	for _, l := range left {
		fmt.Fprintf(p.Stderr, "left: %s\n      %s\n", l.What, l.Fix)
	}
	return fmt.Errorf("%d parts are left that belong to no stack, so weir doesn't touch them: the commands above remove them", len(left))
}

// spent is what the pipeline cost so far, in words; empty where there is none.
func (e *environment) spent(ctx context.Context, s stack.State) string {
	if !s.Exists || s.Created.IsZero() || !s.Ours() {
		return ""
	}
	now := time.Now()
	shards, err := e.Shards(ctx, e.names.Stream)
	if err != nil {
		return "an unknown amount: " + err.Error()
	}
	traffic, err := e.Traffic(ctx, e.names, s.Created, now)
	if err != nil {
		return "an unknown amount: " + err.Error()
	}
	function, err := e.Function(ctx, e.names.Function)
	if err != nil {
		return "an unknown amount: " + err.Error()
	}
	spec := stack.Spec{Shards: shards, Architecture: function.Architecture}
	bill, err := stack.Spent(spec, stack.AlarmMetrics(), e.who.Region, now.Sub(s.Created), traffic)
	if err != nil {
		return "an unknown amount: " + err.Error()
	}
	return fmt.Sprintf("about %.2f USD in %v: %.0f records, %.0f invocations, list prices of %s, each hour begun as a whole",
		bill.USD(), now.Sub(s.Created).Round(time.Second), traffic.Records, traffic.Invocations, bill.Region)
}
