package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/stack"
	"weir/internal/stack/account"
)

func newEnvStatus(p *Process) *cobra.Command {
	var region, name string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "What there is of the test pipeline, and what it has cost",
		Example: "  weir env status\n  weir env status --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := openEnv(cmd.Context(), p, region, name)
			if err != nil {
				return err
			}
			s, err := e.status(cmd.Context(), time.Now())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(p.Stdout, s)
			}
			s.print(p)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", stackName, "the stack's name")
	cmd.Flags().StringVar(&region, "region", "", "AWS region (or AWS_REGION)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// envStatus is `weir env status --json`, a promise to users.
type envStatus struct {
	Stack       string             `json:"stack"`
	Status      string             `json:"status"` // CloudFormation's; "none" without a stack
	Ours        bool               `json:"ours"`
	Reason      string             `json:"reason,omitempty"`
	Runtime     string             `json:"runtime,omitempty"` // of the probe
	Created     time.Time          `json:"created,omitzero"`
	Expires     time.Time          `json:"expires,omitzero"`
	Nag         string             `json:"nag,omitempty"`
	Outputs     map[string]string  `json:"outputs,omitempty"`
	DeadLetters int                `json:"dead_letters"`
	Spent       string             `json:"spent,omitempty"`
	Left        []account.Leftover `json:"left,omitempty"` // without a stack
}

func (e *environment) status(ctx context.Context, now time.Time) (envStatus, error) {
	s, err := e.State(ctx, e.name)
	if err != nil {
		return envStatus{}, err
	}
	st := envStatus{Stack: e.name, Status: first(s.Status, "none"), Ours: s.Ours(), Reason: s.Reason, Created: s.Created, Outputs: s.Outputs}
	if stack.ToDown(s) == stack.Nothing {
		st.Left, err = e.Left(ctx, e.names)
		return st, err
	}
	st.Expires, _ = s.Expires()
	st.Nag, st.Spent = nag(s, now), e.spent(ctx, s)
	if !s.Ours() || !s.Up() {
		return st, nil
	}
	f, err := e.Function(ctx, e.names.Function)
	if err != nil {
		return st, err
	}
	st.Runtime = f.Runtime
	st.DeadLetters, err = e.DeadLetters(ctx, s.Outputs["DeadLetters"])
	return st, err
}

func (s envStatus) print(p *Process) {
	fmt.Fprintf(p.Stdout, "stack %s: %s\n", s.Stack, s.Status)
	if s.Reason != "" {
		fmt.Fprintln(p.Stdout, s.Reason)
	}
	switch {
	case s.Status == "none":
		for _, l := range s.Left {
			fmt.Fprintf(p.Stdout, "left: %s\n      %s\n", l.What, l.Fix)
		}
		return
	case !s.Ours:
		fmt.Fprintln(p.Stdout, "it is not weir's: it has no tag", stack.MadeBy)
		return
	}
	fmt.Fprintf(p.Stdout, "stream %s, function %s (%s), %d dead letters\n", s.Outputs["Stream"], s.Outputs["Function"], s.Runtime, s.DeadLetters)
	if s.Spent != "" {
		fmt.Fprintln(p.Stdout, "it cost", s.Spent)
	}
	if s.Nag != "" {
		fmt.Fprintln(p.Stdout, s.Nag)
		return
	}
	fmt.Fprintf(p.Stdout, "to be removed before %s\n", s.Expires.Format(time.RFC3339))
}
