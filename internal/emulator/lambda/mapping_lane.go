package lambda

import (
	"cmp"
	"slices"
	"time"
)

// lane is one of a shard's concurrent batches: the records of some partition
// keys, delivered in order, one batch at a time.
//
//	queue ──cut──► pending[0] ──invoke──► in flight ──┬─ success ───────► gone
//	                   ▲                              ├─ retries left ──► pending[0], after a backoff
//	                   └──── halves, or the rest ─────┴─ else ──────────► discarded
type lane struct {
	shard       *shard
	index       int
	queue       []Group // read, in no batch yet
	queued      int     // records in queue
	queuedBytes int
	pending     []batch // cut and unfinished, first first; the queue is cut only when it is empty
	inFlight    bool    // pending[0] is
	notBefore   time.Duration
	window      tumbling
	parted      []Group       // memory of the last batch that ends within a group
	windowFrom  time.Duration // when the queue's oldest record came or the last invocation ended, the later
}

// batch is a run of records that is delivered, and retried, as one.
type batch struct {
	groups     []Group
	deliveries int  // invocations made, but for throttled ones
	failures   int  // of them function errors that count against MaximumRetryAttempts
	backoffs   int  // waits in a row, of one kind
	last       any  // Item of the last outcome
	final      bool // no records: the end of a tumbling window
}

// add takes over groups, read at now.
func (l *lane) add(now time.Duration, groups []Group) {
	for i := range groups {
		l.queued += groups[i].Count
		l.queuedBytes += groups[i].Bytes
	}
	if len(l.queue) == 0 {
		l.queue, l.windowFrom = slices.Clip(groups), now
		return
	}
	l.queue = append(l.queue, groups...)
}

// step starts the lane's next invocation if it is due, else says when it is.
func (l *lane) step(now time.Duration) time.Duration {
	for !l.inFlight {
		if len(l.pending) == 0 {
			if at := l.draw(now); at > now {
				return at
			}
		}
		if now < l.notBefore {
			return l.notBefore
		}
		if !l.expire(now) {
			continue
		}
		l.inFlight = true
		l.pending[0].deliveries++
		l.shard.m.invoke(l, &l.pending[0])
	}
	return Never
}

// draw makes the lane's next batch, or says when there is one.
func (l *lane) draw(now time.Duration) time.Duration {
	if l.windowEnds() {
		l.pending = append(l.pending, batch{final: true})
		return now
	}
	at := l.readyAt()
	if at <= now {
		l.openWindow()
		l.pending = append(l.pending, batch{groups: l.cut()})
	}
	return at
}

// readyAt is when the queue may be cut: at once when it fills a batch or an
// event or ends a tumbling window, else at the end of the batching window.
func (l *lane) readyAt() time.Duration {
	switch {
	case l.queued == 0:
		return Never
	case l.queued >= l.shard.m.opt.BatchSize || l.queuedBytes > l.eventSpace() || l.windowComplete():
		return 0
	default:
		return l.windowFrom + l.shard.m.opt.Window
	}
}

// cut takes the next batch off the queue: up to the batch size and the event
// cap, and at least one record, so that one too large for an event is tried alone.
func (l *lane) cut() []Group {
	room, space := l.shard.m.opt.BatchSize, l.eventSpace()
	n, end := 0, l.inWindow()
	for n < end && l.queue[n].Count <= room && l.queue[n].Bytes <= space {
		room -= l.queue[n].Count
		space -= l.queue[n].Bytes
		n++
	}
	groups := l.queue[:n:n]
	if n < end {
		g := l.queue[n]
		part := min(room, g.Count*space/max(g.Bytes, 1))
		if n == 0 {
			part = max(part, 1)
		}
		switch {
		case part >= g.Count:
			groups, n = l.queue[:n+1:n+1], n+1
		case part > 0:
			var head Group
			head, l.queue[n] = g.split(part)
			l.parted = append(append(l.parted[:0], groups...), head) // the batch before is done with
			groups = l.parted
		}
	}
	l.queue = l.queue[n:]
	for i := range groups {
		l.queued -= groups[i].Count
		l.queuedBytes -= groups[i].Bytes
	}
	return groups
}

