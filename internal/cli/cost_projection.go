package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/price"
	"weir/internal/quota"
	"weir/internal/record"
)

// monthly is a month's bill in `weir cost project --json`.
type monthly struct {
	Mode  price.Mode   `json:"mode"`
	Batch float64      `json:"records_per_invocation"`
	Items []price.Line `json:"items"`
	USD   float64      `json:"monthly_usd"`
	// Other is the sum with the function on the other processor, arm64 or x86; none
	// where that has no price.
	Other float64 `json:"other_processor_monthly_usd,omitzero"`
}

// documentRow is a row of the document's table and the reckoning behind it.
type documentRow struct {
	USD     float64      `json:"monthly_usd"`
	Decoded float64      `json:"decoded_monthly_usd"`
	Items   []price.Line `json:"decoded_items"`
}

// projection is a month of production at one rate, and an element of `weir cost
// project --json`, a promise to users. Its own bill is that of a provisioned
// stream at the middle one of the batch sizes, the others are beside it.
type projection struct {
	Rate float64 `json:"rate"`
	monthly
	Others    []monthly       `json:"others"`
	BreakEven price.BreakEven `json:"break_even"`
	// Advantage is nil where its price isn't known.
	Advantage    *price.Advantage   `json:"on_demand_advantage,omitempty"`
	Region       string             `json:"region"`
	AsOf         string             `json:"prices_as_of"`
	Unconfirmed  []price.Dimension  `json:"unconfirmed_prices"`
	Hours        float64            `json:"hours"`
	Records      float64            `json:"records"`
	RecordBytes  float64            `json:"record_bytes"`
	Shards       int                `json:"shards"`
	Headroom     float64            `json:"headroom"`
	ARM          bool               `json:"arm"`
	MemoryMB     float64            `json:"memory_mb"`
	BilledMillis float64            `json:"billed_ms"`
	LogBytes     float64            `json:"log_bytes"`
	Run          string             `json:"run,omitempty"`
	Measured     *capacity.Measured `json:"measured,omitempty"` // in Run; nil: all is assumed
	Document     *documentRow       `json:"document,omitempty"`
	costs        []shownCost
}

// fill bills the month in both modes at each batch size.
func (one *projection) fill(region string, p price.Production, batches []float64, headroom float64) error {
	one.Region, one.Hours, one.Headroom = region, price.MonthHours, headroom
	one.Records, one.RecordBytes, one.Shards = p.Records(), p.RecordBytes, int(p.Shards)
	one.ARM, one.MemoryMB, one.BilledMillis, one.LogBytes = p.ARM, p.MemoryMB, p.BilledMillis, p.LogBytes
	for _, mode := range []price.Mode{price.Provisioned, price.OnDemand} {
		for i, batch := range batches {
			bill, err := price.List().Month(region, p, mode, batch)
			if err != nil {
				return priced(err)
			}
			other := p
			other.ARM = !p.ARM
			otherUSD := 0.0
			if b, err := price.List().Month(region, other, mode, batch); err == nil {
				otherUSD = b.USD()
			}
			one.costs = append(one.costs, shownCost{Mode: mode, Batch: batch, Bill: bill, USD: bill.USD(), otherUSD: otherUSD})
			month := monthly{mode, batch, bill.Lines, bill.USD(), otherUSD}
			if mode == price.Provisioned && i == len(batches)/2 {
				one.monthly = month
			} else {
				one.Others = append(one.Others, month)
			}
		}
	}
	one.AsOf, one.Unconfirmed = datesOf(one.costs), unconfirmed(one.costs)
	var err error
	if one.BreakEven, err = price.List().BreakEven(region, p); err != nil {
		return priced(err)
	}
	advantage, known, err := price.List().Advantage(region, p)
	if known {
		one.Advantage = &advantage
	}
	return priced(err)
}

// measured reads the run of --from; without one there is none.
func (f *projectFlags) measured() (*record.Run, []capacity.Measured, error) {
	if f.from == "" {
		return nil, nil, nil
	}
	d, err := openRun(f.runs, f.from)
	if err != nil {
		return nil, nil, err
	}
	all := capacity.Measure(d)
	if len(all) == 0 {
		return nil, nil, usage(fmt.Errorf("run %s doesn't say how many records an invocation got and how long it took", d.Run.ID),
			"take a run whose mapping publishes EventCount metrics, or leave --from out and give --batch and --billed")
	}
	return &d.Run, all, nil
}

func parseMillis(text string) (float64, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > quota.MaxFunctionTimeout {
		return 0, usagef("--billed %q: a time above 0, such as 100ms, and %v at most", text, quota.MaxFunctionTimeout)
	}
	return math.Ceil(float64(d) / float64(time.Millisecond)), nil
}

func parseBatches(text string) ([]float64, error) {
	var batches []float64
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(n >= 1 && n <= quota.MaxBatchSize) {
			return nil, usagef("--batch %q: records per invocation, 1 to %d, such as 1,10,100", part, quota.MaxBatchSize)
		}
		batches = append(batches, n)
	}
	return batches, nil
}

