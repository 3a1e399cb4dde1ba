package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/load"
	"weir/internal/load/frame"
	awspipeline "weir/internal/pipeline/aws"
)

func newFleetMerge(p *Process) *cobra.Command {
	l := loadFlags{}
	cmd := &cobra.Command{
		Use:   "merge FLEET.json REPORTS…",
		Short: "Make one run, with one verdict, of what the runners reported",
		Long: `Reads the runners' reports, in files with a runner's output each or all of them in
one, and what CloudWatch and the function's log say of the time of the load, and
makes one run of it: histograms are merged, every record is accounted for, the
verdict is on the whole. A runner whose reports are missing or end early makes its
share unknown. - reads standard input.`,
		Example: `  weir fleet merge fleet-3f2a91.json runner-*.frames
  aws logs filter-log-events --log-group-name /weir/fleet --log-stream-name-prefix weir-3f2a91 \
    --query 'events[].message' --output text | tr '\t' '\n' | weir fleet merge fleet-3f2a91.json -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage(errors.New("weir fleet merge needs the fleet's file and the runners' reports"), cmd.CommandPath()+" --help shows an example")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return usage(fmt.Errorf("read the fleet's file: %w", err), "weir fleet machines writes it")
			}
			o, err := readOrder(text)
			if err != nil {
				return usage(err, "give the file fleet-….json that weir fleet machines wrote")
			}
			return mergeReports(cmd.Context(), p, o, args[1:], &l)
		},
	}
	cmd.Flags().StringVar(&l.runs, "runs", "runs", "folder in which the run's directory is made")
	cmd.Flags().BoolVar(&l.json, "json", false, "print verdict.json last on standard output")
	cmd.Flags().BoolVar(&l.plain, "plain", false, "progress as lines even in a terminal")
	return cmd
}

// mergeReports makes a run of a load that is over.
func mergeReports(ctx context.Context, p *Process, o fleetOrder, files []string, l *loadFlags) error {
	frames, err := readReports(p, files, o)
	if err != nil {
		return err
	}
	address, _, err := awspipeline.Find(ctx, awspipeline.Options{Region: o.Spec.Region, Stream: o.Spec.Stream, Function: o.Function})
	if err != nil {
		return usage(err, "check the credentials (aws sts get-caller-identity), the region and the names")
	}
	l.timeScale = 1
	l.fleet = func(context.Context, load.Options) (loader, error) {
		return newCrew(reported(frames, files), func() {}), nil
	}
	run := &execution{
		process: p, flags: l, test: o.Spec.Test, script: o.Script, address: address,
		replay: o.Spec.Start.Add(-time.Second), token: o.Spec.Run,
	}
	return run.run(ctx)
}

// reported are runners whose reports were read before.
func reported(frames [][]frame.Numbered, files []string) []member {
	members := make([]member, len(frames))
	for i, own := range frames {
		members[i].follow = func(report func(frame.Numbered)) (string, int) {
			for _, n := range own {
				report(n)
			}
			return "its reports end there, in " + strings.Join(files, ", "), 0
		}
	}
	return members
}

// readReports reads the runners' lines, whatever stands between them; the
// result is by runner.
func readReports(p *Process, files []string, o fleetOrder) ([][]frame.Numbered, error) {
	frames := make([][]frame.Numbered, o.Runners)
	var lines frame.LineReader
	for _, name := range files {
		err := eachLine(p, name, func(number int, line string) error {
			n, err := lines.Add(line)
			switch {
			case err != nil:
				return usage(fmt.Errorf("%s:%d: %w", name, number, err), "")
			case n == nil:
				return nil
			case n.Runner > o.Runners:
				return usagef("%s:%d: a report of runner %d, the fleet has %d: is it this fleet's?", name, number, n.Runner, o.Runners)
			case !n.Frame.Started.IsZero() && !n.Frame.Started.Equal(o.Spec.Start):
				return usagef("%s:%d: its load started at %s, this fleet's at %s: it is another fleet's report", name, number,
					n.Frame.Started.UTC().Format(time.DateTime), o.Spec.Start.UTC().Format(time.DateTime))
			}
			frames[n.Runner-1] = append(frames[n.Runner-1], *n)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return frames, nil
}

// eachLine reads a file, or standard input for -, by lines of any length.
func eachLine(p *Process, name string, take func(number int, line string) error) error {
	in := p.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return usage(fmt.Errorf("read reports: %w", err), "give the files that the runners wrote")
		}
		defer f.Close() //nolint:errcheck // it is only read
		in = f
	}
	r := bufio.NewReader(in)
	for number := 1; ; number++ {
		line, err := r.ReadString('\n')
		if line != "" {
			if err := take(number, strings.TrimRight(line, "\r\n")); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read reports of %s: %w", name, err)
		}
	}
}
