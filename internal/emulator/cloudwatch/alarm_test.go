package cloudwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// alarmed is a client of a server whose clock the test turns.
func alarmed(t *testing.T) (client *cloudwatch.Client, store *Store, clock *time.Time) {
	t.Helper()
	clock = new(noon)
	server, store, _ := newTestServer(func() time.Time { return *clock })
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return cloudwatch.NewFromConfig(configFor(listener.URL)), store, clock
}

func errorsAlarm(change func(*cloudwatch.PutMetricAlarmInput)) *cloudwatch.PutMetricAlarmInput {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: new("errors"), Namespace: new("AWS/Lambda"), MetricName: new("Errors"),
		Dimensions: []types.Dimension{{Name: new("FunctionName"), Value: new("f")}},
		Statistic:  types.StatisticSum, Period: new(int32(60)), EvaluationPeriods: new(int32(1)),
		Threshold: new(0.), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		AlarmActions: []string{"arn:aws:sns:us-east-1:000000000000:pager"},
	}
	if change != nil {
		change(in)
	}
	return in
}

func putAlarm(t *testing.T, client *cloudwatch.Client, in *cloudwatch.PutMetricAlarmInput) {
	t.Helper()
	if _, err := client.PutMetricAlarm(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func stateOf(t *testing.T, client *cloudwatch.Client, name string) string {
	t.Helper()
	out, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("describe %s: %v, %+v", name, err, out)
	}
	return string(out.MetricAlarms[0].StateValue)
}

// An alarm's life, minute by minute: created, in alarm, well again, and without
// data once its whole evaluation range of three minutes is empty.
func TestAlarmLife(t *testing.T) {
	client, store, clock := alarmed(t)
	count := store.Series("AWS/Lambda", "Errors", "Count", "FunctionName", "f")
	putAlarm(t, client, errorsAlarm(nil))
	got := []string{stateOf(t, client, "errors")}
	for _, errors := range []float64{0, 2, 0, -1, -1, -1} {
		if errors >= 0 {
			count(clock.Add(30*time.Second), errors, 1)
		}
		*clock = clock.Add(time.Minute)
		got = append(got, stateOf(t, client, "errors"))
	}
	want := []string{"INSUFFICIENT_DATA", "OK", "ALARM", "OK", "OK", "OK", "INSUFFICIENT_DATA"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	history, err := client.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: new("errors"), ScanBy: types.ScanByTimestampAscending})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, i := range history.AlarmHistoryItems {
		lines = append(lines, i.Timestamp.UTC().Format("15:04 ")+*i.HistorySummary)
	}
	want = []string{
		`12:00 Alarm "errors" created`,
		"12:01 Alarm updated from INSUFFICIENT_DATA to OK",
		"12:02 Alarm updated from OK to ALARM",
		"12:03 Alarm updated from ALARM to OK",
		"12:06 Alarm updated from OK to INSUFFICIENT_DATA",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	var change struct {
		NewState struct {
			StateReasonData struct{ RecentDatapoints []float64 }
		}
	}
	if err := json.Unmarshal([]byte(*history.AlarmHistoryItems[2].HistoryData), &change); err != nil || len(change.NewState.StateReasonData.RecentDatapoints) != 2 {
		t.Errorf("%v in %s", err, *history.AlarmHistoryItems[2].HistoryData)
	}
}

// What nobody asked about meanwhile is made up for: the history is that of an
// alarm that was watched all the time.
func TestAlarmCatchesUp(t *testing.T) {
	client, store, clock := alarmed(t)
	count := store.Series("AWS/Lambda", "Errors", "Count", "FunctionName", "f")
	putAlarm(t, client, errorsAlarm(func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = new("notBreaching") }))
	count(noon.Add(90*time.Second), 1, 1)
	*clock = noon.Add(time.Hour)
	out, err := client.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{HistoryItemType: types.HistoryItemTypeStateUpdate})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, i := range out.AlarmHistoryItems {
		lines = append(lines, i.Timestamp.UTC().Format("15:04 ")+*i.HistorySummary)
	}
	// The error of 12:01 is evaluated at 12:02. It is the newest real point, and so
	// all there is to judge by, until it has left the range of three at 12:05.
	want := []string{"12:05 Alarm updated from ALARM to OK", "12:02 Alarm updated from OK to ALARM", "12:01 Alarm updated from INSUFFICIENT_DATA to OK"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// Expressions, percentiles, percentiles with few samples, and ten-second alarms.
func TestAlarmFigures(t *testing.T) {
	client, store, clock := alarmed(t)
	duration := store.Series("AWS/Lambda", "Duration", "Milliseconds", "FunctionName", "f")
	invocations := store.Series("AWS/Lambda", "Invocations", "Count", "FunctionName", "f")
	failed := store.Series("AWS/Lambda", "Errors", "Count", "FunctionName", "f")
	metric := func(name string) *types.MetricStat {
		return &types.MetricStat{Metric: &types.Metric{Namespace: new("AWS/Lambda"), MetricName: new(name), Dimensions: errorsAlarm(nil).Dimensions}, Period: new(int32(60)), Stat: new("Sum")}
	}
	putAlarm(t, client, errorsAlarm(func(in *cloudwatch.PutMetricAlarmInput) {
		*in = cloudwatch.PutMetricAlarmInput{
			AlarmName: new("rate"), EvaluationPeriods: in.EvaluationPeriods, ComparisonOperator: in.ComparisonOperator, Threshold: new(1.),
			Metrics: []types.MetricDataQuery{
				{Id: new("e"), MetricStat: metric("Errors"), ReturnData: new(false)},
				{Id: new("i"), MetricStat: metric("Invocations"), ReturnData: new(false)},
				{Id: new("rate"), Expression: new("100*FILL(e,0)/i")},
			},
		}
	}))
	percentile := func(name, low string) {
		putAlarm(t, client, errorsAlarm(func(in *cloudwatch.PutMetricAlarmInput) {
			in.AlarmName, in.MetricName, in.Statistic, in.ExtendedStatistic = new(name), new("Duration"), "", new("p90")
			in.Threshold, in.EvaluateLowSampleCountPercentile = new(100.), &low
		}))
	}
	percentile("p90", "evaluate")
	percentile("p90-of-many", "ignore") // 10/(1-0.9) = 100 samples or more
	putAlarm(t, client, errorsAlarm(func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmName, in.Period = new("fast"), new(int32(10)) }))

	duration(noon, 10, 88)
	duration(noon, 200, 11) // 99 samples: the 90th of them is 200
	invocations(noon, 1, 99)
	failed(noon.Add(time.Second), 1, 1) // 1 of 99: 1.01 %
	*clock = noon.Add(10 * time.Second)
	if got := stateOf(t, client, "fast"); got != "ALARM" {
		t.Errorf("fast is %s after ten seconds", got)
	}
	*clock = noon.Add(time.Minute)
	got := map[string]string{}
	for _, name := range []string{"rate", "p90", "p90-of-many"} {
		got[name] = stateOf(t, client, name)
	}
	if diff := cmp.Diff(map[string]string{"rate": "ALARM", "p90": "ALARM", "p90-of-many": "INSUFFICIENT_DATA"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAlarmOperations(t *testing.T) {
	client, _, clock := alarmed(t)
	ctx := t.Context()
	for i := range 3 {
		putAlarm(t, client, errorsAlarm(func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmName = new(fmt.Sprint("a", i)) }))
	}
	// pages
	var names []string
	pages := cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{MaxRecords: new(int32(2))})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range out.MetricAlarms {
			names = append(names, *a.AlarmName)
		}
	}
	if got := strings.Join(names, " "); got != "a0 a1 a2" {
		t.Errorf("alarms %s", got)
	}
	// by metric
	of, err := client.DescribeAlarmsForMetric(ctx, &cloudwatch.DescribeAlarmsForMetricInput{Namespace: new("AWS/Lambda"), MetricName: new("Errors"), Dimensions: errorsAlarm(nil).Dimensions})
	if err != nil || len(of.MetricAlarms) != 3 {
		t.Errorf("alarms for the metric: %v, %d", err, len(of.MetricAlarms))
	}
	none, err := client.DescribeAlarmsForMetric(ctx, &cloudwatch.DescribeAlarmsForMetricInput{Namespace: new("AWS/Lambda"), MetricName: new("Errors")})
	if err != nil || len(none.MetricAlarms) != 0 {
		t.Errorf("alarms for another metric: %v, %d", err, len(none.MetricAlarms))
	}
	// a state by hand, until the next evaluation
	if _, err := client.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: new("a1"), StateValue: types.StateValueAlarm, StateReason: new("a drill")}); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, client, "a1"); got != "ALARM" {
		t.Errorf("a1 is %s after it was set", got)
	}
	*clock = clock.Add(time.Minute)
	if got := stateOf(t, client, "a1"); got != "INSUFFICIENT_DATA" {
		t.Errorf("a1 is %s after its evaluation", got)
	}
	// actions
	if _, err := client.DisableAlarmActions(ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"a0", "nobody"}}); err != nil {
		t.Error(err)
	}
	out, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: new("a0"), ActionPrefix: new("arn:aws:sns")})
	if err != nil || len(out.MetricAlarms) != 1 || *out.MetricAlarms[0].ActionsEnabled || *out.MetricAlarms[0].AlarmArn != "arn:aws:cloudwatch:us-east-1:000000000000:alarm:a0" {
		t.Errorf("%v, %+v", err, out)
	}
	if _, err := client.EnableAlarmActions(ctx, &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"a0"}}); err != nil {
		t.Error(err)
	}
	// all are deleted, or none
	_, err = client.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"a0", "nobody"}})
	if _, ok := errors.AsType[*types.ResourceNotFound](err); !ok || stateOf(t, client, "a0") == "" {
		t.Errorf("deleting one that doesn't exist: %v", err)
	}
	if _, err := client.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"a0", "a1", "a2"}}); err != nil {
		t.Error(err)
	}
	if out, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) != 0 {
		t.Errorf("after the deletion: %v, %+v", err, out)
	}
}