func printProjections(out io.Writer, all []projection) {
	var costs []shownCost
	fmt.Fprintf(out, "Production per month of %d h, the same rate day and night, in USD\n", price.MonthHours)
	for _, one := range all {
		one.print(out)
		costs = append(costs, one.costs...)
	}
	if all[0].Document != nil {
		printDocument(out, all)
	}
	printPriceNotes(out, all[0].Region, costs)
	all[0].printAssumed(out)
	fmt.Fprintln(out, "Not in it: retries, cold starts, dead letters, what the function writes elsewhere.")
}

func (one projection) print(out io.Writer) {
	processor := "x86"
	if one.ARM {
		processor = "arm64"
	}
	fmt.Fprintf(out, "\n%.10g records/s of %s bytes, %s a month; shards: %d, with %g%% to spare; %s, %g MB, %g ms an invocation\n",
		one.Rate, judge.Count(int64(math.Round(one.RecordBytes))), judge.Count(int64(math.Round(one.Records))),
		one.Shards, one.Headroom*100, processor, one.MemoryMB, one.BilledMillis)
	if m := one.Measured; m != nil {
		fmt.Fprintf(out, "  measured in %s at %g records/s: %.4g records an invocation, %g ms, %.0f bytes a record\n",
			one.Run, m.Rate, m.RecordsPerInvocation, m.BilledMillis, m.RecordBytes)
		if m.Rate != one.Rate {
			fmt.Fprintf(out, "  (nothing was measured at %g: batches fill differently at other rates)\n", one.Rate)
		}
	}
	printCosts(out, one.costs, one.other())
	if one.BreakEven.Rate > 0 {
		fmt.Fprintf(out, "  break-even: with that many shards held (%d), on-demand is cheaper below a mean of %s records/s;\n", one.Shards, threeDigits(one.BreakEven.Rate))
	} else {
		fmt.Fprintf(out, "  break-even: none; to hold that many shards (%d) is cheaper at every rate of such records;\n", one.Shards)
	}
	fmt.Fprintf(out, "  at this rate on-demand costs as much as %s shards: it is cheaper where peaks need more\n", threeDigits(one.BreakEven.Shards))
	if a := one.Advantage; a != nil {
		fmt.Fprintf(out, "  On-demand Advantage: %s for the stream, by prices that AWS has not confirmed; the account pays at\n"+
			"  least %s for all its streams, and with one alone it is cheaper than on-demand from %s records/s on\n", usd(a.USD), usd(a.Floor), judge.Count(int64(math.Round(a.Rate))))
	}
}

// threeDigits is v to three significant digits, never with an exponent.
func threeDigits(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64) // what was just formatted parses
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// printAssumed says which figures nobody measured, and how to have them measured.
func (one projection) printAssumed(out io.Writer) {
	if one.Document != nil {
		return
	}
	if one.Measured != nil {
		fmt.Fprintf(out, "Assumed: %g bytes of log an invocation.\n", one.LogBytes)
		return
	}
	fmt.Fprintf(out, "Assumed: %s bytes a record (--payload), %g ms (--billed) and %g bytes of log (--log-bytes) an invocation,\n"+
		"%g MB (--memory); --from RUN takes all but the log from a run.\n", judge.Count(int64(one.RecordBytes)), one.BilledMillis, one.LogBytes, one.MemoryMB)
}

// other is the row of what the month costs on the other processor, if it takes
// as long there.
func (one projection) other() costRow {
	name := "on arm64, if as fast"
	if one.ARM {
		name = "on x86, if as fast"
	}
	return costRow{name, func(c shownCost) string {
		if c.otherUSD > 0 {
			return usd(c.otherUSD)
		}
		return "–"
	}}
}

// printDocument shows the document's table beside what is true.
func printDocument(out io.Writer, all []projection) {
	fmt.Fprintf(out, "\nThe document's table, as it must have been reckoned, beside the true range of the above:\n")
	fmt.Fprintf(out, "  %10s %10s %10s %10s %10s %24s\n", "records/s", "document", "Lambda", "Kinesis", "together", "true")
	for _, one := range all {
		decoded := price.Bill{Lines: one.Document.Items}
		least, most := one.costs[0].USD, one.costs[0].USD
		for _, c := range one.costs {
			least, most = min(least, c.USD), max(most, c.USD)
		}
		fmt.Fprintf(out, "  %10g %10g %10s %10s %10s %24s\n", one.Rate, one.Document.USD, usd(decoded.Group("lambda")), usd(decoded.Group("kinesis")),
			usd(one.Document.Decoded), usd(least)+" to "+usd(most))
	}
	fmt.Fprintln(out, "Why it is off (the document doesn't show its arithmetic; this is what gives its figures to the dollar):")
	for _, text := range price.DocumentFaults {
		fmt.Fprintln(out, "  - "+text)
	}
}
