package cli

import (
	"github.com/spf13/cobra"

	"weir/internal/judge"
)

func newJudge(p *Process) *cobra.Command {
	var runs, certificate string
	var asJSON, capacity bool
	var slo []string
	cmd := &cobra.Command{
		Use:     "judge RUN",
		Short:   "Judge a run again from its record",
		Long:    "Judges a run again from its record. RUN is a directory, a run's name, or latest.",
		Example: "  weir judge latest\n  weir judge latest --slo record_latency=5s,lambda_errors=1%\n  weir judge runs/20261122T201500Z-try-3f2a --json",
		Args:    exactArgs(1, "a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case certificate != "" && (asJSON || capacity || len(slo) > 0):
				return usagef("--certificate judges no targets: leave out --json, --capacity and --slo")
			case capacity && len(slo) > 0:
				return usagef("--slo would change nothing: --capacity leaves the targets out")
			}
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			if certificate != "" {
				return checkCertificate(p, certificate, d)
			}
			targets, err := withSLO(d.Run.Test.Targets, slo)
			if err != nil {
				return err
			}
			v := judge.Judge(d, judge.Options{Targets: targets, Capacity: capacity})
			if err := printVerdict(p, d, v, asJSON); err != nil {
				return err
			}
			if code := judge.ExitCode(v); code != ExitPass {
				return exitError(code)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print verdict.json's content last on standard output")
	cmd.Flags().StringVar(&certificate, "certificate", "", "tell whether the capacity certificate in this file holds for the run's configuration")
	registerSLO(cmd.Flags(), &slo)
	cmd.Flags().BoolVar(&capacity, "capacity", false, "leave the targets out: acceptance, backlog and ledger only")
	return cmd
}
