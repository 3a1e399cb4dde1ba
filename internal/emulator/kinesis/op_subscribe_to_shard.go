package kinesis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// subscribeTime is how long a subscription takes to begin; AWS's takes longer.
// An answer within microseconds breaks clients: AWS's for Go closes the
// request's body once the answer begins, and net/http drops the connection
// where it was still at that body's end.
const subscribeTime = 10 * time.Millisecond

type subscribeRequest struct {
	ConsumerARN      *string
	ShardID          *string `json:"ShardId"`
	DryRun           *bool
	StartingPosition *struct {
		Type           *string
		SequenceNumber *string
		Timestamp      *wire.Timestamp
	}
}

func (r *subscribeRequest) check(v *validation) {
	v.needs("consumerARN", r.ConsumerARN, consumerPattern, 1, quota.MaxARNChars)
	v.needs("shardId", r.ShardID, namePattern, 1, 128)
	if r.StartingPosition == nil {
		v.required("startingPosition")
		return
	}
	v.needsChoice("startingPosition.type", r.StartingPosition.Type,
		string(AfterSequenceNumber), string(Latest), string(AtTimestamp), string(AtSequenceNumber), string(TrimHorizon))
	v.text("startingPosition.sequenceNumber", r.StartingPosition.SequenceNumber, sequencePattern, 0, 0)
}

// start is the place asked for, by the same rules as an iterator's.
func (r *subscribeRequest) start() (Start, error) {
	p := r.StartingPosition
	return (&getShardIteratorRequest{ShardIteratorType: p.Type, StartingSequenceNumber: p.SequenceNumber, Timestamp: p.Timestamp}).start()
}

// subscribed is an established subscription.
type subscribed struct {
	*subscription
	stream *stream
	shard  *shard
	series *consumerSeries
}

// subscribeToShard answers SubscribeToShard.
func (s *Server) subscribeToShard(c *call) (any, error) {
	var in subscribeRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	start, err := in.start()
	if err != nil {
		return nil, err
	}
	st, sh, err := s.findShard(nameOf(*in.ConsumerARN), *in.ShardID, c.start)
	if err != nil {
		return nil, err
	}
	position, err := s.locate(st, sh, start, c.start)
	if err != nil {
		return nil, err
	}
	dryRun := in.DryRun != nil && *in.DryRun
	sub, err := s.subscribe(*in.ConsumerARN, subscribed{newSubscription(c.start, position, s.cfg.ShardLimitFactor), st, sh, nil}, dryRun)
	if err != nil {
		return nil, err
	}
	if err := pause(c.ctx, subscribeTime); err != nil {
		return nil, err
	}
	return streaming(func(w http.ResponseWriter, r *http.Request) { s.push(w, r, sub) }), nil
}

// subscribe makes sub the consumer's.
func (s *Server) subscribe(consumerARN string, sub subscribed, dryRun bool) (subscribed, error) {
	err := s.withConsumer(consumerRef{ConsumerARN: &consumerARN}, sub.started, func(_ *stream, of *consumer) error {
		sub.series = of.series
		if dryRun {
			return &wire.Error{Code: "DryRunOperationException", Message: "Request would have succeeded, but the DryRun flag is set."}
		}
		return s.takeOver(sub.stream, of, sub)
	})
	return sub, err
}

// takeOver makes sub the consumer's subscription to its shard; st.mu is held.
func (s *Server) takeOver(st *stream, of *consumer, sub subscribed) error {
	now, id := sub.started, sub.shard.id
	inUse := &wire.Error{
		Code:    "ResourceInUseException",
		Message: "Another active subscription exists for this consumer: " + s.cfg.AccountID + ":" + st.name + ":" + of.name + ":" + id,
	}
	if of.status(now) != statusActive {
		return &wire.Error{Code: "ResourceInUseException", Message: "Consumer " + of.arn + " is not ACTIVE, instead in state " + of.status(now)}
	}
	if last := of.subscribed[id]; last != nil {
		if !last.settled(now) {
			of.series.rateExceeded.add(now, 1)
			of.series.success.add(now, 0)
			return inUse
		}
		last.end(inUse)
	}
	of.subscribed[id] = sub.subscription
	of.series.rateExceeded.add(now, 0)
	of.series.success.add(now, 1)
	return nil
}

// push sends a subscription's events until it, its shard or the client ends. A
// connection that fails is the client's loss.
func (s *Server) push(w http.ResponseWriter, r *http.Request, sub subscribed) {
	events, err := wire.StartEvents(w, r, encode(r, []byte("{}")))
	for err == nil {
		got, ended := s.await(r.Context(), sub)
		if why, ok := errors.AsType[*wire.Error](ended); ok {
			_ = events.Exception(why.Code, encode(r, errorBody(why)))
		}
		if ended != nil {
			return
		}
		err = events.Event("SubscribeToShardEvent", encode(r, renderEvent(&got, s.cfg.Now())))
		if got.End {
			return
		}
	}
}

// await waits for the subscription's next event. The error is io.EOF when its
// time is over, ctx's, or a *wire.Error that says what ended it.
func (s *Server) await(ctx context.Context, sub subscribed) (found, error) {
	for {
		now := s.cfg.Now()
		if sub.expired(now) {
			return found{}, io.EOF
		}
		grows := sub.shard.grows() // asked before reading, so that no record is missed
		if st, _, gone := s.findShard(sub.stream.name, sub.shard.id, now); gone != nil || st != sub.stream {
			sub.end(s.shardNotFound(sub.stream.name, sub.shard.id))
		}
		sub.stream.expire(sub.shard, now)
		sub.held = s.faults.held(sub.shard.id, now)
		if got, due := sub.next(now, sub.shard); due {
			sub.series.event(now, &got)
			return got, nil
		}
		if sub.rate.level < 0 {
			grows = nil // another record would only be owed too
		}
		select {
		case <-grows:
		case <-time.After(sub.wait(now)):
		case <-ctx.Done():
			return found{}, ctx.Err()
		case <-sub.ended:
			return found{}, sub.why
		}
	}
}

// renderEvent is an event's JSON; at a shard's end there is no sequence number
// to go on from.
func renderEvent(got *found, now time.Time) []byte {
	dst := []byte{'{'}
	if !got.End {
		arrival := now.UnixMilli()
		if n := len(got.entries); n > 0 {
			arrival = got.entries[n-1].arrival
		}
		dst = append(dst, `"ContinuationSequenceNumber":"`...)
		dst = got.sequence.append(dst, got.Next-1, arrival)
		dst = append(dst, `",`...)
	}
	dst = slices.Grow(got.appendHead(dst), got.recordsLength()+len(recordsTail))
	whole := func(dst []byte) []byte { return dst }
	return append(got.appendRecords(dst, whole), recordsTail...)
}
