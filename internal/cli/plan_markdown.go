package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"weir/internal/campaign"
	"weir/internal/judge"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
)

// markdown writes the plan as a document to agree upon before anything runs.
func (c *carried) markdown(out io.Writer, shown shownPlan) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Performance testing plan: %s\n\n", shown.Name)
	s.WriteString("<!-- Made by `weir plan show --markdown`; change the plan's file, not this one. -->\n\n")
	fmt.Fprintf(&s, "How much load the pipeline takes, at what latency, losing nothing, and what gives out first: %s in %d weeks, %s records, about %.0f hours of machine time, on %s.\n\n",
		counted(len(shown.Tests), "test"), len(c.file.Weeks), judge.Count(shown.Records), shown.Duration.Hours(), c.underTest())
	s.WriteString("## What counts as good\n\n" + c.file.Targets().String() + ". A target that could not be measured is unknown, never passed.\n")
	for _, w := range c.file.Weeks {
		if err := c.markdownWeek(&s, w, shown); err != nil {
			return err
		}
	}
	markdownCosts(&s, shown)
	_, err := io.WriteString(out, s.String())
	return err
}

func markdownCosts(s *strings.Builder, shown shownPlan) {
	s.WriteString("\n## What it costs on AWS\n\n")
	if shown.Unpriced != "" {
		fmt.Fprintf(s, "Not known: %s.\n", shown.Unpriced)
		return
	}
	s.WriteString("| USD | 1 record an invocation | 10 | 100 |\n| --- | --: | --: | --: |\n")
	for i := 0; i+2 < len(shown.Costs); i += 3 {
		one, ten, hundred := shown.Costs[i], shown.Costs[i+1], shown.Costs[i+2]
		fmt.Fprintf(s, "| stream %s | %s | %s | %s |\n", one.Mode, usd(one.USD), usd(ten.USD), usd(hundred.USD))
	}
	fmt.Fprintf(s, "\nList prices of %s, before tax. On the embedded pipeline it costs nothing.\n", shown.Costs[0].Bill.AsOf)
}

// underTest is the pipeline that the plan is for, in words.
func (c *carried) underTest() string {
	if c.file.Target == "aws" {
		return fmt.Sprintf("AWS (stream %s, function %s)", first(c.file.Stream, "of the environment"), first(c.file.Function, "of the environment"))
	}
	o := local.Defaults()
	return fmt.Sprintf("the embedded pipeline with %d shards and batches of up to %d",
		first(c.file.Pipeline.Shards, o.Shards), first(c.file.Pipeline.BatchSize, o.BatchSize))
}

func (c *carried) markdownWeek(s *strings.Builder, w campaign.Week, shown shownPlan) error {
	fmt.Fprintf(s, "\n## Week %d: %s\n\n", w.Week, w.Title)
	s.WriteString("| test | why | records of | records/s | load | records | by arithmetic |\n| --- | --- | --- | --- | --: | --: | --- |\n")
	for _, t := range w.Tests {
		rates, err := c.ratesOf(t)
		if err != nil {
			return err
		}
		id := first(t.ID, t.Test)
		for _, line := range shown.Tests {
			if line.Week == w.Week && line.Test == id {
				fmt.Fprintf(s, "| %s | %s | %s | %s | %s | %s | %s |\n", id, t.Why, line.RecordSize, rates,
					line.Load.Round(time.Second), judge.Count(line.Records), line.prediction())
			}
		}
	}
	if w.Deliverable != "" {
		fmt.Fprintf(s, "\nAt its end: the %s.\n", w.Deliverable)
	}
	return nil
}

// ratesOf are a test's rates in words.
func (c *carried) ratesOf(t campaign.Test) (string, error) {
	if t.Shape != "" {
		return t.Shape, nil
	}
	if len(t.Rates) > 0 {
		return joinedRates(plan.StepsAt(t.Rates, time.Second), ", "), nil
	}
	test, err := plan.Named(t.Test)
	if err != nil {
		return "", err
	}
	if test.Kind == plan.Stress {
		return "searched", nil
	}
	return joinedRates(test.Steps, ", "), nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
