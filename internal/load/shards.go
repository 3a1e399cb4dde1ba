package load

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/payload"
	"weir/internal/plan"
)

// listTimeout bounds the look at the stream's shards.
const listTimeout = 30 * time.Second

// resolveKeys are keys that need to know nothing more of the stream: one for
// each shard become explicit hash keys, those at which the open shards begin.
func resolveKeys(ctx context.Context, t Target, access accessKeys, k plan.Keys, env lookup) (plan.Keys, error) {
	spec, err := payload.ParseKeys(k.String())
	if err != nil || !spec.PerShard() {
		return k, err
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	creds, err := t.credentials(ctx, access, env)
	if err != nil {
		return k, err
	}
	options := kinesis.Options{Region: t.Region, Credentials: creds}
	if t.Endpoint != "" {
		options.BaseEndpoint = &t.Endpoint
	}
	starts, err := shardStarts(ctx, kinesis.New(options), t)
	if err != nil {
		return k, fmt.Errorf("find the shards for keys per shard: %w", err)
	}
	return plan.Keys{Spec: "hash:" + strings.Join(starts, ",")}, nil
}

// shardStarts are the first hash keys of the stream's open shards, in order.
func shardStarts(ctx context.Context, c *kinesis.Client, t Target) ([]string, error) {
	in := &kinesis.ListShardsInput{ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}}
	if t.StreamARN != "" {
		in.StreamARN = &t.StreamARN
	} else {
		in.StreamName = &t.Stream
	}
	var starts []*big.Int
	for {
		out, err := c.ListShards(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list shards: %w", err)
		}
		for _, s := range out.Shards {
			if start, ok := new(big.Int).SetString(aws.ToString(s.HashKeyRange.StartingHashKey), 10); ok {
				starts = append(starts, start)
			}
		}
		if out.NextToken == nil {
			break
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
	slices.SortFunc(starts, (*big.Int).Cmp)
	texts := make([]string, len(starts))
	for i, s := range starts {
		texts[i] = s.String()
	}
	return texts, nil
}
