package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// change is one call that changes CloudWatch.
type change struct {
	operation string
	input     any    // as JSON what the operation takes
	does      string // "make dashboard weir-orders"
	do        func(context.Context) error
}

// changeFlags are those of commands that change an account.
type changeFlags struct{ yes, dryRun bool }

func (f *changeFlags) register(s *pflag.FlagSet) {
	s.BoolVar(&f.yes, "yes", false, "go on with a real account")
	s.BoolVar(&f.dryRun, "dry-run", false, "print the calls, make none")
}

// carryOut says what is to change, and changes it if it may: in a real account
// with --yes only.
func (f *changeFlags) carryOut(ctx context.Context, p *Process, inAWS bool, changes []change) error {
	if f.dryRun {
		for _, c := range changes {
			input, err := json.Marshal(c.input)
			if err != nil {
				return fmt.Errorf("write the call %s: %w", c.operation, err)
			}
			fmt.Fprintln(p.Stdout, c.operation, string(input))
		}
		return nil
	}
	if len(changes) == 0 {
		fmt.Fprintln(p.Stdout, "nothing to change")
	}
	if inAWS && !f.yes && len(changes) > 0 {
		for _, c := range changes {
			fmt.Fprintln(p.Stderr, "would", c.does)
		}
		return usage(errors.New("this is a real account"), "look at the account and the region above, then add --yes; --dry-run prints the calls")
	}
	for _, c := range changes {
		if err := c.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.does, err)
		}
		fmt.Fprintln(p.Stdout, "done:", c.does)
	}
	return nil
}

// verb is what a put does to a thing.
func verb(exists bool) string {
	if exists {
		return "replace"
	}
	return "make"
}
