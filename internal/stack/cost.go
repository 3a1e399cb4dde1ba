package stack

import (
	"fmt"
	"math"
	"time"

	"weir/internal/metrics"
	"weir/internal/price"
)

// Idle is what a stack costs an hour while nothing is put, by item: the shards,
// and the month's price of alarms and the dashboard.
func Idle(s Spec, alarmMetrics int, region string) (price.Bill, error) {
	return priced(region, standing(s.Shards, alarmMetrics, 1))
}

func standing(shards, alarmMetrics int, hours float64) []price.Quantity {
	return append(price.Stream{Mode: price.Provisioned, Hours: hours, Shards: float64(shards)}.Quantities(),
		price.Quantity{Item: price.Alarm, Amount: float64(alarmMetrics) * hours / price.MonthHours},
		price.Quantity{Item: price.Dashboard, Amount: hours / price.MonthHours},
	)
}

// Traffic is what went through a stack, as CloudWatch counted it.
type Traffic struct {
	Records, Bytes      float64
	Invocations, Billed float64 // Billed: the sum of Duration, ms
}

// Spent is what a stack cost at list price: its standing hours, each begun one
// as a whole, and its traffic. It is an estimate: AWS's bill comes a day later.
func Spent(s Spec, alarmMetrics int, region string, lifetime time.Duration, t Traffic) (price.Bill, error) {
	hours := math.Ceil(lifetime.Hours())
	quantities := standing(s.Shards, alarmMetrics, hours)
	if t.Records > 0 {
		quantities = append(quantities, price.Stream{Mode: price.Provisioned, Records: t.Records, RecordBytes: t.Bytes / t.Records}.Quantities()...)
	}
	if t.Invocations > 0 {
		quantities = append(quantities, price.Function{
			ARM: s.Architecture == ARM, MemoryMB: MemoryMB, Invocations: t.Invocations, BilledMillis: t.Billed / t.Invocations, LogBytes: logBytes,
		}.Quantities()...)
	}
	return priced(region, quantities)
}

// logBytes is about what an invocation of the probe logs: its line, START, END
// and REPORT.
const logBytes = 1500

// pricedRegion is whose prices stand for those of a region that the table
// doesn't have. The bill says so by its Region.
const pricedRegion = "us-east-1"

func priced(region string, quantities []price.Quantity) (price.Bill, error) {
	bill, err := price.List().Bill(region, quantities...)
	if err != nil {
		bill, err = price.List().Bill(pricedRegion, quantities...)
	}
	if err != nil {
		return price.Bill{}, fmt.Errorf("price the stack: %w", err)
	}
	return bill, nil
}

// AlarmMetrics is how many metrics the template's alarms look at: each is
// charged.
func AlarmMetrics() int {
	n := 0
	for _, a := range metrics.Alarms(metrics.Watched{}, "") {
		looked := 0
		for _, m := range a.Metrics {
			if m.MetricStat != nil {
				looked++
			}
		}
		n += max(looked, 1)
	}
	return n
}
