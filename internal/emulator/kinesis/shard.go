package kinesis

import (
	"math"
	"sync"
	"time"

	"weir/internal/quota"
)

// shard is one shard of a stream: its limits, its records and how far they
// have been read. Its methods are pure but for mu, which they take.
type shard struct {
	id       string
	hashes   hashRange
	sequence sequencer
	opened   time.Time
	parents  []*shard // none, the shard that was split, or the two that were merged
	memory   *memory  // the stream's

	mu      sync.Mutex
	log     recordLog
	write   writeLimiter
	read    readLimiter
	grown   chan struct{}
	closed  time.Time    // zero while the shard is open
	heirs   []*shard     // of a closed one
	series  *shardSeries // nil while nothing of the shard is monitored
	passed  uint64       // the highest position up to which any reader has read
	trimmed uint64       // records that left unread
}

func newShard(index int, hashes hashRange, opened time.Time, parents []*shard, limitFactor float64, in *memory) *shard {
	sequence := newSequencer(opened, uint32(index))
	for _, p := range parents {
		// So that a key's sequence numbers rise across a reshard too.
		sequence.created = max(sequence.created, p.sequence.created+1)
	}
	return &shard{
		id:       shardID(index),
		hashes:   hashes,
		sequence: sequence,
		opened:   opened,
		parents:  parents,
		memory:   in,
		write:    newWriteLimiter(limitFactor),
		read:     newReadLimiter(limitFactor),
	}
}

func shardID(index int) string { return string(appendShardID(nil, uint32(index))) }

func appendShardID(dst []byte, index uint32) []byte {
	dst = append(dst, "shardId-000000000000"...)
	putDigits(dst[len(dst)-12:], uint64(index))
	return dst
}

// offer is one record offered to a shard, and what became of it.
type offer struct {
	key, data []byte

	accepted bool
	position uint64 // of an accepted one
	arrival  int64  // Unix milliseconds
}

func (o *offer) size() int { return len(o.key) + len(o.data) }

// put offers records in order under one lock. next yields the indices of the
// offers that are this shard's, -1 at the end. The first *drops accepted records
// are stored nowhere and counted off.
func (s *shard) put(now time.Time, offers []offer, next func() int, drops *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.log.next
	arrival := max(now.UnixMilli(), s.log.newest)
	for i := next(); i >= 0; i = next() {
		o := &offers[i]
		if o.accepted = s.write.take(now, o.size()); !o.accepted {
			continue
		}
		key, data := o.key, o.data
		if *drops > 0 {
			*drops--
			key, data = nil, nil
		}
		o.position, o.arrival = s.store(key, data, arrival), arrival
	}
	if s.log.next > before && s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
}

// store keeps one record, or an empty place where there is no key. s.mu is held.
func (s *shard) store(key, data []byte, arrival int64) (position uint64) {
	if s.log.full() {
		s.forget(s.memory.view(), math.MinInt64)
	}
	return s.log.append(entry{arrival, s.memory.add(key, data, arrival), uint32(len(data)), uint16(len(key))})
}

// grows is closed when the shard gets its next record, or is closed itself.
func (s *shard) grows() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grown == nil {
		s.grown = make(chan struct{})
	}
	return s.grown
}

// close ends the shard: its heirs take what its hash range gets from now on.
func (s *shard) close(now time.Time, heirs []*shard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.heirs = now, heirs
	if s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
}

// closedAt is when the shard was closed, zero while it is open.
func (s *shard) closedAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// fetch reads up to limit records from position on, at most 10 MiB of data and
// keys but at least one record, within the shard's read limits. The entries go
// into buf, where they find room.
func (s *shard) fetch(now time.Time, from uint64, limit int, buf []entry) found {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.read.take(now) {
		return found{Read: Read{Next: from, Throttled: true}}
	}
	f := s.find(now, from, limit, quota.GetRecordsMaxBytes, buf)
	s.read.charge(f.size)
	return f
}

// push reads up to limit records and most bytes for a subscription, which has
// limits of its own.
func (s *shard) push(now time.Time, from uint64, limit int, most int64) found {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(now, from, limit, most, nil)
}

// find reads from position on; s.mu is held.
func (s *shard) find(now time.Time, from uint64, limit int, most int64, buf []entry) found {
	f := found{chunks: s.memory.view(), sequence: s.sequence}
	s.forget(f.chunks, math.MinInt64)
	from = min(from, s.log.next)
	if from < s.log.first {
		f.Skipped = s.log.first - from
	}
	f.extent = s.log.measure(from, limit, most)
	f.entries = s.log.copy(buf[:0], f.extent)
	f.Next = f.next
	if oldest, ok := s.log.arrivalOf(f.Next); ok {
		f.MillisBehind = max(0, now.UnixMilli()-oldest)
	}
	s.passed = max(s.passed, f.Next)
	if f.End = !s.closed.IsZero() && f.Next == s.log.next; f.End {
		for _, heir := range s.heirs {
			f.Children = append(f.Children, heir.child())
		}
	}
	return f
}

// child is the shard as its parents' readers learn of it.
func (s *shard) child() ChildShard {
	c := ChildShard{ID: s.id, hashes: s.hashes}
	for _, p := range s.parents {
		c.Parents = append(c.Parents, p.id)
	}
	return c
}

// expire drops the records that arrived before cutoff or have left the memory.
func (s *shard) expire(cutoff time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.memory.view(), cutoff.UnixMilli())
}

// forget drops the records that arrived before cutoff (Unix milliseconds) or are
// out of view, and counts those that no reader had passed. s.mu is held.
func (s *shard) forget(kept view, cutoff int64) {
	before := max(s.log.first, s.passed)
	s.log.forget(kept.first(), cutoff)
	if s.log.first > before {
		s.trimmed += s.log.first - before
	}
}

// unread is the number of records that left before any reader had passed them.
func (s *shard) unread() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.memory.view(), math.MinInt64)
	return s.trimmed
}

// locate is the position at which start stands; ok is false where its sequence
// number is beyond the shard's last record.
func (s *shard) locate(start Start) (position uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.memory.view(), math.MinInt64)
	switch start.Type {
	case Latest:
		return s.log.next, true
	case AtTimestamp:
		return s.log.firstSince(start.Timestamp.UnixMilli()), true
	case AtSequenceNumber, AfterSequenceNumber:
		number, _ := parseSequence(start.SequenceNumber)
		position = number.index // the index is the position plus one
		if start.Type == AtSequenceNumber && position > 0 {
			position--
		}
		return position, number.index <= s.log.next
	default:
		return s.log.first, true
	}
}
