package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/campaign"
	"weir/internal/judge"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/report"
)

func newPlanReport(p *Process) *cobra.Command {
	var flags planFlags
	var progress, brief bool
	var productionRate string
	cmd := &cobra.Command{
		Use:   "report [PLAN.yaml]",
		Short: "Write a plan's documents again from its runs",
		Long: `Writes a plan's documents from the runs that there are: with --week that week's,
with --progress what is done so far and what is next, else the report over the
whole with the capacity certificate. Each as HTML and Markdown, and as PDF where
there is a Chromium.

With --brief it is one page for those who decide: decisions, costs, risks, and
the ten questions that such tests begin with, answered as far as weir can. That
page can be had before anything has run.`,
		Example: `  weir plan report --progress
  weir plan report --week 1 --time-scale 0.01
  weir plan report --brief --production-rate 500 plan.yaml`,
		Args: atMostOnePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			week := flags.Week
			c, err := openCampaign(args, flags)
			if err != nil {
				return err
			}
			if brief {
				rate, err := checkProductionRate(productionRate)
				if err != nil {
					return err
				}
				return c.writeBrief(cmd.Context(), p, rate)
			}
			if c.progress.Started.IsZero() {
				return usage(fmt.Errorf("%s holds no campaign", c.dir), "weir plan run begins one; a rehearsal is found with its --time-scale")
			}
			if week != 0 && !progress {
				return c.writeWeek(cmd.Context(), p, c.units, week)
			}
			return c.writeReport(cmd.Context(), p, c.units, progress)
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().BoolVar(&progress, "progress", false, "what is done so far, first findings, what is next")
	cmd.Flags().BoolVar(&brief, "brief", false, "one page for those who decide: decisions, costs, risks, open questions")
	cmd.Flags().StringVar(&productionRate, "production-rate", "", "with --brief: the load expected in production, records per second at the peak")
	return cmd
}

// gather reads the runs of those units that are done.
func (c *carried) gather(units []campaign.Unit, now time.Time) (report.Campaign, error) {
	all := report.Campaign{Name: first(c.file.Name, filepath.Base(c.dir)), Now: now}
	if c.options.Rehearsal() {
		all.Rehearsal = fmt.Sprintf("rehearsal: a time scale of %g shortened the steps; nothing here is a result", c.options.TimeScale)
	}
	for _, u := range units {
		e, done := c.progress.Done[u.ID]
		if !done {
			continue
		}
		if isSearch(u) {
			s, err := record.ReadSearch(c.runDir(e))
			if err != nil {
				return all, fmt.Errorf("read the search of %s: %w", u.ID, err)
			}
			all.Searches = append(all.Searches, report.Sought{ID: u.ID, Entry: u.Entry, Week: u.Week, Search: s, Outcome: judge.Outcome(e.Verdict)})
			continue
		}
		d, err := record.Read(c.runDir(e))
		if err != nil {
			return all, fmt.Errorf("read the run of %s: %w", u.ID, err)
		}
		all.Pieces = append(all.Pieces, report.Piece{
			ID: u.ID, Entry: u.Entry, Week: u.Week, Test: u.Test, Kind: string(d.Run.Test.Kind), Why: c.why(u.Entry),
			Data: d, Verdict: judge.Judge(d, judge.Options{}),
		})
	}
	all.Missing = c.missing(units, 0)
	return all, nil
}

// why is what the plan says of a test.
func (c *carried) why(entry string) string {
	for _, w := range c.file.Weeks {
		for _, t := range w.Tests {
			if first(t.ID, t.Test) == entry {
				return t.Why
			}
		}
	}
	return ""
}

// missing names the units of a week, of all with 0, that are not done, and why.
func (c *carried) missing(units []campaign.Unit, week int) []string {
	var all []string
	for _, u := range c.progress.Left(units) {
		if week != 0 && u.Week != week {
			continue
		}
		why := "not run yet"
		if failed, ok := c.progress.Failed[u.ID]; ok {
			why = failed.Failure
		}
		all = append(all, u.ID+": "+why)
	}
	return all
}

// writeWeek writes the document of a week, from its part of the units, and names
// it.
func (c *carried) writeWeek(ctx context.Context, p *Process, units []campaign.Unit, number int) error {
	i := slices.IndexFunc(c.file.Weeks, func(w campaign.Week) bool { return w.Week == number })
	if i < 0 {
		return usagef("the plan has no week %d", number)
	}
	all, err := c.gather(units, time.Now())
	if err != nil {
		return err
	}
	w := c.file.Weeks[i]
	doc := report.WeekDocument(all, report.Week{Number: number, Title: w.Title, Deliverable: w.Deliverable}, c.missing(units, number))
	return c.publish(ctx, p, fmt.Sprintf("week-%d", number), doc)
}

// writeReport writes the report over the units, and the certificate with it. Its
// error is the exit code.
func (c *carried) writeReport(ctx context.Context, p *Process, units []campaign.Unit, progress bool) error {
	all, err := c.gather(units, time.Now())
	if err != nil {
		return err
	}
	name := "report"
	if progress {
		name = "progress"
	} else if err := c.certify(all); err != nil {
		return err
	}
	doc := report.PlanDocument(all, progress)
	if err := c.publish(ctx, p, name, doc); err != nil {
		return err
	}
	for _, sentence := range doc.Summary {
		fmt.Fprintln(p.Stdout, sentence)
	}
	if progress {
		return nil
	}
	return outcomeExit(doc.Overall)
}

func outcomeExit(o judge.Outcome) error {
	switch o {
	case judge.Fail:
		return exitError(ExitFail)
	case judge.Unknown:
		return exitError(ExitUnknown)
	}
	return nil
}

// publish writes a document in every format there is.
func (c *carried) publish(ctx context.Context, p *Process, name string, doc report.Document) error {
	if err := writeDocument(c.dir, name, doc); err != nil {
		return err
	}
	html := filepath.Join(c.dir, name+".html")
	printed, err := printPDF(ctx, html)
	switch {
	case err != nil:
		fmt.Fprintf(p.Stderr, "%s: %v\n", html, err) // the document is there; its PDF alone is missing
	case printed:
		html += " and .pdf"
	}
	fmt.Fprintf(p.Stderr, "%s: %s\n", doc.Title, html)
	return nil
}

// certificateFile is the capacity certificate in a campaign's directory.
const certificateFile = "certificate.json"

// certify writes the capacity certificate where a rate was sustained on the
// primary payload, which is that of the plan's first such test.
func (c *carried) certify(all report.Campaign) error {
	var runs []*record.Data
	var verdicts []judge.Verdict
	for _, piece := range all.Pieces {
		steady := slices.Contains([]plan.Kind{plan.Baseline, plan.Sustained, plan.Endurance}, plan.Kind(piece.Kind))
		if steady && (len(runs) == 0 || piece.Data.Run.Test.Payload == runs[0].Run.Test.Payload) {
			runs, verdicts = append(runs, piece.Data), append(verdicts, piece.Verdict)
		}
	}
	certificate, ok := judge.Certify(all.Name, runs, verdicts, all.Now)
	if !ok {
		return nil
	}
	if s := lowestKnee(all.Searches, runs[0].Run.Test.Payload); s != nil {
		certificate.Found(s.Bracket.Low, s.Resource)
	}
	text, err := json.MarshalIndent(certificate, "", "  ")
	if err == nil {
		err = record.Replace(filepath.Join(c.dir, certificateFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the certificate: %w", err)
	}
	return nil
}

// lowestKnee is the search that bracketed the lowest knee on a payload, nil
// where none did: a rate that nothing broke is no knee.
func lowestKnee(searches []report.Sought, payload plan.Payload) *record.Search {
	var lowest *record.Search
	for _, s := range searches {
		b := s.Search.Bracket
		if b.Low > 0 && b.High > 0 && s.Search.Test.Payload == payload && (lowest == nil || b.Low < lowest.Bracket.Low) {
			lowest = s.Search
		}
	}
	return lowest
}
