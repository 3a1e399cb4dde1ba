package cli

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awscloudwatch "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/metrics"
	"weir/internal/plan"
)

// What a minute holds: a metric's value and how many samples have it.
type minute map[string]struct {
	value float64
	count int
}

// Each alarm's state after twenty minutes alike, against the embedded
// CloudWatch: a pipeline in health, one that nobody uses, one in which all is
// bad, and one whose reader has stopped.
func TestAlarmStates(t *testing.T) {
	healthy := minute{
		"GetRecords.IteratorAgeMilliseconds": {0, 60}, "IncomingRecords": {10, 60}, "PolledEventCount": {10, 60},
		"Duration": {100, 60}, "Errors": {0, 60}, "Invocations": {1, 60}, "RecordProcessingLatency": {500, 600},
	}
	bad := minute{
		"GetRecords.IteratorAgeMilliseconds": {1000, 60}, "IncomingRecords": {10, 60}, "PolledEventCount": {9, 60},
		"Duration": {1500, 60}, "Errors": {1, 1}, "Invocations": {1, 1000}, "RecordProcessingLatency": {2000, 600},
		"WriteProvisionedThroughputExceeded": {1, 1},
	}
	stopped := minute{"IncomingRecords": {10, 60}}
	const ok, alarm, unknown = "OK", "ALARM", "INSUFFICIENT_DATA"
	for _, tt := range []struct {
		name   string
		minute minute
		want   map[string]string
	}{
		{"healthy", healthy, map[string]string{"iterator-age": ok, "duration": ok, "errors": ok, "throttles": ok, "throughput-match": ok, "record-latency": ok}},
		{"idle", nil, map[string]string{"iterator-age": unknown, "duration": unknown, "errors": ok, "throttles": ok, "throughput-match": ok, "record-latency": unknown}},
		// Each at its first bad value: 1000 ms, half of 3 s, 1 in 1000, 1, 0.9, 2 s.
		{"bad", bad, map[string]string{"iterator-age": alarm, "duration": alarm, "errors": alarm, "throttles": alarm, "throughput-match": alarm, "record-latency": alarm}},
		{"stopped", stopped, map[string]string{"iterator-age": unknown, "duration": unknown, "errors": ok, "throttles": ok, "throughput-match": alarm, "record-latency": unknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, statesAfter(t, tt.minute, 20)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// statesAfter puts weir's alarms, lets so many minutes alike pass and reads the
// alarms' states, by their names' ends.
func statesAfter(t *testing.T, m minute, minutes int) map[string]string {
	t.Helper()
	clock := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	store := cloudwatch.NewStore(cloudwatch.Options{Now: now})
	server := httptest.NewServer(cloudwatch.New(cloudwatch.Config{Store: store, Logs: cloudwatch.NewLogs(cloudwatch.LogsOptions{Store: store, Now: now})}))
	defer server.Close()
	a := watchAccount{client: awscloudwatch.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})}
	w := metrics.Watched{Region: "us-east-1", Stream: "s", Function: "f", Mapping: "m", Limits: watchLimits(plan.DefaultTargets, 3*time.Second)}
	for _, alarm := range metrics.Alarms(w, "weir-s") {
		if err := putAlarm(a, alarm, false).do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range minutes {
		for name, sample := range m {
			recordInto(store, name)(clock, sample.value, sample.count)
		}
		clock = clock.Add(time.Minute)
	}
	out, err := a.client.DescribeAlarms(t.Context(), &awscloudwatch.DescribeAlarmsInput{})
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, alarm := range out.MetricAlarms {
		states[strings.TrimPrefix(*alarm.AlarmName, "weir-s-")] = string(alarm.StateValue)
	}
	return states
}

// recordInto is the way into the metric of that name, of the query that reads it.
func recordInto(store *cloudwatch.Store, name string) func(time.Time, float64, int) {
	values := map[string]string{"StreamName": "s", "FunctionName": "f", "EventSourceMappingUUID": "m"}
	for _, q := range metrics.Queries() {
		if q.Name != name {
			continue
		}
		var dimensions []string
		for d := range strings.SplitSeq(q.Dimension, ",") {
			dimensions = append(dimensions, d, values[d])
		}
		return store.Series(q.Namespace, name, "None", dimensions...)
	}
	panic("no query for " + name)
}