// An alarm that is replaced keeps its state until its next evaluation.
func TestReplacedAlarmKeepsItsState(t *testing.T) {
	client, store, clock := alarmed(t)
	store.Series("AWS/Lambda", "Errors", "Count", "FunctionName", "f")(noon, 3, 1)
	putAlarm(t, client, errorsAlarm(nil))
	*clock = noon.Add(time.Minute)
	if got := stateOf(t, client, "errors"); got != "ALARM" {
		t.Fatalf("it is %s", got)
	}
	putAlarm(t, client, errorsAlarm(func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = new(10.) }))
	if got := stateOf(t, client, "errors"); got != "ALARM" {
		t.Errorf("it is %s after it was replaced", got)
	}
	*clock = noon.Add(2 * time.Minute)
	if got := stateOf(t, client, "errors"); got != "OK" {
		t.Errorf("it is %s by its new threshold", got)
	}
}

func TestAlarmsRefused(t *testing.T) {
	client, _, _ := alarmed(t)
	for want, change := range map[string]func(*cloudwatch.PutMetricAlarmInput){
		"mutually exclusive":     func(in *cloudwatch.PutMetricAlarmInput) { in.ExtendedStatistic = new("p99") },
		"Either Statistic":       func(in *cloudwatch.PutMetricAlarmInput) { in.Statistic = "" },
		"Period must be":         func(in *cloudwatch.PutMetricAlarmInput) { in.Period = new(int32(15)) },
		"Threshold is required":  func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = nil },
		"MetricName is required": func(in *cloudwatch.PutMetricAlarmInput) { in.MetricName = nil },
		"DatapointsToAlarm":      func(in *cloudwatch.PutMetricAlarmInput) { in.DatapointsToAlarm = new(int32(2)) },
		"more than a day":        func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluationPeriods = new(int32(1441)) },
		"greater than 0":         func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluationPeriods = new(int32(0)) },
		"TreatMissingData":       func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = new("good") },
		"no anomaly detection":   func(in *cloudwatch.PutMetricAlarmInput) { in.ComparisonOperator = "GreaterThanUpperThreshold" },
		"Metrics list excludes": func(in *cloudwatch.PutMetricAlarmInput) {
			in.Metrics = []types.MetricDataQuery{{Id: new("a"), Expression: new("1")}}
		},
		"EvaluateLowSampleCount":     func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluateLowSampleCountPercentile = new("skip") },
		"at most 5 actions":          func(in *cloudwatch.PutMetricAlarmInput) { in.OKActions = make([]string, 6) },
		"AlarmDescription is longer": func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmDescription = aws.String(strings.Repeat("x", 1025)) },
	} {
		_, err := client.PutMetricAlarm(t.Context(), errorsAlarm(change))
		if api, ok := errors.AsType[smithy.APIError](err); !ok || !strings.Contains(api.ErrorMessage(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
