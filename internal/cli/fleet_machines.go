package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/fleet"
	"weir/internal/load"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/probe/token"
)

func newFleetMachines(p *Process) *cobra.Command {
	var f fleetFlags
	var spot bool
	cmd := &cobra.Command{
		Use:   "machines N TEST",
		Short: "Print the command of each of N machines, to be merged afterwards",
		Long: `Prints the command that each of N machines is to run, and writes fleet-ID.json,
which weir fleet merge reads with what the machines report. All machines start
the schedule at one instant, --start-in from now: their clocks must agree (on
EC2, the Amazon Time Sync Service sees to it). A machine needs this weir and
credentials to put records into the stream, nothing else. Nothing is sent by this
command itself.`,
		Example: `  weir fleet machines 4 baseline-500b --rate 20000 --step 10m --stream orders --function orders-consumer
  weir fleet merge fleet-3f2a91.json runner-*.frames`,
		Args: exactArgs(2, "a number of machines and a test"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[0])
			if err != nil {
				return usagef("%q machines: give a number", args[0])
			}
			f.runners = n
			order, err := f.order(cmd.Context(), p, args[1], time.Now())
			if err != nil {
				return err
			}
			return printCommands(p, order, spot)
		},
	}
	f.registerAWS(cmd.Flags(), 2*time.Minute, "runs", "json", "plain", "drain", "time-scale", "out", "tag", "ui")
	f.load.timeScale = 1
	cmd.Flags().BoolVar(&spot, "spot", false, "the machines are EC2 spot instances: each listens for the notice that it is to be taken away")
	return cmd
}

// order prepares the test of that name on AWS for runners elsewhere.
func (f *fleetFlags) order(ctx context.Context, p *Process, name string, now time.Time) (fleetOrder, error) {
	test, script, err := f.test(name)
	if err != nil {
		return fleetOrder{}, err
	}
	f.load.shortest = plan.AWSStep
	if err := prepare(&test, &f.embedded, &f.load); err != nil {
		return fleetOrder{}, err
	}
	if err := runsElsewhere(test); err != nil {
		return fleetOrder{}, err
	}
	o := f.awsOptions(p)
	aws, err := findAWS(ctx, o, test, &f.load)
	if err != nil {
		return fleetOrder{}, err
	}
	announce(p, test, aws.found, aws.who)
	fmt.Fprintln(p.Stderr, costLine(test, aws.found, f.load.largest, 1))
	at := f.startAt(now)
	return fleetOrder{
		Format: orderFormat, Version: version(), Runners: f.runners, Script: script, Function: o.Function,
		Spec: load.Spec{
			Test: test, Start: at,
			Run:    crc32.ChecksumIEEE([]byte(at.String()+name)) & token.MaxRun,
			Target: load.Target{Region: aws.address.Config.Region, Endpoint: aws.address.Endpoint, Stream: aws.address.Stream},
		},
	}, nil
}

// runsElsewhere refuses a test that needs files of this machine.
func runsElsewhere(test plan.Test) error {
	if test.Payload.File != "" || test.Payload.Template != "" {
		return usagef("--payload-file and --template are files of this machine: other machines have none of them")
	}
	return nil
}

// printCommands writes the order beside the user and prints each machine's
// command.
func printCommands(p *Process, o fleetOrder, spot bool) error {
	word, err := o.pack()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the fleet's order: %w", err)
	}
	file := fmt.Sprintf("fleet-%06x.json", o.Spec.Run)
	if err := record.Replace(file, append(text, '\n')); err != nil {
		return err
	}
	option := ""
	if spot {
		option = " --spot"
	}
	for number := 1; number <= o.Runners; number++ {
		segment, _ := fleet.Segment(number, o.Runners)
		fmt.Fprintf(p.Stdout, "# machine %d of %d, segment %s\nweir fleet runner %d/%d%s --order %s > runner-%d.frames\n",
			number, o.Runners, segment, number, o.Runners, option, word, number)
	}
	fmt.Fprintf(p.Stdout, "# all of them start at %s; when they have ended, here, with what they wrote:\nweir fleet merge %s runner-*.frames\n",
		o.Spec.Start.UTC().Format("15:04:05 UTC on 2006-01-02"), file)
	return nil
}
