package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/campaign"
	"weir/internal/plan"
	"weir/internal/report"
)

func (f *planFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.dir, "dir", "", "the campaign's folder (default campaigns/NAME; a rehearsal has its own)")
	s.IntVar(&f.Week, "week", 0, "this week alone")
	s.StringSliceVar(&f.Only, "only", nil, "these tests alone, by their ids in the plan")
	s.IntVar(&f.Repeat, "repeat", 0, "run each test so often (default as the plan says)")
	s.Float64Var(&f.TimeScale, "time-scale", 1, "a rehearsal: shortens the steps, to no less than 8s; the pipeline's timing stays as it is")
	refuseZero(s, "week", "repeat")
}

func newPlanRun(p *Process) *cobra.Command {
	var flags planFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "run [PLAN.yaml]",
		Short: "Carry a plan out; again after an interruption, go on with it",
		Long: `Carries a plan out, the four-week plan without a file. What was finished is never
repeated: after Ctrl-C, a kill or a reboot the same command goes on with the unit
that was under way. Each week ends with its document, the whole with a report.`,
		Example: `  weir plan run --time-scale 0.01          the four weeks rehearsed in minutes
  weir plan run plan.yaml --week 2
  weir plan run plan.yaml --only stress --repeat 3`,
		Args: atMostOnePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := openCampaign(args, flags)
			if err != nil {
				return err
			}
			return c.run(cmd.Context(), p, yes)
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().BoolVar(&yes, "yes", false, "with target aws: start without asking")
	return cmd
}

func atMostOnePlan(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return usage(fmt.Errorf("%s takes one plan file, got %d arguments", cmd.CommandPath(), len(args)), cmd.CommandPath()+" --help shows an example")
}

// mostFailures in a row end a campaign: what keeps units from being carried out
// won't mend itself.
const mostFailures = 3

// run carries out what is left, writes the documents that are due and ends with
// the exit code of the whole.
func (c *carried) run(ctx context.Context, p *Process, yes bool) error {
	shown, err := c.show()
	if err != nil {
		return err
	}
	if c.file.Target == "local" && c.file.Function != "" {
		if _, err := functionCommand(c.file.Function); err != nil {
			return err
		}
	}
	if err := c.confirmed(p, shown, yes); err != nil {
		return err
	}
	if err := c.keep(); err != nil {
		return err
	}
	release, err := c.lockAll(p)
	if err != nil {
		return err
	}
	defer release()
	journal, entries, err := campaign.OpenJournal(filepath.Join(c.dir, journalFile))
	if err != nil {
		return err
	}
	defer journal.Close() //nolint:errcheck // every entry was synced
	c.progress = campaign.Fold(entries)
	log, err := os.OpenFile(filepath.Join(c.dir, "campaign.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the campaign's log: %w", err)
	}
	defer log.Close() //nolint:errcheck // progress alone
	left := c.progress.Left(c.units)
	fmt.Fprintf(p.Stderr, "campaign %s: %d of %d units left, about %v\n", c.dir, len(left), len(c.units), c.remaining(left).Round(time.Second))
	failures := 0
	for i, u := range left {
		if err := c.waitQuiet(ctx, p); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "%s  %d/%d %s ", time.Now().UTC().Format("15:04:05"), i+1, len(left), u.ID)
		e, err := c.runUnit(ctx, p, u, yes, journal, log)
		if err != nil {
			return err
		}
		if failures++; e.Failure == "" {
			failures = 0
		}
		fmt.Fprintln(p.Stderr, first(e.Verdict, e.Failure))
		if failures == mostFailures {
			return fmt.Errorf("%d units in a row could not be carried out: %s says why; the same command goes on", failures, filepath.Join(c.dir, "campaign.log"))
		}
		if err := c.weekDone(ctx, p, u.Week); err != nil {
			return err
		}
	}
	return c.close(ctx, p)
}

// runUnit runs one unit and puts it into the journal. One that was interrupted
// stays open, to be begun again.
func (c *carried) runUnit(ctx context.Context, p *Process, u campaign.Unit, yes bool, journal *campaign.Journal, log *os.File) (campaign.Entry, error) {
	if err := journal.Append(campaign.Entry{At: time.Now(), Unit: u.ID}); err != nil {
		return campaign.Entry{}, err
	}
	code, out := c.carryOut(ctx, p, u, yes, log)
	if ctx.Err() != nil || code == ExitInterrupted {
		fmt.Fprintf(p.Stderr, "interrupted; the same command goes on with %s\n", u.ID)
		return campaign.Entry{}, exitError(ExitInterrupted)
	}
	e := ended(u, code, out, time.Now())
	if err := journal.Append(e); err != nil {
		return e, err
	}
	if e.Failure == "" {
		c.progress.Done[u.ID] = e
	} else {
		c.progress.Failed[u.ID] = e
	}
	return e, nil
}

// waitQuiet sleeps through the plan's quiet hours.
func (c *carried) waitQuiet(ctx context.Context, p *Process) error {
	for {
		until := c.file.QuietUntil(time.Now())
		wait := time.Until(until)
		if wait <= 0 {
			return nil
		}
		fmt.Fprintf(p.Stderr, "quiet hours until %s\n", until.Format(time.RFC3339))
		select {
		case <-ctx.Done():
			return exitError(ExitInterrupted)
		case <-time.After(wait):
		}
	}
}

// remaining is about how long units will take.
func (c *carried) remaining(units []campaign.Unit) time.Duration {
	var sum time.Duration
	for _, u := range units {
		sum += c.length(u)
	}
	return sum
}

func isSearch(u campaign.Unit) bool {
	test, err := plan.Named(u.Test)
	return err == nil && test.Kind == plan.Stress && !slices.Contains(u.Args, "--shape")
}

// trialStep is the length of a search's trial.
func (c *carried) trialStep() time.Duration {
	if c.file.Target == "aws" {
		return plan.AWSStep
	}
	return campaign.Scaled(plan.EmbeddedStep, c.options.TimeScale)
}

// weekDone writes a week's document when its last unit is done.
func (c *carried) weekDone(ctx context.Context, p *Process, week int) error {
	for _, u := range c.progress.Left(c.whole) {
		if u.Week == week {
			return nil
		}
	}
	return c.writeWeek(ctx, p, c.whole, week)
}

// close ends with the outcome of the units that were asked for. The closing
// report and the certificate come with the plan's last unit; before, the report
// says what is done so far.
func (c *carried) close(ctx context.Context, p *Process) error {
	if left := c.progress.Left(c.units); len(left) > 0 {
		return fmt.Errorf("%d units could not be carried out, the first: %s: %s", len(left), left[0].ID, c.progress.Failed[left[0].ID].Failure)
	}
	rest := len(c.progress.Left(c.whole))
	if rest == 0 {
		return c.writeReport(ctx, p, c.whole, false)
	}
	fmt.Fprintf(p.Stderr, "%d units of the plan are left: its closing report comes with the last\n", rest)
	if err := c.writeReport(ctx, p, c.whole, true); err != nil {
		return err
	}
	asked, err := c.gather(c.units, time.Now())
	if err != nil {
		return err
	}
	return outcomeExit(report.PlanDocument(asked, true).Overall)
}
