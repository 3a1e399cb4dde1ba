package push

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"go.k6.io/k6/v2/metrics"

	"weir/internal/quota"
)

// call is one PutMetricData call.
type call struct {
	data    []types.MetricDatum
	samples int64 // that are in it
}

// maxCallBytes leaves room below PutMetricData's limit for what encoding adds.
const maxCallBytes = quota.PutMetricDataMaxBytes * 9 / 10

// calls lays windows out as PutMetricData calls, each within the limits of
// API_PutMetricData: data, values a datum, bytes.
func calls(windows []*window, period time.Duration) []call {
	var all []call
	bytes := 0
	for _, w := range windows {
		for _, d := range dataOf(w, period) {
			size := datumBytes(d)
			if len(all) == 0 || len(all[len(all)-1].data) == quota.PutMetricDataMaxDatums || bytes+size > maxCallBytes {
				all, bytes = append(all, call{}), 0
			}
			c := &all[len(all)-1]
			c.data, bytes = append(c.data, d), bytes+size
			c.samples += samplesOf(d)
		}
	}
	return all
}

// dataOf are a window's data: Values and Counts for a Trend, so that CloudWatch
// knows percentiles of it, as many to a datum as it takes; for others sum,
// count, minimum and maximum.
func dataOf(w *window, period time.Duration) []types.MetricDatum {
	datum := types.MetricDatum{
		MetricName: &w.metric.Name, Timestamp: &w.from, Dimensions: dimensionsOf(w.tags),
		Unit: unitOf(w.metric), StorageResolution: new(resolutionOf(period)),
	}
	if w.values == nil {
		n := float64(w.count)
		datum.StatisticValues = &types.StatisticSet{SampleCount: &n, Sum: &w.sum, Minimum: &w.min, Maximum: &w.max}
		return []types.MetricDatum{datum}
	}
	var data []types.MetricDatum
	for part := range slices.Chunk(w.values.values(), quota.MetricMaxValues) {
		d := datum
		for _, v := range part {
			d.Values, d.Counts = append(d.Values, v.value), append(d.Counts, float64(v.count))
		}
		data = append(data, d)
	}
	return data
}

// resolutionOf is the StorageResolution of points so far apart, in seconds.
func resolutionOf(period time.Duration) int32 {
	if period < time.Minute {
		return 1
	}
	return 60
}

const maxDimensionValue = 1024 // characters, API_Dimension (2026-11-22)

// dimensionsOf are tags as CloudWatch takes them: ASCII, and no longer than it
// allows.
func dimensionsOf(tags []tag) []types.Dimension {
	dimensions := make([]types.Dimension, len(tags))
	for i, t := range tags {
		value := []rune(t.value)
		for j, r := range value {
			if r < ' ' || r > '~' {
				value[j] = '?'
			}
		}
		dimensions[i] = types.Dimension{Name: &t.name, Value: new(string(value[:min(len(value), maxDimensionValue)]))}
	}
	return dimensions
}

func unitOf(m *metrics.Metric) types.StandardUnit {
	switch {
	case m.Contains == metrics.Time:
		return types.StandardUnitMilliseconds
	case m.Contains == metrics.Data:
		return types.StandardUnitBytes
	case m.Type == metrics.Counter:
		return types.StandardUnitCount
	}
	return types.StandardUnitNone
}

// datumBytes is no less than a datum takes in the request: names of members,
// numbers of nine bytes, texts.
func datumBytes(d types.MetricDatum) int {
	const members, dimension, value = 200, 24, 18
	size := members + len(*d.MetricName) + value*len(d.Values)
	for _, dim := range d.Dimensions {
		size += dimension + len(*dim.Name) + len(*dim.Value)
	}
	return size
}

func samplesOf(d types.MetricDatum) int64 {
	if d.StatisticValues != nil {
		return int64(*d.StatisticValues.SampleCount)
	}
	var n int64
	for _, c := range d.Counts {
		n += int64(c)
	}
	return n
}
