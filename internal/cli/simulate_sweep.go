package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/price"
)

// sweepStep is how long each configuration of a sweep is loaded.
const sweepStep = time.Minute

// candidate is one configuration of a sweep and what became of it.
type candidate struct {
	capacity.Choice
	Meets      bool     `json:"meets"` // the targets, at the rate with headroom
	Frontier   bool     `json:"frontier"`
	Reason     string   `json:"reason,omitzero"` // why it doesn't meet them
	E2EP50     float64  `json:"e2e_p50_ms,omitzero"`
	E2EP99     float64  `json:"e2e_p99_ms,omitzero"`
	Records    float64  `json:"records_per_invocation,omitzero"`
	Billed     float64  `json:"billed_ms,omitzero"`
	MonthlyUSD *float64 `json:"monthly_usd,omitzero"`
}

// sweep is what `weir simulate --sweep --json` prints.
type sweep struct {
	Rate        float64           `json:"rate"`
	Headroom    float64           `json:"headroom"`
	Region      string            `json:"region"`
	AsOf        string            `json:"prices_as_of"`
	Fit         string            `json:"fitted_to,omitzero"`
	Notes       []string          `json:"notes"`
	Candidates  []candidate       `json:"candidates"`
	Unconfirmed []price.Dimension `json:"unconfirmed_prices"`
	costs       []shownCost
}

// simulateSweep simulates every configuration that f names and prints those of
// them that nothing betters.
func simulateSweep(ctx context.Context, p *Process, test plan.Test, e *embeddedFlags, l *loadFlags, f *simulateFlags) error {
	headroom, err := parseHeadroom(f.headroom)
	if err != nil {
		return err
	}
	rates, err := plan.ParseRates(l.rate)
	if err != nil || len(rates) != 1 || l.shape != "" {
		return usagef("--sweep wants --rate with the one rate that production has")
	}
	l.step = first(l.step, sweepStep)
	if err := prepare(&test, e, l); err != nil {
		return err
	}
	sc, o, err := scenarioOf(test, e, l, f)
	if err != nil {
		return err
	}
	base := capacity.Choice{
		Shards: o.Shards, Parallelization: o.Parallelization, BatchSize: o.BatchSize, Window: o.BatchingWindow, MemoryMB: o.MemoryMB,
	}
	choices, err := capacity.ParseSweep(f.sweep, base)
	if err != nil {
		return usage(fmt.Errorf("--sweep: %w", err), "")
	}
	s := sweep{Rate: rates[0], Headroom: headroom, Region: o.Region, AsOf: price.List().AsOf}
	if f.fitted != nil {
		s.Fit, s.Notes = f.fitted.Run, f.fitted.notes(sc)
	}
	for _, c := range choices {
		if ctx.Err() != nil {
			return exitError(ExitInterrupted)
		}
		one, err := s.try(sc, o, c)
		if err != nil {
			return err
		}
		s.Candidates = append(s.Candidates, one)
	}
	s.mark()
	s.Unconfirmed = unconfirmed(s.costs)
	return s.conclude(p, l.json)
}

// try loads one configuration with the rate and its headroom, and where that
// meets the targets, with the rate alone, for what it costs.
func (s *sweep) try(sc capacity.Scenario, o local.Options, c capacity.Choice) (candidate, error) {
	one := candidate{Choice: c}
	sc = sc.With(c)
	o.Shards, o.Parallelization, o.BatchSize = c.Shards, c.Parallelization, c.BatchSize
	full := s.Rate * (1 + s.Headroom)
	config := embeddedConfig(o, sc.Test)
	config.PerBatch, config.PerRecord, config.Step = sc.Timing.PerBatch+sc.Timing.Invoke.Median, sc.Timing.PerRecord, 0
	if limit := capacity.Limits(config)[0]; limit.Rate < full {
		one.Reason = fmt.Sprintf("the %s gives out at %.0f/s (%s)", limit.Resource, limit.Rate, limit.Why)
		return one, nil
	}
	verdict, _, err := s.load(sc, o, full)
	if err != nil {
		return one, err
	}
	if one.Meets = verdict.Overall == judge.Pass; !one.Meets {
		one.Reason = verdict.Reason
		return one, nil
	}
	verdict, measured, err := s.load(sc, o, s.Rate)
	if err != nil {
		return one, err
	}
	if step := verdict.Steps[0]; step.E2E != nil {
		one.E2EP50, one.E2EP99 = step.E2E.P50, step.E2E.P99
	}
	one.Records, one.Billed = measured.RecordsPerInvocation, measured.BilledMillis
	return one, s.bill(&one, measured)
}

