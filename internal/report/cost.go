package report

import (
	"fmt"
	"math"
	"strconv"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/values"
)

// costTitle is the heading of a run's cost.
func costTitle(d *record.Data) string {
	if d.Run.Pipeline.Kind != "aws" {
		return "What this would cost on AWS"
	}
	return "Cost"
}

// cost is what the run's stream and function are charged for by item and by the
// million records, nil where nothing was counted. What isn't known is said, not
// left at zero.
func cost(d *record.Data) []fact {
	c, ok, err := values.CostOf(d)
	switch {
	case !ok:
		return nil
	case err != nil:
		return []fact{{"Not known", err.Error()}}
	}
	var all []fact
	for _, l := range c.Bill.Lines {
		all = append(all, fact{string(l.Item), fmt.Sprintf("%s USD: %s × %s", dollars(l.USD), quantity(l.Quantity), l.Unit)})
	}
	records := c.Usage.Records
	return append(all,
		fact{"Together", dollars(c.Bill.USD()) + " USD"},
		fact{"Per million records", fmt.Sprintf("%s USD, of which the stream's hours are %s", dollars(c.Bill.USD()/records*1e6), dollars(c.Bill.Lines[0].USD/records*1e6))},
		fact{"Basis", costBasis(c)})
}

// costBasis says what the figures rest on and what is not in them.
func costBasis(c values.Costs) string {
	u := c.Usage
	text := fmt.Sprintf("list prices of %s for %s, no free tier; measured: %s records of %.0f bytes", c.Bill.AsOf, c.Bill.Region, quantity(u.Records), c.Stream.RecordBytes)
	if c.Invoked {
		text += fmt.Sprintf(", %s invocations of %.0f ms, priced as x86", quantity(u.Invocations), u.BilledMillis)
	} else {
		text += "; invocations and their time are not known, so Lambda is not in it"
	}
	left := "logs, metrics, cold starts and the generator"
	if c.Billed {
		left = "logs, metrics and the generator"
	}
	text += fmt.Sprintf("; stream: %g h begun; %s are not in it", c.Stream.Hours, left)
	if items := c.Bill.Unconfirmed(); len(items) > 0 {
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
