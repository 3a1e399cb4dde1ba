package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/plan"
)

const purpose = `weir measures what a Kinesis + Lambda pipeline carries: how much load, at what
latency, losing nothing, and what breaks first. It needs no AWS account.
`

const start = purpose + `
  weir try                         a minute on the embedded pipeline: start here
  weir run baseline-500b           one test of the catalogue, or a k6 script
  weir local                       the embedded pipeline for any AWS client
  weir k6 run script.js            k6 itself, with k6/x/kinesis
  weir report latest               a run's report again, from its record
  weir compare BASE NEW            what changed between runs
  weir ui                          all runs in a browser, the one under way live
  weir fleet local --runners 4 …   a test from many processes or machines, as one run
  weir plan run                    the four-week plan, or one of your own
  weir cost project --rate 1000    what production costs on AWS
  weir doctor --target aws         what will bite on an account, before any load
  weir env up                      a test pipeline in an account, and down again
  weir advise latest               the configuration for production, with its reasons
  weir simulate endurance          the same tests in virtual time: a day in seconds
  weir dashboard deploy            a CloudWatch dashboard; weir alarms for alarms
`

func newRoot(p *Process) *cobra.Command {
	root := &cobra.Command{
		Use:           "weir",
		Short:         "Load tests for Kinesis + Lambda pipelines that account for every record",
		Long:          purpose,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          commandsOnly,
		Version:       version(),
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			tryPrices(p)
			return useProject(p, cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprint(cmd.OutOrStdout(), start)
			return nil
		},
	}
	root.SetVersionTemplate(buildInfo().String() + "\n")
	root.SetHelpCommand(newHelp(root))
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if unknownNamed(cmd) == nil {
			help(cmd, args)
		}
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if unknown := unknownNamed(cmd); unknown != nil {
			return unknown // whose flag it was
		}
		return usage(err, cmd.CommandPath()+" --help shows the flags")
	})
	root.AddCommand(
		newTry(p), newRun(p), newLocal(p), newJudge(p),
		newReport(p), newCompare(p), newCost(p), newPlan(p),
		newMetrics(p), newDashboard(p), newAlarms(p), newDoctor(p),
		newEnv(p), newVersion(p), newAdvise(p), newRunbook(p),
		newUI(p), newK6Help(), newMan(p), newFleet(p),
		newDeploy(p), newSimulate(p),
	)
	registerProject(root)
	return root
}

// newK6Help lists k6 among the commands; main hands `weir k6 …` to k6 before
// this command line is reached.
func newK6Help() *cobra.Command {
	return &cobra.Command{
		Use:                "k6 …",
		Short:              "k6 itself, whole, with the module k6/x/kinesis",
		Long:               "k6 itself, whole: any script, any output, with the module k6/x/kinesis built in.",
		Example:            "  weir k6 run script.js\n  weir k6 run --out json=k6.json script.js\n  weir k6 run --help",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return usagef("k6 must be the first argument: weir k6 run script.js")
		},
	}
}

// meant are commands by words that people try for them.
var meant = map[string]string{"knee": "run stress", "search": "run stress", "campaign": "plan run"}

// unknownCommand refuses a name that parent does not have below it, and says
// which one may have been meant.
func unknownCommand(parent *cobra.Command, name string) error {
	path := parent.CommandPath()
	hint := path + " --help lists the commands"
	parent.SuggestionsMinimumDistance = 2
	near := parent.SuggestionsFor(name)
	switch isTest := slices.Contains(plan.Names(), name) || isScript(name); {
	case !parent.HasParent() && isTest:
		near = []string{"run " + name}
	case !parent.HasParent() && meant[name] != "":
		near = []string{meant[name]}
	}
	if len(near) > 0 {
		hint = "did you mean " + path + " " + strings.Join(near, ", "+path+" ") + "?"
	}
	return usage(fmt.Errorf("unknown command %q", name), hint)
}

// commandsOnly are the arguments of a command that has commands below it: none,
// for a name among them is one that it does not know.
func commandsOnly(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	return nil
}

// unknownNamed refuses a name that cmd does not know where cobra did not look at
// it: with --help or a wrong flag beside it.
func unknownNamed(cmd *cobra.Command) error {
	if !cmd.HasSubCommands() {
		return nil
	}
	return commandsOnly(cmd, cmd.Flags().Args())
}

// newHelp is weir help COMMAND. Cobra's own shows the root's help for a command
// that there isn't.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Help about any command", Example: "  weir help plan run",
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil {
				return unknownCommand(root, args[0])
			}
			if found.HasSubCommands() && len(rest) > 0 {
				return unknownCommand(found, rest[0])
			}
			return found.Help()
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
