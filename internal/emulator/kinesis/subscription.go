package kinesis

import (
	"sync"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// Bounds of a subscription's events.
const (
	eventRecords = quota.GetRecordsMaxRecords
	eventBytes   = 1 << 20

	// heartbeat is how long a subscription stays silent; then an event without
	// records tells how far it is. AWS names no figure.
	heartbeat = time.Second
)

// subscription is one SubscribeToShard call: where it is in its shard and when
// the next event is due. Its methods take now and are for one goroutine, but
// for end.
type subscription struct {
	started  time.Time
	position uint64
	rate     timedBucket // 2 MiB a second
	silent   time.Time   // since when no event went out; zero before the first
	held     bool        // a fault keeps the records back

	once  sync.Once
	ended chan struct{} // closed by end
	why   *wire.Error   // set before ended is closed
}

func newSubscription(now time.Time, position uint64, limitFactor float64) *subscription {
	return &subscription{
		started:  now,
		position: position,
		rate:     timedBucket{bucket: newBucket(quota.ShardReadBytesPerSecond, limitFactor)},
		ended:    make(chan struct{}),
	}
}

// settled reports whether another call may take the subscription over.
func (s *subscription) settled(now time.Time) bool {
	return now.Sub(s.started) >= quota.SubscriptionSettleTime
}

func (s *subscription) expired(now time.Time) bool {
	return now.Sub(s.started) >= quota.SubscriptionLifetime
}

// end makes the call fail with why; only the first of several counts.
func (s *subscription) end(why *wire.Error) {
	s.once.Do(func() {
		s.why = why
		close(s.ended)
	})
}

// next reads the event that is due; due is false where it is too early for one.
// More may be due at once.
func (s *subscription) next(now time.Time, sh *shard) (got found, due bool) {
	s.rate.refill(now)
	if !s.rate.has(0) {
		return found{}, false
	}
	limit := eventRecords
	if s.held {
		limit = 0
	}
	got = sh.push(now, s.position, limit, eventBytes)
	if got.records == 0 && !got.End && !s.silent.IsZero() && now.Sub(s.silent) < heartbeat {
		return found{}, false
	}
	s.rate.take(got.size)
	s.position, s.silent = got.Next, now
	return got, true
}

// wait is how long to wait for an event if no record comes before, at most to
// the subscription's end.
func (s *subscription) wait(now time.Time) time.Duration {
	wait := s.silent.Add(heartbeat).Sub(now)
	if s.rate.level < 0 {
		wait = time.Duration(-s.rate.level/s.rate.rate) + 1
	}
	return max(0, min(wait, s.started.Add(quota.SubscriptionLifetime).Sub(now)))
}
