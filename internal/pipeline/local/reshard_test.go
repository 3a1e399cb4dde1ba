package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/emulator/lambda"
	"weir/internal/pipeline"
)

// order is a function that remembers the numbers of each key in the order in
// which they were first processed.
type order struct {
	mu      sync.Mutex
	last    map[string]int
	total   int
	failing *rand.Rand // fails every seventh batch; nil: none
	wrong   []string
}

func (o *order) handle(_ context.Context, inv lambda.Invocation) ([]byte, []string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failing != nil && o.failing.IntN(7) == 0 {
		return nil, nil, errors.New("unlucky")
	}
	for _, r := range inv.Records {
		n, err := strconv.Atoi(string(r.Data))
		if err != nil {
			return nil, nil, fmt.Errorf("read record: %w", err)
		}
		if want := o.last[r.PartitionKey] + 1; n != want {
			o.wrong = append(o.wrong, fmt.Sprintf("%s of key %s: %d instead of %d", inv.Shard, r.PartitionKey, n, want))
		}
		o.last[r.PartitionKey] = n
		o.total++
	}
	return nil, nil, nil
}

func (o *order) processed() (int, []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.total, o.wrong
}

const orderKeys = 64

// putInOrder puts each key's next number, rounds times.
func putInOrder(t *testing.T, client *kinesis.Client, stream *string, from, rounds int) {
	t.Helper()
	for round := range rounds {
		var entries []types.PutRecordsRequestEntry
		for key := range orderKeys {
			entries = append(entries, types.PutRecordsRequestEntry{
				PartitionKey: aws.String(fmt.Sprint("key", key)), Data: []byte(strconv.Itoa(from + round + 1)),
			})
		}
		got, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: stream, Records: entries})
		if err != nil || aws.ToInt32(got.FailedRecordCount) != 0 {
			t.Fatalf("PutRecords: %v, %+v", err, got)
		}
	}
}

// A running mapping follows a split, a merge and UpdateShardCount: nothing is
// lost or comes twice, and each key keeps its order, also where batches fail
// and where one shard has several at once.
func TestMappingFollowsReshards(t *testing.T) {
	for name, config := range map[string]lambda.MappingConfig{
		"one lane":         {},
		"four lanes":       {Parallelization: 4},
		"enhanced fan-out": {StreamARN: "consumer"},
	} {
		t.Run(name, func(t *testing.T) {
			o := &order{last: map[string]int{}, failing: rand.New(rand.NewPCG(1, 2))}
			p := begin(t, func(o *Options) { o.Shards, o.ShardLimitFactor = 2, 100 })
			if err := p.lambda.CreateFunction(lambda.FunctionConfig{Name: "order", InProcess: o.handle}); err != nil {
				t.Fatal(err)
			}
			if config.Function = "order"; config.StreamARN == "" {
				config.StreamARN = p.kinesis.StreamARN("weir")
			} else {
				config.StreamARN = consumerARN(t, p)
			}
			config.Start = lambda.StartingPosition{Type: lambda.TrimHorizon}
			if _, err := p.lambda.CreateMapping(config); err != nil {
				t.Fatal(err)
			}
			stream, client := aws.String("weir"), onceOnly(p.Address()).Clients().Kinesis
			const rounds = 20
			for i, reshard := range reshards {
				putInOrder(t, client, stream, i*rounds, rounds)
				reshard(t, client, stream)
			}
			putInOrder(t, client, stream, len(reshards)*rounds, rounds)
			want := orderKeys * rounds * (len(reshards) + 1)
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
				got, wrong := o.processed()
				if len(wrong) > 0 {
					t.Fatalf("%d out of order, the first: %s", len(wrong), wrong[0])
				}
				if got == want {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d of %d records processed", got, want)
				}
			}
		})
	}
}

// onceOnly is the address for clients that put each batch once. The SDK closes
// a request's body when the head of the answer is there; where the transport
// has not yet seen that the body has ended, it takes the end for an error
// (smithy-go's safeWriteToReadCloser), drops the connection with the answer, and
// the SDK puts the batch again.
func onceOnly(a pipeline.Address) pipeline.Address {
	a.Config.HTTPClient = &http.Client{Transport: ownBody{http.DefaultTransport}}
	return a
}

type ownBody struct{ http.RoundTripper }

func (o ownBody) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return o.RoundTripper.RoundTrip(r)
}

// consumerARN is that of a new consumer of the pipeline's stream.
func consumerARN(t *testing.T, p *Pipeline) string {
	t.Helper()
	got, err := p.Address().Clients().Kinesis.RegisterStreamConsumer(t.Context(), &kinesis.RegisterStreamConsumerInput{
		StreamARN: aws.String(p.kinesis.StreamARN("weir")), ConsumerName: aws.String("fan"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(got.Consumer.ConsumerARN)
}

// reshards are done one after the other, without a pause in the load.
var reshards = []func(*testing.T, *kinesis.Client, *string){
	func(t *testing.T, c *kinesis.Client, stream *string) { // 0, 1 → 0, 2, 3
		_, err := c.SplitShard(t.Context(), &kinesis.SplitShardInput{
			StreamName: stream, ShardToSplit: aws.String("shardId-000000000001"),
			NewStartingHashKey: aws.String("255211775190703847597530955573826158592"), // 3·2^126: the middle of shard 1
		})
		if err != nil {
			t.Fatal(err)
		}
	},
	func(t *testing.T, c *kinesis.Client, stream *string) { // 0, 2, 3 → 4, 3
		_, err := c.MergeShards(t.Context(), &kinesis.MergeShardsInput{
			StreamName: stream, ShardToMerge: aws.String("shardId-000000000000"), AdjacentShardToMerge: aws.String("shardId-000000000002"),
		})
		if err != nil {
			t.Fatal(err)
		}
	},
	func(t *testing.T, c *kinesis.Client, stream *string) { // 2 shards → 4
		_, err := c.UpdateShardCount(t.Context(), &kinesis.UpdateShardCountInput{
			StreamName: stream, TargetShardCount: aws.Int32(4), ScalingType: types.ScalingTypeUniformScaling,
		})
		if err != nil {
			t.Fatal(err)
		}
	},
}
