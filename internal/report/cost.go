package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"weir/internal/judge"
	"weir/internal/price"
	"weir/internal/record"
)

// costTitle is the heading of a run's cost.
func costTitle(d *record.Data) string {
	if d.Run.Pipeline.Kind != "aws" {
		return "What this would cost on AWS"
	}
	return "Cost"
}

// Bill is what the run's stream and function are charged for, without lines
// where nothing was counted, and without Lambda's where invocations or their
// time are not known. A missing price is a *price.MissingError.
func Bill(d *record.Data) (price.Bill, error) {
	stream, function := usage(d)
	if stream.Records == 0 {
		return price.Bill{}, nil
	}
	return price.List().Bill(cmp.Or(d.Run.Pipeline.Region, price.TypicalSetup.Region), append(stream.Quantities(), function.Quantities()...)...)
}

// usage is what there is to pay for: no records where records or bytes were not
// counted, no invocations where they, their time or the memory are not known.
func usage(d *record.Data) (stream price.Stream, function price.Function) {
	u, p := record.UsageOf(d.Series), d.Run.Pipeline
	if u.Records == 0 || u.Bytes == 0 {
		return stream, function
	}
	mode := price.Provisioned
	if p.StreamMode == "ON_DEMAND" {
		mode = price.OnDemand
	}
	stream = price.Stream{
		Mode: mode, Hours: streamHours(d), Shards: float64(p.Shards), Records: u.Records, RecordBytes: u.Bytes / u.Records, Readers: 1,
	}
	if u.Invocations > 0 && u.BilledMillis > 0 && p.FunctionMemoryMB > 0 {
		function = price.Function{MemoryMB: float64(p.FunctionMemoryMB), Invocations: u.Invocations, BilledMillis: u.BilledMillis}
	}
	return stream, function
}

// cost is the bill by item and by the million records, nil where nothing was
// counted. What isn't known is said, not left at zero.
func cost(d *record.Data) []fact {
	bill, err := Bill(d)
	if err != nil {
		return []fact{{"Not known", err.Error()}}
	}
	if len(bill.Lines) == 0 {
		return nil
	}
	stream, function := usage(d)
	var all []fact
	for _, l := range bill.Lines {
		all = append(all, fact{string(l.Item), fmt.Sprintf("%s USD: %s × %s", dollars(l.USD), quantity(l.Quantity), l.Unit)})
	}
	all = append(all,
		fact{"Together", dollars(bill.USD()) + " USD"},
		fact{"Per million records", fmt.Sprintf("%s USD, of which the stream's hours are %s", dollars(bill.USD()/stream.Records*1e6), dollars(bill.Lines[0].USD/stream.Records*1e6))})
	return append(all, fact{"Basis", costBasis(stream, function, bill)})
}

// streamHours is how long the stream is paid for: from the load to the end of
// the run, a started hour as whole.
func streamHours(d *record.Data) float64 {
	end := slices.MaxFunc([]time.Time{d.Run.Ended, d.Run.LoadEnd, d.Run.LoadStart}, time.Time.Compare)
	return max(1, math.Ceil(end.Sub(d.Run.LoadStart).Hours()))
}

// costBasis says what the figures rest on and what is not in them.
func costBasis(s price.Stream, f price.Function, b price.Bill) string {
	text := fmt.Sprintf("list prices of %s for %s, no free tier; measured: %s records of %.0f bytes", b.AsOf, b.Region, quantity(s.Records), s.RecordBytes)
	if f.Invocations > 0 {
		text += fmt.Sprintf(", %s invocations of %.0f ms, priced as x86", quantity(f.Invocations), f.BilledMillis)
	} else {
		text += "; invocations and their time are not known, so Lambda is not in it"
	}
	text += fmt.Sprintf("; stream: %g h begun; logs, metrics, cold starts and the generator are not in it", s.Hours)
	if items := b.Unconfirmed(); len(items) > 0 {
		text += fmt.Sprintf("; not confirmed: %v", items)
	}
	return text
}

// dollars is an amount to the cent, below a dollar to two digits.
func dollars(v float64) string {
	if v >= 1 || v <= 0 {
		return fmt.Sprintf("%.2f", v)
	}
	return strconv.FormatFloat(v, 'f', 1-int(math.Floor(math.Log10(v))), 64)
}

// quantity is an amount of units, counts in full.
func quantity(v float64) string {
	if v == math.Trunc(v) {
		return judge.Count(int64(v))
	}
	return fmt.Sprintf("%.4g", v)
}
