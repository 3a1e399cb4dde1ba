package values

import (
	"cmp"
	"fmt"

	"weir/internal/price"
	"weir/internal/record"
)

// Advice says what would make unknown metrics known, and what that costs.
func Advice(d *record.Data) []string {
	p := d.Run.Pipeline
	var all []string
	if p.Mapping != "" && !p.MappingEventCount {
		all = append(all, fmt.Sprintf("throughput match, batch size and what the mapping gave up (E2, E4, E5) need its EventCount metrics: aws lambda update-event-source-mapping --uuid %s --metrics-config Metrics=EventCount (%s, if they are charged as custom metrics: AWS's page says they are not)",
			p.Mapping, monthly(p, price.CustomMetric, mappingMetrics)))
	}
	if len(p.ShardMetrics) == 0 && p.Shards > 1 {
		all = append(all, fmt.Sprintf("which shard is hot (K2, K4) needs enhanced monitoring: aws kinesis enable-enhanced-monitoring --stream-name %s --shard-level-metrics IncomingRecords WriteProvisionedThroughputExceeded IteratorAgeMilliseconds (%s for %d shards)",
			p.Stream, monthly(p, price.ShardLevelMetric, 3*p.Shards), p.Shards))
	}
	return all
}

// monthly is the price of so many metrics a month.
func monthly(p record.Pipeline, item price.Dimension, n int) string {
	b, err := price.List().Bill(cmp.Or(p.Region, price.TypicalSetup.Region), price.Quantity{Item: item, Amount: float64(n)})
	if err != nil {
		return "price not known: " + err.Error()
	}
	return fmt.Sprintf("%.2f USD a month", b.USD())
}
