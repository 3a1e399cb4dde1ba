// Command feed makes the stream STREAM of two shards, if there is none, and puts RECORDS records
// "KEY NUMBER" into it, a third at a time. With "reshard" as its argument it
// splits the shards after the first third and merges them after the second. A
// key's numbers rise from 1.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const keys = 50

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := feed(ctx); err != nil {
		log.Fatal(err)
	}
}

func feed(ctx context.Context) error {
	records, err := strconv.Atoi(os.Getenv("RECORDS"))
	if err != nil {
		return fmt.Errorf("read RECORDS: %w", err)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load configuration: %w", err)
	}
	f := feeder{kinesis.NewFromConfig(cfg), aws.String(os.Getenv("STREAM"))}
	_, err = f.client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: f.stream, ShardCount: aws.Int32(2)})
	if _, there := errors.AsType[*types.ResourceInUseException](err); err != nil && !there {
		return fmt.Errorf("create stream: %w", err)
	}
	if err := f.active(ctx); err != nil {
		return err
	}
	first, second := records/3, 2*records/3
	if err := f.put(ctx, 0, first); err != nil {
		return err
	}
	reshards := len(os.Args) > 1 && os.Args[1] == "reshard"
	if reshards {
		if err := f.reshard(ctx, 4); err != nil {
			return err
		}
	}
	if err := f.put(ctx, first, second); err != nil {
		return err
	}
	if reshards {
		if err := f.reshard(ctx, 2); err != nil {
			return err
		}
	}
	return f.put(ctx, second, records)
}

type feeder struct {
	client *kinesis.Client
	stream *string
}

// put puts the records from one number to another.
func (f feeder) put(ctx context.Context, from, to int) error {
	for ; from < to; from += keys {
		var entries []types.PutRecordsRequestEntry
		for i := from; i < min(from+keys, to); i++ {
			key := fmt.Sprint("key-", i%keys)
			entries = append(entries, types.PutRecordsRequestEntry{
				PartitionKey: &key, Data: fmt.Appendf(nil, "%s %d", key, i/keys+1),
			})
		}
		out, err := f.client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: f.stream, Records: entries})
		if err != nil {
			return fmt.Errorf("put records: %w", err)
		}
		if n := aws.ToInt32(out.FailedRecordCount); n > 0 {
			return fmt.Errorf("put records: %d were refused", n)
		}
	}
	return nil
}

// reshard gives the stream so many shards, and waits for it.
func (f feeder) reshard(ctx context.Context, shards int) error {
	_, err := f.client.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
		StreamName: f.stream, TargetShardCount: aws.Int32(int32(shards)), ScalingType: types.ScalingTypeUniformScaling,
	})
	if err != nil {
		return fmt.Errorf("reshard: %w", err)
	}
	return f.active(ctx)
}

func (f feeder) active(ctx context.Context) error {
	if err := kinesis.NewStreamExistsWaiter(f.client).Wait(ctx, &kinesis.DescribeStreamInput{StreamName: f.stream}, time.Minute); err != nil {
		return fmt.Errorf("wait for the stream: %w", err)
	}
	return nil
}
