// Package advice turns a run's record into the configuration that weir
// recommends for production: each setting with the measured figure behind it,
// what the whole will carry and what it will cost. It is pure, and rests on the
// run and on the analytic limits of package capacity; what the run didn't show
// is said to be assumed.
package advice

import (
	"errors"
	"fmt"
	"time"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/record"
)

// DefaultHeadroom is the share to spare where none is asked for.
const DefaultHeadroom = 0.25

// Ask is what the configuration must carry.
type Ask struct {
	Rate     float64 // records per second; 0: the highest that the run offered
	Headroom float64 // share to spare above Rate: 0.25 is room for a quarter more
	Prices   *price.Table
}

// Setting is one parameter with the reason for its value.
type Setting struct {
	Name        string `json:"name"`
	Found       string `json:"found"`
	Recommended string `json:"recommended"`
	Change      bool   `json:"change"`
	Why         string `json:"why"`
}

// Advice is what `weir advise --json` prints.
type Advice struct {
	Run      string  `json:"run"`
	Pipeline string  `json:"pipeline"` // "embedded" or "aws"
	Rate     float64 `json:"rate"`     // that it must carry
	Headroom float64 `json:"headroom"`

	Config   Config    `json:"config"`
	Found    Config    `json:"found"` // what was run
	Settings []Setting `json:"settings"`

	// Knee is the lowest limit of the recommended configuration, FoundKnee that
	// of the one which was run.
	Knee           capacity.Limit `json:"predicted_knee"`
	FoundKnee      capacity.Limit `json:"found_predicted_knee"`
	Predicted      Predicted      `json:"predicted"`
	FoundPredicted Predicted      `json:"found_predicted"`
	RecordBytes    float64        `json:"record_bytes"` // data and key, measured
	Bill           price.Bill     `json:"monthly"`
	USD            float64        `json:"monthly_usd"`
	FoundUSD       float64        `json:"found_monthly_usd"` // of the configuration that was run, by its own batches and times

	Alarms  []metrics.Alarm `json:"alarms"`
	Caveats []string        `json:"caveats"`

	stream, function string
	limitFactor      float64
}

// Predicted is how the recommended configuration behaves at the rate.
type Predicted struct {
	RecordsPerInvocation float64 `json:"records_per_invocation"`
	BilledMillis         float64 `json:"billed_ms"`
	LatencyP99Millis     float64 `json:"record_latency_p99_ms"` // from due to processed
	Drain                float64 `json:"drain_records_per_s"`   // off a backlog, while the rate goes on coming in
}

// ErrNothing is a run without the figures that advice rests on.
var ErrNothing = errors.New("the run shows no records, or no invocations with their time and their records: there is nothing to base advice on")

// Give advises from a run and its verdict. It fails where the run measured too
// little, or where a price is missing (*price.MissingError).
func Give(d *record.Data, v judge.Verdict, ask Ask) (Advice, error) {
	m, err := measure(d, v, ask)
	if err != nil {
		return Advice{}, err
	}
	found := m.found()
	c, err := m.choose(found)
	if err != nil {
		return Advice{}, err
	}
	m.harden(&c)
	a := Advice{
		Run: d.Run.ID, Pipeline: d.Run.Pipeline.Kind, Rate: m.rate, Headroom: ask.Headroom, Config: c, Found: found,
		RecordBytes: m.recordBytes, FoundPredicted: m.predict(found),
		Knee: capacity.Limits(m.limits(c))[0], FoundKnee: capacity.Limits(m.limits(found))[0],
		Alarms: m.alarms(c), stream: m.pipeline.Stream, function: m.pipeline.Function, limitFactor: m.pipeline.ShardLimitFactor,
	}
	a.Predicted = m.predict(c)
	if a.Bill, err = m.bill(c); err != nil {
		return Advice{}, err
	}
	before, err := m.foundBill()
	if err != nil {
		return Advice{}, err
	}
	a.USD, a.FoundUSD = a.Bill.USD(), before.USD()
	a.Settings, a.Caveats = m.settings(found, c, a), m.caveats(found, c)
	return a, nil
}

// targetsOf are those that the run was to meet.
func targetsOf(d *record.Data) plan.Targets {
	if d.Run.Test.Targets == (plan.Targets{}) {
		return plan.DefaultTargets
	}
	return d.Run.Test.Targets
}

// alarms are the critical targets' for the recommended timeout.
func (m measured) alarms(c Config) []metrics.Alarm {
	watched := metrics.Watched{
		Region: m.region, Stream: m.pipeline.Stream, Function: m.pipeline.Function,
		Limits: metrics.Limits{
			IteratorAge: m.targets.IteratorAge, Duration: time.Duration(m.targets.DurationShare * float64(c.timeout())),
			ErrorRate: m.targets.ErrorRate, RecordLatency: m.targets.RecordLatency, MatchTolerance: m.targets.MatchTolerance,
		},
	}
	if m.pipeline.MappingEventCount {
		watched.Mapping = m.pipeline.Mapping
	}
	return metrics.Alarms(watched, "weir-"+m.pipeline.Stream)
}

// WatchedMetrics is how many metrics the alarms read: each is an alarm-metric
// on the bill.
func WatchedMetrics(alarms []metrics.Alarm) (n int) {
	for _, a := range alarms {
		if a.MetricName != "" {
			n++
		}
		for _, m := range a.Metrics {
			if m.MetricStat != nil {
				n++
			}
		}
	}
	return n
}

// perSecond is a rate in words.
func perSecond(rate float64) string { return fmt.Sprintf("%s/s", number(rate)) }
