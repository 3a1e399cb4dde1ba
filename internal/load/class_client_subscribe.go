package load

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// pushed is what a subscription brought.
type pushed struct {
	Events []types.SubscribeToShardEvent
}

// subscribeToShard is enhanced fan-out as a call that ends: it gives the events
// that a consumer was pushed within Duration, a parameter of ours ('5s' by
// default; the service ends a subscription after five minutes). The last
// event's ContinuationSequenceNumber says where the next call goes on.
func subscribeToShard(ctx context.Context, api *kinesis.Client, params []byte) (any, error) {
	in := struct {
		kinesis.SubscribeToShardInput
		Duration string
	}{Duration: "5s"}
	if err := decodeParameters(params, &in); err != nil {
		return nil, err
	}
	lasts, err := time.ParseDuration(in.Duration)
	if err != nil {
		return nil, fmt.Errorf("%q as Duration: write for example '10s'", in.Duration)
	}
	out, err := api.SubscribeToShard(ctx, &in.SubscribeToShardInput)
	if err != nil {
		return nil, err
	}
	stream := out.GetStream()
	defer stream.Close() //nolint:errcheck // what it brought was read
	end := time.NewTimer(lasts)
	defer end.Stop()
	for got := (pushed{}); ; {
		select {
		case e, open := <-stream.Events():
			if !open {
				return got, stream.Err()
			}
			if event, ok := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok {
				got.Events = append(got.Events, event.Value)
			}
		case <-end.C:
			return got, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
