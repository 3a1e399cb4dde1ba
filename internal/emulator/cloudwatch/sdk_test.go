package cloudwatch

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
)

// clients are AWS's own, against a server on loopback. A literal aws.Config
// makes the metrics client gzip every body.
func clients(t *testing.T) (*cloudwatch.Client, *cloudwatchlogs.Client) {
	server, _, _ := newTestServer(clockAt(noon))
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	config := configFor(listener.URL)
	return cloudwatch.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)
}

func configFor(url string) aws.Config {
	return aws.Config{
		Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
		BaseEndpoint:     &url,
		RetryMaxAttempts: 1,
	}
}

func TestGoClientOfMetrics(t *testing.T) {
	client, _ := clients(t)
	ctx := t.Context()
	dims := []types.Dimension{{Name: new("StreamName"), Value: new("s1")}}
	_, err := client.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: new("T"), MetricData: []types.MetricDatum{
		{MetricName: new("M"), Dimensions: dims, Timestamp: &noon, Values: []float64{1, 2}, Counts: []float64{3, 4}, Unit: types.StandardUnitMilliseconds, StorageResolution: new(int32(1))},
		{MetricName: new("M"), Dimensions: dims, Timestamp: aws.Time(noon.Add(time.Minute)), StatisticValues: &types.StatisticSet{SampleCount: new(2.), Sum: new(30.), Minimum: new(10.), Maximum: new(20.)}, Unit: types.StandardUnitMilliseconds},
	}})
	if err != nil {
		t.Fatal(err)
	}

	data, err := client.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: &noon, EndTime: aws.Time(noon.Add(3 * time.Minute)),
		MetricDataQueries: []types.MetricDataQuery{
			{Id: new("m"), MetricStat: &types.MetricStat{Metric: &types.Metric{Namespace: new("T"), MetricName: new("M"), Dimensions: dims}, Period: new(int32(60)), Stat: new("Sum")}},
			{Id: new("e"), Expression: new("FILL(m,0)*2"), Label: new("twice")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		ID, Label, Status string
		Times             []time.Time
		Values            []float64
	}
	var got []result
	for _, r := range data.MetricDataResults {
		got = append(got, result{*r.Id, *r.Label, string(r.StatusCode), r.Timestamps, r.Values})
	}
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	want := []result{
		{"m", "M", "Complete", []time.Time{minute(1), minute(0)}, []float64{30, 11}},
		{"e", "twice", "Complete", []time.Time{minute(2), minute(1), minute(0)}, []float64{0, 60, 22}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	statistics, err := client.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: new("T"), MetricName: new("M"), Dimensions: dims, StartTime: &noon, EndTime: aws.Time(minute(1)), Period: new(int32(60)),
		Statistics: []types.Statistic{types.StatisticAverage}, ExtendedStatistics: []string{"p99"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if p := statistics.Datapoints; len(p) != 1 || *p[0].Average != 11./7 || p[0].ExtendedStatistics["p99"] != 2 || p[0].Unit != types.StandardUnitMilliseconds || !p[0].Timestamp.Equal(noon) {
		t.Errorf("datapoints %+v", p)
	}

	list, err := client.ListMetrics(ctx, &cloudwatch.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: new("StreamName")}}})
	if err != nil {
		t.Fatal(err)
	}
	if m := list.Metrics; len(m) != 1 || *m[0].Namespace != "T" || *m[0].MetricName != "M" || *m[0].Dimensions[0].Value != "s1" {
		t.Errorf("metrics %+v", m)
	}
}

func TestGoClientSeesTypedErrors(t *testing.T) {
	client, logs := clients(t)
	_, err := client.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: new("T"), MetricData: []types.MetricDatum{{MetricName: new("M"), Value: new(1.), Unit: "Furlongs"}}})
	if e, ok := errors.AsType[*types.InvalidParameterValueException](err); !ok || e.ErrorCode() != "InvalidParameterValue" {
		t.Errorf("error %v", err)
	}
	_, err = logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: new("no"), LogStreamName: new("s"), LogEvents: []logtypes.InputLogEvent{{Message: new("m"), Timestamp: new(noon.UnixMilli())}}})
	if _, ok := errors.AsType[*logtypes.ResourceNotFoundException](err); !ok {
		t.Errorf("error %v", err)
	}
	_, err = logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: new("no")})
	if _, ok := errors.AsType[*logtypes.ResourceNotFoundException](err); !ok {
		t.Errorf("error %v", err)
	}
}

func TestGoClientOfLogs(t *testing.T) {
	_, client := clients(t)
	ctx := t.Context()
	group, stream := new("/aws/lambda/f"), new("2026/11/22/[$LATEST]1")
	if _, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}); err != nil {
		t.Fatal(err)
	}
	_, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	if _, exists := errors.AsType[*logtypes.ResourceAlreadyExistsException](err); !exists {
		t.Errorf("creating it again: %v", err)
	}
	if _, err := client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: []logtypes.InputLogEvent{
		{Message: new("START"), Timestamp: new(noon.UnixMilli())},
		{Message: new("REPORT one"), Timestamp: new(noon.UnixMilli() + 1)},
	}}); err != nil {
		t.Fatal(err)
	}

	found, err := client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: new("REPORT")})
	if err != nil {
		t.Fatal(err)
	}
	if e := found.Events; len(e) != 1 || *e[0].Message != "REPORT one" || *e[0].LogStreamName != *stream || *e[0].Timestamp != noon.UnixMilli()+1 || len(*e[0].EventId) != 56 {
		t.Errorf("filtered %+v", e)
	}
	events, err := client.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, StartFromHead: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	if e := events.Events; len(e) != 2 || *e[0].Message != "START" {
		t.Errorf("read %+v", e)
	}
	groups, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: new("/aws/")})
	if err != nil {
		t.Fatal(err)
	}
	// 2 events of 26 bytes, START and REPORT one: 52 + 5 + 10
	if g := groups.LogGroups; len(g) != 1 || *g[0].Arn != "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*" || *g[0].StoredBytes != 67 {
		t.Errorf("groups %+v", g)
	}
	streams, err := client.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupIdentifier: groups.LogGroups[0].LogGroupArn, OrderBy: logtypes.OrderByLastEventTime})
	if err != nil {
		t.Fatal(err)
	}
	if s := streams.LogStreams; len(s) != 1 || *s[0].LogStreamName != *stream || *s[0].LastEventTimestamp != noon.UnixMilli()+1 {
		t.Errorf("streams %+v", s)
	}
}
