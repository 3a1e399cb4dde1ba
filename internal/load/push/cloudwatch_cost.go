package push

import (
	"fmt"
	"time"

	"weir/internal/price"
)

// charge counts what AWS charges for: each metric in each hour in which it was
// sent, and calls. aws.amazon.com/cloudwatch/pricing (2026-11-22): custom
// metrics are prorated by the hour.
type charge struct {
	hours map[metricHour]bool
	calls int64
}

type metricHour struct {
	series string
	hour   int64
}

func (c *charge) add(windows []*window) {
	if c.hours == nil {
		c.hours = map[metricHour]bool{}
	}
	for _, w := range windows {
		c.hours[metricHour{w.key, w.from.Unix() / int64(time.Hour/time.Second)}] = true
	}
}

// text is what it comes to, at list prices.
func (c *charge) text(region string) string {
	bill, err := price.List().Bill(region,
		price.Quantity{Item: price.CustomMetric, Amount: float64(len(c.hours)) / price.MonthHours},
		price.Quantity{Item: price.CloudWatchRequest, Amount: float64(c.calls)})
	if err != nil {
		return "costs unknown: " + err.Error()
	}
	return fmt.Sprintf("on AWS about %.4f USD: %d metric-hours, %d calls, list prices of %s in %s", bill.USD(), len(c.hours), c.calls, bill.AsOf, region)
}