// expire discards the records at the head of pending[0] that are older than
// the maximum age. It reports false when that was all of them.
func (l *lane) expire(now time.Duration) bool {
	age := l.shard.m.opt.RecordAge
	if age <= 0 {
		return true
	}
	b := &l.pending[0]
	n := 0
	for n < len(b.groups) && now-b.groups[n].LastArrival > age {
		n++
	}
	if n == 0 {
		return true
	}
	l.shard.m.discard(l, AgeExceeded, b, b.groups[:n])
	b.groups = b.groups[n:]
	if len(b.groups) > 0 {
		return true
	}
	l.done()
	return false
}

// finish takes the outcome of the lane's invocation.
func (l *lane) finish(now time.Duration, o Outcome) {
	l.inFlight = false
	l.windowFrom = now
	b := &l.pending[0]
	if o.Result == Throttled {
		b.deliveries--
		l.retryLater(now, l.shard.m.opt.ThrottleBackoff)
		return
	}
	l.shard.m.events.Invoked += count(b.groups)
	b.last = o.Item
	switch o.Result {
	case Succeeded:
		l.keepState(o)
		l.done()
	case Failed:
		l.shard.m.events.FailedInvoke += count(b.groups)
		l.fail(now)
	case PartialFailed:
		l.keepState(o)
		l.failFrom(now, o.From)
	}
}

// failFrom goes on from the record that was named. Where that is not the first
// of the batch, the rest is a batch of its own with all its retries: Lambda was
// recorded to deliver such a rest 1 + MaximumRetryAttempts times, and to count
// only these in the on-failure document.
func (l *lane) failFrom(now time.Duration, from uint64) {
	b := &l.pending[0]
	if done, rest := splitAt(b.groups, from); len(done) > 0 {
		l.shard.m.events.FailedInvoke += count(rest)
		*b = batch{groups: rest, last: b.last}
		l.retryLater(now, l.shard.m.opt.ErrorBackoff)
		return
	}
	l.shard.m.events.FailedInvoke += count(b.groups)
	b.failures++
	l.retryOrDiscard(now)
}

// fail halves the batch where that is asked for, which does not count as a
// retry, and else counts one.
func (l *lane) fail(now time.Duration) {
	b := &l.pending[0]
	if n := count(b.groups); l.shard.m.opt.Bisect && n > 1 {
		head, tail := splitGroups(b.groups, n/2)
		second := batch{groups: tail, deliveries: b.deliveries, failures: b.failures, last: b.last}
		b.groups = head
		l.pending = slices.Insert(l.pending, 1, second)
		l.retryLater(now, l.shard.m.opt.ErrorBackoff)
		return
	}
	b.failures++
	l.retryOrDiscard(now)
}

func (l *lane) retryOrDiscard(now time.Duration) {
	b := &l.pending[0]
	if limit := l.shard.m.opt.RetryAttempts; limit >= 0 && b.failures > limit {
		if !b.final {
			l.shard.m.discard(l, RetriesExhausted, b, b.groups)
		}
		l.done()
		return
	}
	l.retryLater(now, l.shard.m.opt.ErrorBackoff)
}

// retryLater holds the lane back for a wait that doubles with each in a row.
func (l *lane) retryLater(now, first time.Duration) {
	b := &l.pending[0]
	wait := min(first<<min(b.backoffs, 20), cmp.Or(l.shard.m.opt.MaxBackoff, DefaultMaxBackoff))
	b.backoffs++
	l.notBefore = now + wait
}

// first is the lowest position the lane has not done with.
func (l *lane) first() (uint64, bool) {
	if len(l.pending) > 0 && !l.pending[0].final {
		return l.pending[0].groups[0].First, true
	}
	if len(l.queue) > 0 {
		return l.queue[0].First, true
	}
	return 0, false
}
