package inspect

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/doctor"
	"weir/internal/quota"
	"weir/internal/stack"
)

func (r *reader) readStream(ctx context.Context) {
	name := r.Address.Stream
	got, err := r.clients.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
	if !r.noted("kinesis:DescribeStreamSummary", "stream "+name, err) {
		return
	}
	d := got.StreamDescriptionSummary
	r.stream = aws.ToString(d.StreamARN)
	s := &doctor.Stream{
		Name: name, Status: string(d.StreamStatus), Shards: int(aws.ToInt32(d.OpenShardCount)),
		RetentionHours: int(aws.ToInt32(d.RetentionPeriodHours)), MaxRecordBytes: quota.DefaultMaxRecordBytes,
		Encryption: string(d.EncryptionType), Key: aws.ToString(d.KeyId),
		FanOut: int(aws.ToInt32(d.ConsumerCount)), ShardMetrics: []string{},
	}
	s.OnDemand = d.StreamModeDetails != nil && d.StreamModeDetails.StreamMode == types.StreamModeOnDemand
	if d.MaxRecordSizeInKiB != nil {
		s.MaxRecordBytes = int(*d.MaxRecordSizeInKiB) << 10
	}
	for _, m := range d.EnhancedMonitoring {
		for _, metric := range m.ShardLevelMetrics {
			s.ShardMetrics = append(s.ShardMetrics, string(metric))
		}
	}
	s.Overdue = r.overdue(ctx, name)
	r.facts.Stream = s
	_, err = r.clients.Kinesis.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &name, MaxResults: aws.Int32(1)})
	r.noted("kinesis:ListShards", "shards of stream "+name, err)
}

// overdue is for how long a stream of weir env's should have been gone, by its
// tag. Whose tags can't be read is not nagged.
func (r *reader) overdue(ctx context.Context, name string) time.Duration {
	got, err := r.clients.Kinesis.ListTagsForStream(ctx, &kinesis.ListTagsForStreamInput{StreamName: &name})
	if err != nil {
		return 0
	}
	tags := map[string]string{}
	for _, t := range got.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	until, known := stack.State{Tags: tags}.Expires()
	if !known {
		return 0
	}
	return max(0, r.Now.Sub(until))
}
