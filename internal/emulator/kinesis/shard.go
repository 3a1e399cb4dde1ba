package kinesis

import (
	"math"
	"time"

	"weir/internal/quota"
)

// shard is one shard of a stream: its limits, its records and how far they
// have been read. Its methods are pure but for its memory's lock, which they take
// unless they say otherwise.
type shard struct {
	// What every put needs comes first: three of a processor's cache lines.
	sequence sequencer
	grown    chan struct{}
	log      recordLog
	write    writeLimiter
	number   numberText // of the last record

	memory  *memory // the stream's; its lock is for what changes here
	id      string
	hashes  hashRange
	opened  time.Time
	parents []*shard // none, the shard that was split, or the two that were merged

	read    readLimiter
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

// put takes the batch's offers from the first one on that are this shard's, in
// order. The memory's lock is held.
func (s *shard) put(now time.Time, b *batch, first int32) {
	before := s.log.next
	arrival := max(now.UnixMilli(), s.log.newest)
	for i := first; i != none; i = b.offers[i].next {
		o := &b.offers[i]
		if b.trouble != nil && b.trouble.RefuseRecord(s.id, now) || !s.write.take(now, o.size()) {
			continue
		}
		key, data := o.key, o.data
		if b.drops > 0 {
			b.drops--
			key, data = nil, nil
		}
		o.accepted = true
		if s.log.full() {
			s.forget(noCutoff)
		}
		position := s.log.append(entry{
			arrival: arrival,
			address: b.memory.add(key, data, arrival), // s.memory, but in no further cache line
			key:     uint16(len(key)),
			size:    uint32(len(data)),
			plain:   o.plain,
		})
		copy(o.number[:], s.number.next(s.sequence, position, arrival))
	}
	if s.log.next > before && s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
}

// grows is closed when the shard gets its next record, or is closed itself.
func (s *shard) grows() <-chan struct{} {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	if s.grown == nil {
		s.grown = make(chan struct{})
	}
	return s.grown
}

// close ends the shard: its heirs take what its hash range gets from now on.
func (s *shard) close(now time.Time, heirs []*shard) {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	s.closed, s.heirs = now, heirs
	if s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
}

// closedAt is when the shard was closed, zero while it is open.
func (s *shard) closedAt() time.Time {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	return s.closed
}

// fetch reads up to limit records from position on, at most 10 MiB of data and
// keys but at least one record, within the shard's read limits. The entries go
// into buf, where they find room.
func (s *shard) fetch(now time.Time, from uint64, limit int, buf []entry) found {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
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
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	return s.find(now, from, limit, most, nil)
}

// find reads from position on; the memory's lock is held.
func (s *shard) find(now time.Time, from uint64, limit int, most int64, buf []entry) found {
	f := found{chunks: s.memory.chunks, sequence: s.sequence}
	s.forget(noCutoff)
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
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	s.forget(cutoff.UnixMilli())
}

// noCutoff is a time that no record arrived before.
const noCutoff = math.MinInt64

// forget drops the records that arrived before cutoff (Unix milliseconds) or have
// left the memory, and counts those that no reader had passed. The memory's lock
// is held.
func (s *shard) forget(cutoff int64) {
	before := max(s.log.first, s.passed)
	s.log.forget(s.memory.chunks.first(), cutoff)
	if s.log.first > before {
		s.trimmed += s.log.first - before
	}
}

// unread is the number of records that left before any reader had passed them.
func (s *shard) unread() uint64 {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	s.forget(noCutoff)
	return s.trimmed
}

// locate is the position at which start stands; ok is false where its sequence
// number is beyond the shard's last record.
func (s *shard) locate(start Start) (position uint64, ok bool) {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	s.forget(noCutoff)
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
