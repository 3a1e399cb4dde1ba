package observe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/pipeline"
)

// readBackPause keeps one reader well inside a shard's five GetRecords calls a
// second, which the mapping shares.
const readBackPause = 300 * time.Millisecond

// StreamRecord is one record as the stream holds it.
type StreamRecord struct {
	Shard          string
	SequenceNumber string
	Arrival        time.Time
	Data           []byte
}

// ReadBack reads every shard from the given moment to its tip and calls f with
// each record, one at a time. What retention took before can't be seen by it.
func ReadBack(ctx context.Context, a pipeline.Address, from time.Time, f func(StreamRecord)) error {
	client := a.Clients().Kinesis
	shards, err := listShards(ctx, client, a.Stream)
	if err != nil {
		return err
	}
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		errs []error
	)
	limit := make(chan struct{}, 16) // shards read at once
	for _, shard := range shards {
		wg.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			err := readShard(ctx, client, a.Stream, shard, from, func(r StreamRecord) {
				mu.Lock()
				defer mu.Unlock()
				f(r)
			})
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func listShards(ctx context.Context, client *kinesis.Client, stream string) ([]string, error) {
	var ids []string
	for input := (&kinesis.ListShardsInput{StreamName: &stream}); ; {
		page, err := client.ListShards(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("list the shards of %s: %w", stream, err)
		}
		for _, s := range page.Shards {
			ids = append(ids, aws.ToString(s.ShardId))
		}
		if page.NextToken == nil {
			return ids, nil
		}
		input = &kinesis.ListShardsInput{NextToken: page.NextToken}
	}
}

func readShard(ctx context.Context, client *kinesis.Client, stream, shard string, from time.Time, f func(StreamRecord)) error {
	got, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: &stream, ShardId: &shard,
		ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: &from,
	})
	if err != nil {
		return fmt.Errorf("get an iterator of %s: %w", shard, err)
	}
	for next := got.ShardIterator; next != nil; {
		page, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: next})
		if busy := (*types.ProvisionedThroughputExceededException)(nil); errors.As(err, &busy) {
			if err := pause(ctx, time.Second); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("read %s back: %w", shard, err)
		}
		for _, r := range page.Records {
			f(StreamRecord{
				Shard: shard, SequenceNumber: aws.ToString(r.SequenceNumber),
				Arrival: aws.ToTime(r.ApproximateArrivalTimestamp), Data: r.Data,
			})
		}
		if len(page.Records) == 0 && aws.ToInt64(page.MillisBehindLatest) == 0 {
			return nil
		}
		next = page.NextShardIterator
		if err := pause(ctx, readBackPause); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
