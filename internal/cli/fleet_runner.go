package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/fleet"
	"weir/internal/load"
	"weir/internal/load/frame"
)

func newFleetRunner(p *Process) *cobra.Command {
	var order, to string
	var spot bool
	cmd := &cobra.Command{
		Use:   "runner NUMBER/OF",
		Short: "Be one runner of a fleet (other commands print or start this one)",
		Long: `Carries out one runner's segment of a fleet's test and reports, once a second,
what became of its records: as lines of text on standard output, in a file, or in
a log group of CloudWatch Logs. What k6 says goes to standard error. A SIGTERM, as
ECS sends before it takes a task away, ends the load in order.`,
		Example: `  weir fleet runner 2/4 --order eNqr… > runner-2.frames
  weir fleet runner 2/4 --order eNqr… --to logs:/weir/fleet`,
		Args: exactArgs(1, "the runner's number and how many there are, such as 2/4"),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, runners, err := fleet.ParsePosition(args[0])
			if err != nil {
				return usage(err, "weir fleet machines prints the whole command")
			}
			o, err := unpackOrder(first(order, p.Getenv(envOrder)))
			if err == nil && o.Runners != runners {
				err = fmt.Errorf("the fleet's order is for %d runners, not %d", o.Runners, runners)
			}
			if err != nil {
				return usage(err, "give --order, or "+envOrder+", as weir fleet machines prints it, whole")
			}
			return beRunner(cmd.Context(), p, o, number, to, spot)
		},
	}
	cmd.Flags().StringVar(&order, "order", "", "what is to be done, as weir fleet machines prints it (or "+envOrder+")")
	cmd.Flags().StringVar(&to, "to", "stdout", "where reports go: stdout, file:PATH, or logs:GROUP of CloudWatch Logs, which must exist")
	cmd.Flags().BoolVar(&spot, "spot", false, "listen for EC2's notice that the spot instance is to be taken away, and report it")
	return cmd
}

// envOrder is an order as fleetOrder.pack writes it.
const envOrder = "WEIR_ORDER"

// errNotCarriedOut is a load that ended early, which the reports tell more of.
var errNotCarriedOut = errors.New("the load was not carried out whole")

// beRunner carries out one runner's part.
func beRunner(ctx context.Context, p *Process, o fleetOrder, number int, to string, spot bool) (err error) {
	// ECS and timeout(1) may say it twice: only the first SIGTERM means anything.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM)
	out, err := openReports(ctx, p, to, o, number)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	dir, err := os.MkdirTemp("", "weir-runner-")
	if err != nil {
		return fmt.Errorf("make the runner's folder: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // in the system's own folder for such
	if ours := version(); o.Version != ours {
		fmt.Fprintf(p.Stderr, "the order was made by weir %s, this is %s\n", o.Version, ours)
	}
	if wait := time.Until(o.Spec.Start); wait < 0 {
		fmt.Fprintf(p.Stderr, "runner %d is %v late: what was due since then counts as not sent\n", number, (-wait).Round(time.Second))
	}
	child, err := load.Start(context.WithoutCancel(ctx), load.Options{
		Exe: p.Exe, Spec: o.Spec, Script: o.Script, Dir: dir, Args: slices.Concat(numbered(o.Args, number), fleet.Args(number, o.Runners)), Env: p.Environ, Log: p.Stderr,
	})
	if err != nil {
		return fmt.Errorf("start k6: %w", err)
	}
	return relay(ctx, frame.NewLineWriter(out, number), child, notices(ctx, spot))
}

// relay hands on what the child says, with what the runner is told meanwhile.
func relay(ctx context.Context, out *frame.LineWriter, child loader, notices <-chan string) error {
	var told []string
	var failed error
	end := ctx.Done()
	for frames := child.Frames(); frames != nil; {
		select {
		case f, more := <-frames:
			if !more {
				frames = nil
				continue
			}
			f.Notices = append(f.Notices, told...)
			told = nil
			if err := out.Write(f); err != nil && failed == nil {
				failed = err
				child.Interrupt() // load that nobody hears of is of no use
			}
		case n := <-notices:
			told = append(told, n)
		case <-end:
			end = nil
			told = append(told, "it was told to stop (SIGTERM or SIGINT) at "+time.Now().UTC().Format("15:04:05")+" and ended its load there")
			child.Interrupt()
		}
	}
	exit, err := child.Wait()
	switch {
	case failed != nil:
		return failed
	case ctx.Err() != nil:
		return exitError(ExitInterrupted)
	case err != nil:
		return fmt.Errorf("carry out the load: %w", err)
	case exit != 0:
		return fmt.Errorf("%w: k6 ended with exit code %d", errNotCarriedOut, exit)
	}
	return nil
}

// openReports opens where a runner's reports go.
func openReports(ctx context.Context, p *Process, to string, o fleetOrder, number int) (io.WriteCloser, error) {
	kind, where, _ := strings.Cut(to, ":")
	switch {
	case to == "stdout":
		return standing{p.Stdout}, nil
	case kind == "file" && where != "":
		f, err := os.OpenFile(where, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // reports are no secret
		return f, usage(err, "give --to file:PATH of a file that can be written")
	case kind == "logs" && where != "":
		return openLogReports(ctx, o, where, number)
	}
	return nil, usagef("--to %q: stdout, file:PATH or logs:GROUP", to)
}

// standing is a stream that stays open.
type standing struct{ io.Writer }

func (standing) Close() error { return nil }
