package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

const start = `weir measures what a Kinesis + Lambda pipeline carries: how much load, at what
latency, losing nothing, and what breaks first. It needs no AWS account.

  weir try                         a minute on the embedded pipeline: start here
  weir run baseline-500b           one test of the catalogue, or a k6 script
  weir local                       the embedded pipeline for any AWS client
  weir k6 run script.js            k6 itself, with k6/x/kinesis
  weir report latest               a run's report again, from its record
  weir compare BASE NEW            what changed between runs
  weir fleet local --runners 4 …   a test from many processes or machines, as one run
  weir plan run                    the four-week plan, or one of your own
  weir cost project --rate 1000    what production costs on AWS
  weir dashboard deploy            a CloudWatch dashboard; weir alarms for alarms
`

func newRoot(p *Process) *cobra.Command {
	root := &cobra.Command{
		Use:           "weir",
		Short:         "Load tests for Kinesis + Lambda pipelines that account for every record",
		Long:          start,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		Version:       version(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("unknown command %q", args[0]), "weir --help lists the commands")
			}
			fmt.Fprint(cmd.OutOrStdout(), start)
			return nil
		},
	}
	root.SetVersionTemplate("weir {{.Version}} (k6 " + engine() + ")\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, cmd.CommandPath()+" --help shows the flags")
	})
	root.AddCommand(
		newTry(p), newRun(p), newFleet(p), newDeploy(p), newLocal(p), newJudge(p), newReport(p),
		newCompare(p), newCost(p),
		newPlan(p), newMetrics(p), newDashboard(p), newAlarms(p), newVersion(p), newK6Help(),
	)
	return root
}

// newK6Help lists k6 among the commands; main hands `weir k6 …` to k6 before
// this command line is reached.
func newK6Help() *cobra.Command {
	return &cobra.Command{
		Use:                "k6 …",
		Short:              "k6 itself, whole, with the module k6/x/kinesis",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return usagef("k6 must be the first argument: weir k6 run script.js")
		},
	}
}

// exactArgs is cobra.ExactArgs as a usage error that says what is missing.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usage(fmt.Errorf("%s needs %s, got %d arguments", cmd.CommandPath(), what, len(args)), cmd.CommandPath()+" --help shows an example")
	}
}

func noArgs(cmd *cobra.Command, args []string) error { return exactArgs(0, "no arguments")(cmd, args) }
