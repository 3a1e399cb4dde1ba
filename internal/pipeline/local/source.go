package local

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// source is the embedded stream as the embedded mapping reads it: in process,
// under the same read limits as any consumer, and struck by the faults that name
// GetRecords.
type source struct {
	*kinesis.Server
	faults *fault.Schedule

	mu            sync.Mutex
	subscriptions map[subscriber]*kinesis.Subscription // that no Push uses now
}

// subscriber is a consumer and a shard.
type subscriber struct{ consumerARN, shard string }

func newSource(s *kinesis.Server, faults *fault.Schedule) *source {
	return &source{Server: s, faults: faults, subscriptions: map[subscriber]*kinesis.Subscription{}}
}

func (s *source) Shards(streamARN string) ([]lambda.Shard, error) {
	ids, err := s.Server.Shards(streamARN)
	if err != nil {
		return nil, err
	}
	shards := make([]lambda.Shard, len(ids))
	for i, id := range ids {
		shards[i].ID = id
		if shards[i].Parents, err = s.Parents(streamARN, id); err != nil {
			return nil, err
		}
	}
	return shards, nil
}

func (s *source) Position(streamARN, shard string, start lambda.StartingPosition) (uint64, error) {
	return s.Server.Position(streamARN, shard, kinesis.Start{Type: kinesis.StartType(start.Type), Timestamp: start.At})
}

func (s *source) Read(streamARN, shard string, from uint64, limit int) (lambda.Read, error) {
	v := s.faults.Call("", "GetRecords", time.Now())
	// Of a call that failed the mapping has nothing, and polls again.
	nothing := lambda.Read{Next: from, Throttled: true, Latency: v.Wait}
	if refused := v.Error != nil || v.Reset; refused {
		return nothing, nil
	}
	got, err := s.Server.Read(streamARN, shard, from, limit)
	switch {
	case err != nil:
		return lambda.Read{}, err
	case v.DropAnswer:
		return nothing, nil
	}
	r := read(got)
	r.Latency += v.Wait
	return r, nil
}

// Push goes on with the consumer's subscription to the shard, and begins
// another when that is over.
func (s *source) Push(ctx context.Context, consumerARN, shard string, from uint64) (lambda.Read, error) {
	who := subscriber{consumerARN, shard}
	sub, err := s.subscription(who, from)
	if err != nil {
		return lambda.Read{}, err
	}
	got, err := sub.Next(ctx)
	if errors.Is(err, io.EOF) {
		return lambda.Read{Next: from}, nil
	}
	if err != nil && ctx.Err() == nil {
		return lambda.Read{}, err
	}
	if !got.End {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.subscriptions[who] = sub
	}
	if err != nil {
		return lambda.Read{}, err
	}
	return read(got), nil
}

// subscription takes the one there is, if it stands where it should.
func (s *source) subscription(who subscriber, from uint64) (*kinesis.Subscription, error) {
	s.mu.Lock()
	sub := s.subscriptions[who]
	delete(s.subscriptions, who)
	s.mu.Unlock()
	if sub != nil && sub.Position() == from {
		return sub, nil
	}
	return s.Subscribe(who.consumerARN, who.shard, from)
}

// read is a read of the stream in the mapping's types.
func read(got kinesis.Read) lambda.Read {
	r := lambda.Read{
		Records: make([]lambda.Record, len(got.Records)), Next: got.Next, MillisBehind: got.MillisBehind,
		Throttled: got.Throttled, Skipped: got.Skipped, Latency: got.Latency, End: got.End,
	}
	for i, record := range got.Records {
		r.Records[i] = lambda.Record(record)
	}
	for _, child := range got.Children {
		r.Children = append(r.Children, lambda.Shard{ID: child.ID, Parents: child.Parents})
	}
	return r
}
