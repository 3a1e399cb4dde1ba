package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/payload"
	"weir/internal/producer"
	"weir/probe/token"
)

// inFlight is how many calls the Go peers have under way.
const inFlight = 32

// forEver calls put in inFlight goroutines until one fails. Each call gets the
// first of its records' sequence numbers.
func forEver(batch int, worker func() (put func(first uint64) error)) error {
	var next atomic.Uint64
	var group sync.WaitGroup
	failed := make(chan error, inFlight)
	for range inFlight {
		put := worker()
		group.Go(func() {
			for {
				if err := put(next.Add(uint64(batch)) - uint64(batch)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	return <-failed
}

// bodies makes records as the generator does: each with a token of its own.
type bodies struct {
	made  *payload.Bodies
	keys  *payload.Keys
	arena []byte
}

func newBodies(size int) (*bodies, error) {
	made, err := payload.NewBodies(size, 1)
	if err != nil {
		return nil, fmt.Errorf("prepare bodies: %w", err)
	}
	spec, err := payload.ParseKeys("10000")
	if err != nil {
		return nil, fmt.Errorf("prepare keys: %w", err)
	}
	return &bodies{made: made, keys: payload.NewKeys(spec, 1)}, nil
}

// next is record i: its data, in memory that reset frees, and its key.
func (b *bodies) next(i uint64, now time.Time) ([]byte, string) {
	key := b.keys.Key(i, nil)
	start := len(b.arena)
	b.arena, _ = b.made.Append(b.arena, i, &token.Token{Run: 1, Seq: i, Lane: key.Lane, Due: now, Sent: now}, key)
	return b.arena[start:len(b.arena):len(b.arena)], key.Partition
}

func (b *bodies) reset() { b.arena = b.arena[:0] }

// loopSDK is the role of a plain Go loop over AWS's SDK.
func loopSDK(batch, size int) error {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	client := kinesis.NewFromConfig(cfg)
	b, err := newBodies(size)
	if err != nil {
		return err
	}
	return forEver(batch, func() func(uint64) error {
		own := &bodies{made: b.made, keys: b.keys}
		return func(first uint64) error { return putSDK(client, own, first, batch) }
	})
}

func putSDK(client *kinesis.Client, b *bodies, first uint64, batch int) error {
	b.reset()
	now := time.Now()
	if batch == 1 {
		data, key := b.next(first, now)
		_, err := client.PutRecord(context.Background(), &kinesis.PutRecordInput{
			StreamName: aws.String("bench"), Data: data, PartitionKey: aws.String(key),
		})
		return err //nolint:wrapcheck // the SDK's errors say what failed
	}
	entries := make([]types.PutRecordsRequestEntry, batch)
	for i := range entries {
		data, key := b.next(first+uint64(i), now)
		entries[i] = types.PutRecordsRequestEntry{Data: data, PartitionKey: aws.String(key)}
	}
	_, err := client.PutRecords(context.Background(), &kinesis.PutRecordsInput{StreamName: aws.String("bench"), Records: entries})
	return err //nolint:wrapcheck // the same
}

// loopProducer is the role of our producer without k6 around it.
func loopProducer(batch, size int) error {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	p, err := producer.New(producer.Config{
		Endpoint: os.Getenv("AWS_ENDPOINT_URL"), Region: cfg.Region, Stream: "bench", Credentials: cfg.Credentials,
		Timeout: 10 * time.Second, MaxConns: inFlight, SinglePut: batch == 1,
	})
	if err != nil {
		return fmt.Errorf("make the producer: %w", err)
	}
	b, err := newBodies(size)
	if err != nil {
		return err
	}
	return forEver(batch, func() func(uint64) error {
		own := &bodies{made: b.made, keys: b.keys}
		records := make([]producer.Record, batch)
		var result producer.Result
		return func(first uint64) error {
			own.reset()
			now := time.Now()
			for i := range records {
				records[i].Data, records[i].PartitionKey = own.next(first+uint64(i), now)
			}
			p.Put(context.Background(), records, &result)
			return result.Err
		}
	})
}
