package cloudwatch

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// A group of two streams, an event a day for five days in each: what a deletion
// and a retention of three days leave. An event has 26 bytes and its message's 1.
func TestDeletionAndRetention(t *testing.T) {
	clock := new(noon)
	server, _, logs := newTestServer(func() time.Time { return *clock })
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	client := cloudwatchlogs.NewFromConfig(configFor(listener.URL))
	ctx, group := t.Context(), aws.String("g")
	for day := range 5 {
		at := noon.AddDate(0, 0, day-4)
		logs.Append("g", "a", at, "m")
		logs.Append("g", "b", at, "m")
	}
	expect := func(when string, events int, bytes int64) {
		t.Helper()
		found, err := client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group})
		if err != nil || len(found.Events) != events {
			t.Errorf("%s: %d events, %v; want %d", when, len(found.Events), err, events)
		}
		groups, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
		if err != nil || len(groups.LogGroups) != 1 || *groups.LogGroups[0].StoredBytes != bytes {
			t.Errorf("%s: %v, %+v; want %d bytes", when, err, groups, bytes)
		}
	}
	expect("at first", 10, 10*27)
	if _, err := client.DeleteLogStream(ctx, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: group, LogStreamName: aws.String("a")}); err != nil {
		t.Fatal(err)
	}
	expect("without a stream", 5, 5*27)
	_, err := client.DeleteLogStream(ctx, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: group, LogStreamName: aws.String("a")})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); !gone {
		t.Errorf("deleting it again: %v", err)
	}
	_, err = client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(2)})
	if _, invalid := errors.AsType[*types.InvalidParameterException](err); !invalid {
		t.Errorf("a retention of two days: %v", err)
	}
	if _, err := client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(3)}); err != nil {
		t.Fatal(err)
	}
	expect("of three days", 4, 4*27) // of 3, 2, 1 and 0 days ago
	*clock = noon.AddDate(0, 0, 2)
	expect("two days later", 2, 2*27)
	put, err := client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: aws.String("b"), LogEvents: []types.InputLogEvent{
		{Message: aws.String("m"), Timestamp: aws.Int64(clock.AddDate(0, 0, -4).UnixMilli())},
	}})
	if err != nil || put.RejectedLogEventsInfo == nil || *put.RejectedLogEventsInfo.TooOldLogEventEndIndex != 1 {
		t.Errorf("an event past the retention: %v, %+v", err, put)
	}
	if _, err := client.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: group}); err != nil {
		t.Error(err)
	}
	*clock = noon.AddDate(1, 0, 0)
	expect("for good", 2, 2*27)
	if _, err := client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group}); err != nil {
		t.Error(err)
	}
	_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); !gone {
		t.Errorf("deleting the group again: %v", err)
	}
}
