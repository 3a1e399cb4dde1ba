package load

import (
	"fmt"
	"time"

	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/metrics"
)

// putMetrics are the module's metrics in k6, for thresholds, summaries and
// outputs of any script that uses it.
type putMetrics struct {
	accepted      *metrics.Metric
	rejected      *metrics.Metric // tag cause: the error code
	indeterminate *metrics.Metric
	notSent       *metrics.Metric
	retries       *metrics.Metric // of records: each time one was put again
	bytes         *metrics.Metric
	duration      *metrics.Metric // of calls
	lateness      *metrics.Metric // of calls: start minus due
}

func newPutMetrics(r *metrics.Registry) (*putMetrics, error) {
	m := new(putMetrics)
	for _, d := range []struct {
		into     **metrics.Metric
		name     string
		kind     metrics.MetricType
		contains metrics.ValueType
	}{
		{&m.accepted, "kinesis_records_accepted", metrics.Counter, metrics.Default},
		{&m.rejected, "kinesis_records_rejected", metrics.Counter, metrics.Default},
		{&m.indeterminate, "kinesis_records_indeterminate", metrics.Counter, metrics.Default},
		{&m.notSent, "kinesis_records_not_sent", metrics.Counter, metrics.Default},
		{&m.retries, "kinesis_retries", metrics.Counter, metrics.Default},
		{&m.bytes, "kinesis_bytes", metrics.Counter, metrics.Data},
		{&m.duration, "kinesis_put_duration", metrics.Trend, metrics.Time},
		{&m.lateness, "kinesis_lateness", metrics.Trend, metrics.Time},
	} {
		metric, err := r.NewMetric(d.name, d.kind, d.contains)
		if err != nil {
			return nil, fmt.Errorf("register metric %s: %w", d.name, err)
		}
		*d.into = metric
	}
	return m, nil
}

// push hands counts to k6 in one container: a sample for each sum that is not
// zero and one a call for durations, never one a record. It must run within an
// iteration; k6 closes the channel of samples after the last.
func (m *putMetrics) push(vu modules.VU, c counts) {
	now := time.Now()
	tags := vu.State().Tags.GetCurrentValues()
	var samples metrics.Samples
	add := func(metric *metrics.Metric, set *metrics.TagSet, value float64) {
		samples = append(samples, metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: metric, Tags: set}, Time: now, Value: value, Metadata: tags.Metadata,
		})
	}
	for metric, sum := range map[*metrics.Metric]int64{
		m.accepted: c.accepted, m.indeterminate: c.indeterminate, m.notSent: c.notSent, m.retries: c.retries, m.bytes: c.bytes,
	} {
		if sum > 0 {
			add(metric, tags.Tags, float64(sum))
		}
	}
	for cause, n := range c.rejected {
		add(m.rejected, tags.Tags.With("cause", cause), float64(n))
	}
	for _, d := range c.puts {
		add(m.duration, tags.Tags, metrics.D(d))
	}
	for _, d := range c.lateness {
		add(m.lateness, tags.Tags, metrics.D(d))
	}
	if len(samples) > 0 {
		metrics.PushIfNotDone(vu.Context(), vu.State().Samples, samples)
	}
}