// load simulates a configuration at one rate.
func (s *sweep) load(sc capacity.Scenario, o local.Options, rate float64) (judge.Verdict, capacity.Measured, error) {
	sc.Test.Steps = plan.StepsAt([]float64{rate}, sc.Test.Steps[0].Duration)
	var err error
	if sc.Records, err = recordsOf(sc.Test, o); err != nil {
		return judge.Verdict{}, capacity.Measured{}, err
	}
	d, err := simulated(sc)
	if err != nil {
		return judge.Verdict{}, capacity.Measured{}, err
	}
	verdict := judge.Judge(d, judge.Options{})
	measured := capacity.Measure(d)
	if len(measured) == 0 {
		return verdict, capacity.Measured{}, fmt.Errorf("simulate %g records/s: no invocation in %v: give a longer --step", rate, sc.Test.Steps[0].Duration)
	}
	return verdict, measured[0], nil
}

// bill is a month of production with the configuration, by what an invocation
// turned out to carry.
func (s *sweep) bill(one *candidate, m capacity.Measured) error {
	bill, err := price.List().Month(s.Region, price.Production{
		Rate: s.Rate, RecordBytes: m.RecordBytes, Shards: float64(one.Shards), MemoryMB: float64(one.MemoryMB),
		BilledMillis: m.BilledMillis, LogBytes: price.TypicalSetup.LogBytes,
	}, price.Provisioned, m.RecordsPerInvocation)
	if err != nil {
		return priced(err)
	}
	one.MonthlyUSD = new(bill.USD())
	s.costs = append(s.costs, shownCost{Mode: price.Provisioned, Batch: m.RecordsPerInvocation, Bill: bill, USD: bill.USD()})
	return nil
}

// mark marks the frontier of cost against latency.
func (s *sweep) mark() {
	var pairs [][2]float64
	var of []int
	for i, c := range s.Candidates {
		if c.Meets {
			// Differences below 1 % are not the model's to tell.
			pairs = append(pairs, [2]float64{math.Round(*c.MonthlyUSD*100) / 100, twoDigits(c.E2EP99)})
			of = append(of, i)
		}
	}
	for _, k := range capacity.Frontier(pairs) {
		s.Candidates[of[k]].Frontier = true
	}
}

// twoDigits rounds to two significant digits.
func twoDigits(v float64) float64 {
	if v <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	return math.Round(v/unit) * unit
}

// conclude prints the sweep. It fails with the code of a failed target where
// nothing meets them.
func (s *sweep) conclude(p *Process, asJSON bool) error {
	met := 0
	for _, c := range s.Candidates {
		if c.Meets {
			met++
		}
	}
	var err error
	if asJSON {
		err = writeJSON(p.Stdout, s)
	} else {
		err = s.print(p.Stdout, met)
	}
	if err == nil && met == 0 {
		return exitError(ExitFail)
	}
	return err
}

func (s *sweep) print(out io.Writer, met int) error {
	fmt.Fprintf(out, "%d configurations, simulated: %d meet the targets at %g records/s with %g %% to spare.\n", len(s.Candidates), met, s.Rate, 100*s.Headroom)
	if met == 0 {
		fmt.Fprintf(out, "The first one: %s.\n", s.Candidates[0].Reason)
		return nil
	}
	fmt.Fprintf(out, "Those that no other one betters in cost or in latency, at %g records/s:\n\n", s.Rate)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, strings.Join([]string{"USD/MONTH", "E2E P50", "E2E P99", "SHARDS", "PF", "BATCH", "WINDOW", "MEMORY", "RECORDS/INVOCATION", "BILLED", ""}, "\t"))
	shown := map[int]bool{}
	for {
		cheapest := -1
		for i, c := range s.Candidates {
			if c.Frontier && !shown[i] && (cheapest < 0 || *c.MonthlyUSD < *s.Candidates[cheapest].MonthlyUSD) {
				cheapest = i
			}
		}
		if cheapest < 0 {
			break
		}
		shown[cheapest] = true
		c := s.Candidates[cheapest]
		fmt.Fprintf(w, "%s\t%.0f ms\t%.0f ms\t%d\t%d\t%d\t%v\t%d MB\t%.4g\t%g ms\t\n",
			usd(*c.MonthlyUSD), c.E2EP50, c.E2EP99, c.Shards, c.Parallelization, c.BatchSize, c.Window, c.MemoryMB, c.Records, c.Billed)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, note := range s.Notes {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	fmt.Fprintln(out, "\nA provisioned stream, x86; a function's time is taken to be that of one thread, whose processor grows with the memory up to 1769 MB.")
	printPriceNotes(out, s.Region, s.costs)
	return nil
}
