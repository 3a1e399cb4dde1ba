package kinesis

import (
	"context"
	"fmt"
)

// Subscription is a SubscribeToShard call from Go. Next is for one goroutine at
// a time.
type Subscription struct {
	server *Server
	of     subscribed
}

// Subscribe begins a registered consumer's subscription to a shard at a
// position. Within five seconds of the last one it is a ResourceInUseException;
// later it takes that over.
func (s *Server) Subscribe(consumerARN, shard string, from uint64) (*Subscription, error) {
	now := s.cfg.Now()
	st, sh, err := s.findShard(nameOf(consumerARN), shard, now)
	if err != nil {
		return nil, fmt.Errorf("subscribe to shard: %w", err)
	}
	sub, err := s.subscribe(consumerARN, subscribed{newSubscription(now, from, s.cfg.ShardLimitFactor), st, sh, nil}, false)
	if err != nil {
		return nil, fmt.Errorf("subscribe to shard: %w", err)
	}
	return &Subscription{s, sub}, nil
}

// Position is where the next event begins.
func (sub *Subscription) Position() uint64 { return sub.of.position }

// Next waits for the next event, which has no records when there was none for a
// second. The error is io.EOF when the subscription's five minutes are over and
// ctx's when that ends; others end the subscription too.
func (sub *Subscription) Next(ctx context.Context) (Read, error) {
	got, err := sub.server.await(ctx, sub.of)
	if err != nil {
		return Read{}, fmt.Errorf("await event: %w", err)
	}
	got.Latency = sub.server.sample(sub.server.cfg.PushLatency)
	return got.read(), nil
}
