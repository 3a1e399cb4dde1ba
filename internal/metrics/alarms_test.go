package metrics

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAlarms(t *testing.T) {
	type row struct {
		name, reads, operator string
		threshold             float64
		bad, of               int
		missing               string
	}
	var got []row
	for _, a := range Alarms(watched, "weir-x") {
		reads := a.MetricName + " " + a.Statistic + a.ExtendedStatistic
		for _, m := range a.Metrics {
			if m.ReturnData {
				reads = m.Expression
			}
		}
		got = append(got, row{a.AlarmName, reads, a.ComparisonOperator, a.Threshold, a.DatapointsToAlarm, a.EvaluationPeriods, a.TreatMissingData})
	}
	const atLeast = "GreaterThanOrEqualToThreshold"
	want := []row{
		{"weir-x-iterator-age", "GetRecords.IteratorAgeMilliseconds Maximum", atLeast, 1000, 3, 5, "missing"},
		{"weir-x-duration", "Duration Maximum", atLeast, 1500, 3, 5, "missing"},
		{"weir-x-errors", "100*FILL(errors,0)/invocations", atLeast, 0.1, 3, 5, "notBreaching"},
		{"weir-x-throttles", "FILL(writes,0)+FILL(reads,0)+FILL(throttles,0)", "GreaterThanThreshold", 0, 2, 5, "notBreaching"},
		{"weir-x-throughput-match", "FILL(received,0)/incoming", "LessThanThreshold", 0.95, 2, 3, "notBreaching"},
		{"weir-x-record-latency", "RecordProcessingLatency p99", atLeast, 2000, 3, 5, "missing"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
}

// API_PutMetricAlarm: one metric or a list with one result, descriptions up to
// 1024 characters.
func TestAlarmsKeepTheRules(t *testing.T) {
	for _, a := range Alarms(watched, "weir-x") {
		if n := len(a.AlarmDescription); n == 0 || n > 1024 {
			t.Errorf("%s: a description of %d characters", a.AlarmName, n)
		}
		if (a.MetricName == "") != (len(a.Metrics) > 0) || (a.Period == 0) != (a.MetricName == "") {
			t.Errorf("%s is on a metric and on an expression, or on neither", a.AlarmName)
		}
		results := 0
		for _, m := range a.Metrics {
			if m.ReturnData {
				results++
				continue
			}
			if !slices.ContainsFunc(a.Metrics, func(r alarmMetric) bool { return strings.Contains(r.Expression, m.ID) }) {
				t.Errorf("%s: nothing reads %s", a.AlarmName, m.ID)
			}
		}
		if len(a.Metrics) > 0 && results != 1 {
			t.Errorf("%s: %d results", a.AlarmName, results)
		}
	}
}

func TestNotify(t *testing.T) {
	alarms := Alarms(watched, "weir-x")
	Notify(alarms, "arn:aws:sns:us-east-1:1:ops")
	for _, a := range alarms {
		if want := []string{"arn:aws:sns:us-east-1:1:ops"}; !slices.Equal(a.AlarmActions, want) || !slices.Equal(a.OKActions, want) {
			t.Errorf("%s: %v, %v", a.AlarmName, a.AlarmActions, a.OKActions)
		}
	}
}
