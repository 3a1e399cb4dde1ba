package account

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"weir/internal/stack"
)

// usagePeriod keeps the points of 15 days within one answer.
const usagePeriod = time.Hour

// Traffic is what went through the pipeline since from, by CloudWatch's hours.
func (a *Account) Traffic(ctx context.Context, n stack.Names, from, to time.Time) (stack.Traffic, error) {
	var t stack.Traffic
	sums := []struct {
		id, namespace, metric, dimension, value string
		into                                    *float64
	}{
		{"records", "AWS/Kinesis", "IncomingRecords", "StreamName", n.Stream, &t.Records},
		{"bytes", "AWS/Kinesis", "IncomingBytes", "StreamName", n.Stream, &t.Bytes},
		{"invocations", "AWS/Lambda", "Invocations", "FunctionName", n.Function, &t.Invocations},
		{"billed", "AWS/Lambda", "Duration", "FunctionName", n.Function, &t.Billed},
	}
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from.Truncate(usagePeriod)), EndTime: aws.Time(to.Add(usagePeriod))}
	for _, s := range sums {
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: &s.id, MetricStat: &types.MetricStat{
			Period: aws.Int32(int32(usagePeriod.Seconds())), Stat: aws.String("Sum"),
			Metric: &types.Metric{Namespace: &s.namespace, MetricName: &s.metric, Dimensions: []types.Dimension{{Name: &s.dimension, Value: &s.value}}},
		}})
	}
	out, err := a.metrics.GetMetricData(ctx, in)
	if err != nil {
		return t, fmt.Errorf("read what went through %s: %w", n.Stream, err)
	}
	for _, r := range out.MetricDataResults {
		for _, s := range sums {
			if aws.ToString(r.Id) == s.id {
				for _, v := range r.Values {
					*s.into += v
				}
			}
		}
	}
	return t, nil
}

// DeadLetters is how many documents wait in the queue, about.
func (a *Account) DeadLetters(ctx context.Context, url string) (int, error) {
	out, err := a.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages},
	})
	if err != nil {
		return 0, fmt.Errorf("count the dead letters: %w", err)
	}
	return strconv.Atoi(out.Attributes[string(sqstypes.QueueAttributeNameApproximateNumberOfMessages)])
}

// Shards is how many the stream has.
func (a *Account) Shards(ctx context.Context, name string) (int, error) {
	out, err := a.kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
	if err != nil {
		return 0, fmt.Errorf("count the shards of %s: %w", name, err)
	}
	return int(aws.ToInt32(out.StreamDescriptionSummary.OpenShardCount)), nil
}
