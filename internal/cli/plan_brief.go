package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"weir/internal/capacity"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/report"
)

// Production is reckoned for the page of those who decide with a quarter of the
// shards to spare and ten records an invocation.
const (
	briefHeadroom = 0.25
	briefBatch    = 10
)

// writeBrief writes the page for those who decide: into the campaign's
// directory, whether the campaign has begun or not.
func (c *carried) writeBrief(ctx context.Context, p *Process, productionRate float64) error {
	shown, err := c.showPriced()
	if err != nil {
		return err
	}
	all, err := c.gather(c.units, time.Now())
	if err != nil {
		return err
	}
	local := local.Defaults()
	b := report.Brief{
		Plan: all.Name, AWS: c.file.Target == "aws", Quiet: len(c.file.QuietHours) > 0, Campaign: all,
		Stream:   first(c.file.Stream, p.Getenv("KINESIS_STREAM_NAME")),
		Function: first(c.file.Function, p.Getenv("LAMBDA_FUNCTION_NAME")),
		Region:   first(c.file.Region, p.Getenv("AWS_REGION")),
		Records:  shown.Records, Duration: c.remaining(c.progress.Left(c.units)), Strained: strained(shown.Tests),
		Shards: first(c.file.Pipeline.Shards, local.Shards), MemoryMB: local.MemoryMB, Timeout: first(time.Duration(c.file.Pipeline.Timeout), local.Timeout),
		Budget: c.file.Budget, Default: defaultBudget, PricesOf: shown.Costs[0].Bill.AsOf,
		Targets: c.file.Targets(), Done: len(c.units) - len(c.progress.Left(c.units)), Units: len(c.units),
	}
	for _, w := range c.file.Weeks {
		b.Weeks = append(b.Weeks, report.Week{Number: w.Week, Title: w.Title, Deliverable: w.Deliverable})
	}
	if err := briefCosts(&b, shown, first(c.file.Region, price.TypicalSetup.Region)); err != nil {
		return err
	}
	if productionRate > 0 {
		if b.Production, err = production(productionRate, shown.Tests[0].bytes, first(c.file.Region, price.TypicalSetup.Region)); err != nil {
			return err
		}
	}
	// The plan itself is not kept there: it may still be changed.
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return usage(fmt.Errorf("create the campaign's directory: %w", err), "--dir names a folder that can be written to")
	}
	return c.publish(ctx, p, "brief", report.BriefDocument(b))
}

// strained are the tests in which something is predicted to give out.
func strained(tests []shownTest) []string {
	var all []string
	for _, t := range tests {
		if what, _, _ := strings.Cut(t.Predicted, " ("); what != "" {
			all = append(all, fmt.Sprintf("%s (up to %g/s; %s)", t.Test, t.Highest, what))
		}
	}
	return all
}

// briefCosts adds what the tests cost in each mode, and what is paid a day for
// what is left up.
func briefCosts(b *report.Brief, shown shownPlan, region string) error {
	for _, one := range shown.Costs {
		i := slices.IndexFunc(b.Costs, func(k report.BriefCost) bool { return k.Mode == string(one.Mode) })
		if i < 0 {
			i = len(b.Costs)
			b.Costs = append(b.Costs, report.BriefCost{Mode: string(one.Mode)})
		}
		switch one.Batch {
		case 1:
			b.Costs[i].One = one.USD
		case 10:
			b.Costs[i].Ten = one.USD
		case 100:
			b.Costs[i].Hundred = one.USD
		}
	}
	most := 0.0
	for _, t := range shown.Tests {
		most = max(most, t.shards)
	}
	left, err := idleOf(region, most)
	if err != nil {
		return err
	}
	for _, i := range left {
		b.Idle = append(b.Idle, report.BriefIdle{What: i.What, Day: 24 * i.Hourly})
	}
	return nil
}

// production is what a peak rate needs and what it costs a month if it never
// ends.
func production(rate, recordBytes float64, region string) (*report.Production, error) {
	setup := price.TypicalSetup
	shards := capacity.Shards(rate, recordBytes, briefHeadroom)
	bill, err := price.List().Month(region, price.Production{
		Rate: rate, RecordBytes: recordBytes, Shards: float64(shards), MemoryMB: setup.MemoryMB, BilledMillis: setup.BilledMillis, LogBytes: setup.LogBytes,
	}, price.Provisioned, briefBatch)
	if err != nil {
		return nil, priced(err)
	}
	return &report.Production{
		Rate: rate, Shards: shards, Headroom: briefHeadroom, MonthUSD: bill.USD(),
		Basis: fmt.Sprintf("day and night, %g bytes a record, %d records an invocation of %g ms at %g MB, all assumed; weir cost project --from latest takes them from a run",
			recordBytes, briefBatch, setup.BilledMillis, setup.MemoryMB),
	}, nil
}

// checkProductionRate refuses a rate that is no rate.
func checkProductionRate(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	rates, err := plan.ParseRates(text)
	if err != nil || len(rates) != 1 {
		return 0, usagef("--production-rate %q: one rate in records per second, such as 500", text)
	}
	return rates[0], nil
}
