package metrics

import (
	"fmt"
	"slices"
)

// Alarm is the input of PutMetricAlarm, by its names: as JSON it is what
// `aws cloudwatch put-metric-alarm --cli-input-json` takes. It is on one metric
// or, where Metrics has any, on their expression.
type Alarm struct {
	AlarmName        string
	AlarmDescription string
	AlarmActions     []string `json:",omitempty"` // ARNs
	OKActions        []string `json:",omitempty"`

	Namespace         string        `json:",omitempty"`
	MetricName        string        `json:",omitempty"`
	Dimensions        []dimension   `json:",omitempty"`
	Statistic         string        `json:",omitempty"`
	ExtendedStatistic string        `json:",omitempty"`
	Period            int           `json:",omitempty"` // seconds
	Metrics           []alarmMetric `json:",omitempty"`

	// DatapointsToAlarm of the last EvaluationPeriods must be bad.
	EvaluationPeriods  int
	DatapointsToAlarm  int
	ComparisonOperator string
	Threshold          float64
	TreatMissingData   string
}

type alarmMetric struct {
	ID         string      `json:"Id"`
	Expression string      `json:",omitempty"`
	Label      string      `json:",omitempty"`
	MetricStat *metricStat `json:",omitempty"`
	ReturnData bool
}

type metricStat struct {
	Metric struct {
		Namespace  string
		MetricName string
		Dimensions []dimension
	}
	Period int
	Stat   string
}

// Expressions of the critical targets, by the ids that Watched.member gives.
// A period without a divisor has no point.
const (
	errorRate   = "100*FILL(errors,0)/invocations"
	allThrottle = "FILL(writes,0)+FILL(reads,0)+FILL(throttles,0)"
	matchRatio  = "FILL(received,0)/incoming"
)

// How missing points count. A missing counter may be zero, so it is not bad;
// a missing age or latency is unknown, and so is the alarm's state
// (INSUFFICIENT_DATA), never OK.
const (
	missingIsGood    = "notBreaching"
	missingIsUnknown = "missing"
)

const (
	matchPeriod = 300 // seconds
	// matchFloor is the share of a period's incoming records below which their
	// reading is behind. It is wider than the target, which holds after a drain:
	// here what came in a period's last seconds is read in the next, and 0.95
	// leaves 15 of 300 seconds for that. Above 1 a backlog is being worked off.
	matchFloor = 0.95
)

// Alarms are one for each critical target, named name-….
func Alarms(w Watched, name string) []Alarm {
	age := w.alarm(IteratorAge, milliseconds(w.Limits.IteratorAge))
	age.describe(name, "iterator-age", "K1")

	duration := w.alarm(DurationMax, milliseconds(w.Limits.Duration))
	duration.describe(name, "duration", "L1")

	failed := threeOfFive(missingIsGood, 100*w.Limits.ErrorRate)
	failed.Metrics = []alarmMetric{
		w.member("errors", queryOf(Errors), period), w.member("invocations", queryOf(Invocations), period),
		result(errorRate, "errors, % of invocations"),
	}
	failed.describe(name, "errors", "L2")

	throttled := threeOfFive(missingIsGood, 0)
	throttled.DatapointsToAlarm = 2 // none is good, but one minute's burst is the retries' to heal
	throttled.ComparisonOperator = "GreaterThanThreshold"
	throttled.Metrics = []alarmMetric{
		w.member("writes", queryOf(WriteThrottled), period), w.member("reads", queryOf(ReadThrottled), period),
		w.member("throttles", queryOf(Throttles), period), result(allThrottle, "throttles"),
	}
	throttled.describe(name, "throttles", "K4", "K5", "L3")

	latency := w.alarm(RecordLatencyP99, milliseconds(w.Limits.RecordLatency))
	// CloudWatch calls a p99 of under 1000 records a minute one of few samples. It
	// is evaluated all the same, or a quiet pipeline's alarm would never move.
	latency.describe(name, "record-latency", "E1")

	return []Alarm{age, duration, failed, throttled, w.matchAlarm(name), latency}
}

// matchAlarm is quiet without load: no incoming records, no ratio.
func (w Watched) matchAlarm(name string) Alarm {
	a := Alarm{
		EvaluationPeriods: 3, DatapointsToAlarm: 2, ComparisonOperator: "LessThanThreshold",
		Threshold: matchFloor, TreatMissingData: missingIsGood,
		Metrics: []alarmMetric{
			w.member("received", w.received(), matchPeriod), w.member("incoming", queryOf(IncomingRecords), matchPeriod),
			result(matchRatio, "received / incoming"),
		},
	}
	a.describe(name, "throughput-match", "E2")
	return a
}

// threeOfFive is an alarm of minutes: three bad ones of five are no blip, and
// need not follow each other.
func threeOfFive(missing string, threshold float64) Alarm {
	return Alarm{
		EvaluationPeriods: 5, DatapointsToAlarm: 3,
		ComparisonOperator: "GreaterThanOrEqualToThreshold", Threshold: threshold, TreatMissingData: missing,
	}
}

// alarm is of one series that is no counter.
func (w Watched) alarm(series string, threshold float64) Alarm {
	q := queryOf(series)
	a := threeOfFive(missingIsUnknown, threshold)
	a.Namespace, a.MetricName, a.Dimensions, a.Period = q.Namespace, q.Name, w.dimensions(q), period
	if q.Statistic == "Maximum" {
		a.Statistic = q.Statistic
	} else {
		a.ExtendedStatistic = q.Statistic
	}
	return a
}

func (w Watched) member(id string, q Query, seconds int) alarmMetric {
	stat := &metricStat{Period: seconds, Stat: q.Statistic}
	stat.Metric.Namespace, stat.Metric.MetricName, stat.Metric.Dimensions = q.Namespace, q.Name, w.dimensions(q)
	return alarmMetric{ID: id, MetricStat: stat}
}

func result(expression, label string) alarmMetric {
	return alarmMetric{ID: "result", Expression: expression, Label: label, ReturnData: true}
}

// describe names the alarm and tells, from the catalogue, what it means and
// what to do.
func (a *Alarm) describe(name, what string, ids ...string) {
	a.AlarmName = name + "-" + what
	for _, id := range ids {
		m := Catalogue[slices.IndexFunc(Catalogue, func(m Metric) bool { return m.ID == id })]
		if a.AlarmDescription != "" {
			a.AlarmDescription += "\n"
		}
		a.AlarmDescription += fmt.Sprintf("%s (%s): %s. What to do: %s.", m.Name, m.ID, m.Why, m.Remedy)
	}
}

// Notify gives each alarm actions: the topic hears when it goes off and when
// it is over.
func Notify(alarms []Alarm, topic string) {
	for i := range alarms {
		alarms[i].AlarmActions, alarms[i].OKActions = []string{topic}, []string{topic}
	}
}
