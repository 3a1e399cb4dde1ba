package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/fleet"
	"weir/internal/load"
)

func newFleetLocal(p *Process) *cobra.Command {
	var f fleetFlags
	cmd := &cobra.Command{
		Use:   "local TEST",
		Short: "A fleet of processes on this machine",
		Long: `Carries out a test by several k6 processes on this machine, each with its
execution segment. A machine with many cores offers more so; and it shows what a
fleet does before there is one. In --out, {runner} stands for the runner's
number: --out json=samples-{runner}.json.`,
		Example: `  weir fleet local --runners 4 baseline-500b --rate 2000
  weir fleet local --runners 4 baseline-500b --rate 20000 --target aws --stream orders --yes`,
		Args: exactArgs(1, "a test"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := idleOn(f.target, cmd.Flags()); err != nil {
				return err
			}
			return f.run(cmd.Context(), p, args[0], func(ctx context.Context, o load.Options) (loader, error) {
				return startLocal(ctx, o, f.runners, f.startAt(time.Now()))
			})
		},
	}
	f.register(cmd.Flags(), 5*time.Second)
	f.registerRunners(cmd.Flags())
	cmd.Flags().StringVar(&f.target, "target", "local", "the pipeline under test: local (embedded) or aws")
	cmd.RunE = withUI(p, &f.load, cmd.RunE)
	return cmd
}

// startLocal starts so many k6 children of this process.
func startLocal(ctx context.Context, o load.Options, runners int, at time.Time) (loader, error) {
	var children []*load.Child
	interrupt := func() {
		for _, c := range children {
			c.Interrupt()
		}
	}
	var members []member
	for number := 1; number <= runners; number++ {
		own := o
		own.Dir = filepath.Join(o.Dir, "runner-"+strconv.Itoa(number))
		if err := os.Mkdir(own.Dir, 0o755); err != nil { //nolint:gosec // as readable as the run's directory
			interrupt()
			return nil, fmt.Errorf("create runner's directory: %w", err)
		}
		own.Spec.Start, own.Stdout = at, nil
		own.Args = slices.Concat(numbered(o.Args, number), fleet.Args(number, runners))
		child, err := load.Start(ctx, own)
		if err != nil {
			interrupt()
			return nil, fmt.Errorf("start runner %d: %w", number, err)
		}
		children = append(children, child)
		members = append(members, childMember(number, fmt.Sprintf("process %d", child.PID()), child))
	}
	return newCrew(members, interrupt), nil
}

// numbered puts a runner's number where arguments ask for it.
func numbered(args []string, number int) []string {
	out := slices.Clone(args)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "{runner}", strconv.Itoa(number))
	}
	return out
}
