package cloudwatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// longestCatchUp is how far back evaluations are made up for: as long as seconds
// are kept.
const longestCatchUp = secondsKept

// interval is how often an alarm is evaluated, in seconds: every minute, one of
// high resolution every ten seconds (alarm-evaluation, User Guide, read
// 2026-11-22).
func (a *metricAlarm) interval() int64 {
	if a.period() < 60 {
		return 10
	}
	return 60
}

// period is the alarm's, or that of the longest of its metrics.
func (a *metricAlarm) period() int64 {
	if a.Period != nil {
		return *a.Period
	}
	longest := int64(1)
	for i := range a.Metrics {
		q := &a.Metrics[i]
		if q.Period != nil {
			longest = max(longest, *q.Period)
		}
		if q.MetricStat != nil {
			longest = max(longest, q.MetricStat.Period)
		}
	}
	return longest
}

func (a *metricAlarm) rule() alarmRule {
	r := alarmRule{
		comparison: comparisons[a.ComparisonOperator], threshold: *a.Threshold,
		periods: int(*a.EvaluationPeriods), toAlarm: int(*a.EvaluationPeriods), missing: a.TreatMissingData,
	}
	if a.DatapointsToAlarm != nil {
		r.toAlarm = int(*a.DatapointsToAlarm)
	}
	if r.missing == "" {
		r.missing = treatMissing
	}
	return r
}

// catchUp makes the evaluations that were due up to now.
func (s *Store) catchUp(a *alarm, now time.Time) {
	every := a.interval()
	last := roundDown(now.Unix(), every)
	for at := max(a.evaluated, last-longestCatchUp) + every; at <= last; at += every {
		s.evaluate(a, time.Unix(at, 0).UTC())
		a.evaluated = at
	}
}

// evaluate is one evaluation as of a moment on the alarm's interval.
func (s *Store) evaluate(a *alarm, at time.Time) {
	r := a.rule()
	w := window{to: at.Unix(), period: a.period()}
	w.from = w.to - int64(r.periods+extraPeriods)*w.period
	points, err := s.alarmPoints(&a.metricAlarm, w)
	a.EvaluationState = ""
	if err != nil {
		a.EvaluationState = "EVALUATION_ERROR"
		return
	}
	slots := make([]*timedValue, r.periods+extraPeriods)
	for i := range slots {
		start := w.from + int64(i)*w.period
		if v, ok := points.value(start); ok {
			slots[i] = &timedValue{start, v}
		}
	}
	if s.tooFewSamples(&a.metricAlarm, w, slots) {
		return
	}
	if j := r.judge(slots); j.state != "" {
		a.become(j.state, j.reason, a.reasonData(at, w, slots), at)
	}
}

// alarmPoints is the series that an alarm watches.
func (s *Store) alarmPoints(a *metricAlarm, w window) (timeSeries, error) {
	if len(a.Metrics) == 0 {
		return s.readStat(&metricStat{Metric: a.metric(), Period: w.period, Stat: a.figure(), Unit: a.Unit}, w), nil
	}
	from, to := timestampAt(time.Unix(w.from, 0)), timestampAt(time.Unix(w.to, 0))
	in := &getMetricDataInput{MetricDataQueries: a.Metrics, StartTime: &from, EndTime: &to}
	watched := slices.IndexFunc(a.Metrics, func(q metricDataQuery) bool { return q.returns() })
	value, err := newEvaluation(s, in).query(a.Metrics[watched].Id)
	if err != nil {
		return timeSeries{}, err
	}
	if len(value.series) != 1 {
		return timeSeries{}, fmt.Errorf("%s is not one time series", a.Metrics[watched].Id)
	}
	return value.series[0], nil
}

// tooFewSamples reports whether a percentile alarm that ignores low samples has
// a period with fewer samples than its percentile means something for: 10/(1-p)
// in the upper half, 10/p in the lower (percentiles-with-low-samples, User
// Guide, read 2026-11-22).
func (s *Store) tooFewSamples(a *metricAlarm, w window, slots []*timedValue) bool {
	digits, percentile := strings.CutPrefix(a.ExtendedStatistic, "p")
	p, err := strconv.ParseFloat(digits, 64)
	if a.EvaluateLowSampleCountPercentile != "ignore" || !percentile || err != nil {
		return false
	}
	need := 10 / min(p/100, 1-p/100)
	counts := s.readStat(&metricStat{Metric: a.metric(), Period: w.period, Stat: "SampleCount", Unit: a.Unit}, w)
	for _, slot := range slots {
		if slot == nil {
			continue
		}
		if n, ok := counts.value(slot.at); ok && n < need {
			return true
		}
	}
	return false
}

// reasonData is what an alarm's state was decided by, as AWS's JSON.
func (a *alarm) reasonData(at time.Time, w window, slots []*timedValue) string {
	const layout = "2006-01-02T15:04:05.000-0700"
	type point struct {
		Timestamp string  `json:"timestamp"`
		Value     float64 `json:"value"`
	}
	recent, evaluated := []float64{}, []point{}
	for _, s := range slots {
		if s != nil {
			recent = append(recent, s.value)
			evaluated = append(evaluated, point{time.Unix(s.at, 0).UTC().Format(layout), s.value})
		}
	}
	slices.Reverse(evaluated)
	data := map[string]any{
		"version": "1.0", "queryDate": at.Format(layout), "period": w.period,
		"recentDatapoints": recent, "threshold": *a.Threshold, "evaluatedDatapoints": evaluated,
	}
	if len(evaluated) > 0 {
		data["startDate"] = evaluated[len(evaluated)-1].Timestamp
	}
	if figure := a.figure(); figure != "" {
		data["statistic"] = figure
	}
	return string(mustJSON(data))
}
