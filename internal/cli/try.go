package cli

import (
	"time"

	"github.com/spf13/cobra"

	"weir/internal/plan"
)

// tryRates and tryStep make a run of about a minute with its drain.
const (
	tryRates = "10,100,500,1000,2000"
	tryStep  = 8 * time.Second
)

func newTry(p *Process) *cobra.Command {
	var e embeddedFlags
	var l loadFlags
	cmd := &cobra.Command{
		Use:   "try",
		Short: "A minute on the embedded pipeline: what it carries, and every record accounted for",
		Long: `Starts the embedded pipeline, offers 500-byte records at rising rates, and judges
six targets and the account of records. No AWS account is touched.`,
		Example: `  weir try
  weir try --function ./bootstrap          your own Lambda binary behind the mapping
  weir try --shards 1 --rate 3000          what throttling looks like
  weir try --ui                            to watch in a browser`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			test, err := plan.Named("baseline-500b")
			if err != nil {
				return err
			}
			test.Name = "try"
			return runEmbedded(cmd.Context(), p, test, "baseline-500b.js", &e, &l)
		},
	}
	e.register(cmd.Flags())
	l.register(cmd.Flags(), tryRates, tryStep)
	cmd.RunE = withUI(p, &l, cmd.RunE)
	return cmd
}
