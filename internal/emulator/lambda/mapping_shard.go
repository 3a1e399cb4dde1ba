package lambda

import (
	"cmp"
	"slices"
	"time"

	"weir/internal/quota"
)

// shard is the mapping's side of one shard: when to poll it, and its lanes.
type shard struct {
	m         *Mapping
	id        string
	index     int
	from      uint64 // next position to read
	lanes     []lane
	reading   bool
	polledAt  time.Duration
	drainedAt time.Duration // the last poll that left nothing unread
	nextPoll  time.Duration
	wake      time.Duration
	heapIndex int

	waitsFor int  // parents that are not done
	closed   bool // and read to its end
	done     bool // closed, and all of its batches ended
}

// makeLanes gives the shard new lanes, without records.
func (s *shard) makeLanes() {
	s.lanes = make([]lane, s.m.opt.Parallelization)
	for i := range s.lanes {
		s.lanes[i] = lane{shard: s, index: i}
	}
}

// relane deals the records that are not done with to new lanes, in order.
func (s *shard) relane(now time.Duration) {
	var left []Group
	for i := range s.lanes {
		for _, b := range s.lanes[i].pending {
			left = append(left, b.groups...)
		}
		left = append(left, s.lanes[i].queue...)
	}
	slices.SortFunc(left, func(a, b Group) int { return cmp.Compare(a.First, b.First) })
	s.makeLanes()
	s.deal(now, left)
}

// deal adds groups to the lanes of their keys.
func (s *shard) deal(now time.Duration, groups []Group) {
	if len(s.lanes) == 1 {
		s.lanes[0].add(now, groups)
		return
	}
	for i := range groups {
		l := &s.lanes[groups[i].LaneHash%uint32(len(s.lanes))]
		l.add(now, groups[i:i+1])
	}
}

// step does what is due and returns when it wants to be called next.
func (s *shard) step(now time.Duration) time.Duration {
	if s.m.draining || s.waitsFor > 0 || s.done {
		return Never
	}
	wake := Never
	for i := range s.lanes {
		if at := s.lanes[i].step(now); at < wake {
			wake = at
		}
	}
	if s.closed {
		s.leave(now)
		return wake
	}
	if s.reading || s.full() {
		return wake // until the read is answered or an invocation ends
	}
	if now < s.nextPoll {
		return min(wake, s.nextPoll)
	}
	s.reading, s.polledAt = true, now
	s.m.reading++
	s.m.out.Reads = append(s.m.out.Reads, ReadShard{
		Shard: s.index, ShardID: s.id, From: s.from, Limit: quota.GetRecordsMaxRecords,
	})
	return wake
}

// full reports whether the shard holds as much as its lanes can take with
// their next invocations: one batch or one full event for each. So a shard's
// buffer is bounded by that and the one read that crossed it.
func (s *shard) full() bool {
	records, bytes := 0, 0
	for i := range s.lanes {
		records += s.lanes[i].queued
		bytes += s.lanes[i].queuedBytes
	}
	return records >= len(s.lanes)*s.m.opt.BatchSize || bytes >= len(s.lanes)*quota.InvocationPayloadBytes
}

func (s *shard) addRead(now time.Duration, r ReadResult) {
	s.reading = false
	interval := s.m.opt.PollInterval
	found := len(r.Groups) > 0 || r.Filtered > 0
	switch {
	case r.Throttled:
		s.nextPoll = s.polledAt + max(interval, readGap)
		return
	case s.m.opt.Push:
		s.nextPoll = now
	case found && r.MillisBehind > 0:
		s.nextPoll = s.polledAt + min(interval, readGap)
	case !found:
		s.nextPoll = s.polledAt + max(interval, idlePoll)
	default:
		s.nextPoll = s.polledAt + interval
	}
	s.from = r.Next
	if r.MillisBehind == 0 {
		s.drainedAt = s.polledAt
	}
	s.deal(now, r.Groups)
}
