package cli

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/campaign"
)

// planStatus is `weir plan status --json`.
type planStatus struct {
	Campaign  string       `json:"campaign"`
	Rehearsal bool         `json:"rehearsal"`
	Running   bool         `json:"running"`
	Done      int          `json:"done"`
	Units     int          `json:"units"`
	Ready     *time.Time   `json:"ready"` // when the rest would be over if it went on now; null: nothing is left
	Tests     []testStatus `json:"tests"`
}

type testStatus struct {
	Week    int    `json:"week"`
	Test    string `json:"test"`
	Units   int    `json:"units"`
	Done    int    `json:"done"`
	Pass    int    `json:"pass"`
	Fail    int    `json:"fail"`
	Unknown int    `json:"unknown"`
	Failure string `json:"failure,omitzero"` // of the last unit that could not be carried out
}

func newPlanStatus(*Process) *cobra.Command {
	var flags planFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status [PLAN.yaml]", Short: "What is done of a plan, the verdicts so far, when the rest will be over",
		Example: "  weir plan status\n  weir plan status plan.yaml --json", Args: atMostOnePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := openCampaign(args, flags)
			if err != nil {
				return err
			}
			s := c.status(time.Now())
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), s)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "WEEK\tTEST\tDONE\tPASS\tFAIL\tUNKNOWN\t")
			for _, t := range s.Tests {
				fmt.Fprintf(w, "%d\t%s\t%d of %d\t%d\t%d\t%d\t%s\n", t.Week, t.Test, t.Done, t.Units, t.Pass, t.Fail, t.Unknown, t.Failure)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), s.sentence())
			return nil
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// sentence says where the campaign stands.
func (s planStatus) sentence() string {
	text := fmt.Sprintf("%s: %d of %d units done", s.Campaign, s.Done, s.Units)
	switch {
	case s.Ready == nil:
		text += "; nothing is left"
	case s.Running:
		text += "; running, over about " + s.Ready.UTC().Format("2006-01-02 15:04 UTC")
	default:
		text += "; not running, would be over about " + s.Ready.UTC().Format("2006-01-02 15:04 UTC")
	}
	if s.Rehearsal {
		text += " (a rehearsal)"
	}
	return text
}

func (c *carried) status(now time.Time) planStatus {
	s := planStatus{Campaign: c.dir, Rehearsal: c.options.Rehearsal(), Units: len(c.units)}
	pid := lockedBy(c.dir + "/" + lockFile)
	s.Running = pid > 0 && alive(pid)
	for _, u := range c.units {
		if n := len(s.Tests); n == 0 || s.Tests[n-1].Test != u.Entry || s.Tests[n-1].Week != u.Week {
			s.Tests = append(s.Tests, testStatus{Week: u.Week, Test: u.Entry})
		}
		s.Done += s.Tests[len(s.Tests)-1].count(c.progress, u)
	}
	if left := c.progress.Left(c.units); len(left) > 0 {
		s.Ready = new(c.over(now, left))
	}
	return s
}

// count takes a unit into the status of its test and returns 1 where it is done.
func (t *testStatus) count(p campaign.Progress, u campaign.Unit) int {
	t.Units++
	if failed, ok := p.Failed[u.ID]; ok {
		t.Failure = failed.Failure
	}
	e, done := p.Done[u.ID]
	if !done {
		return 0
	}
	t.Done++
	switch e.Verdict {
	case "pass":
		t.Pass++
	case "fail":
		t.Fail++
	default:
		t.Unknown++
	}
	return 1
}

// over is when units would be over if they went on now, quiet hours slept
// through.
func (c *carried) over(now time.Time, units []campaign.Unit) time.Time {
	for _, u := range units {
		now = c.file.QuietUntil(now).Add(c.length(u))
	}
	return now
}
