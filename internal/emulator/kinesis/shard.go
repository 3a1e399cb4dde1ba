package kinesis

import (
	"strings"
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
	ages     *ages    // the stream's

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

func newShard(index int, hashes hashRange, opened time.Time, parents []*shard, limitFactor float64, segmentBytes int, of *ages) *shard {
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
		ages:     of,
		log:      recordLog{segmentBytes: segmentBytes},
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

// put offers records in order under one lock and returns the memory taken.
// next yields the indices of the offers that are this shard's, -1 at the end.
// The first *drops accepted records are stored nowhere and counted off.
func (s *shard) put(now time.Time, offers []offer, next func() int, drops *int) (held int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	segments := len(s.log.segments)
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
		var n int64
		o.position, n = s.log.append(key, data, arrival)
		o.arrival = arrival
		held += n
	}
	for _, segment := range s.log.segments[segments:] {
		s.ages.push(s, segment.first)
	}
	if held > 0 && s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
	return held
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
	s.log.seal()
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
// keys but at least one record, within the shard's read limits.
func (s *shard) fetch(now time.Time, from uint64, limit int) (got Read, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	got.Next = from
	if !s.read.take(now) {
		got.Throttled = true
		return got, 0
	}
	got, size = s.scan(now, from, limit, quota.GetRecordsMaxBytes)
	s.read.charge(size)
	return got, size
}

// push reads up to limit records and most bytes for a subscription, which has
// limits of its own.
func (s *shard) push(now time.Time, from uint64, limit int, most int64) (got Read, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scan(now, from, limit, most)
}

// scan reads from position on; s.mu is held.
func (s *shard) scan(now time.Time, from uint64, limit int, most int64) (got Read, size int64) {
	from = min(from, s.log.next)
	if from < s.log.first {
		got.Skipped = s.log.first - from
	}
	x := s.log.measure(from, limit, most)
	got.Next = x.next
	if x.records > 0 {
		got.Records = make([]Record, 0, x.records)
		text := newTextBuilder(x)
		s.log.scan(max(from, s.log.first), x.next, func(position uint64, key, data []byte, arrival int64) {
			text.add(s.sequence, position, arrival, key)
			got.Records = append(got.Records, Record{Position: position, Data: data, Arrival: time.UnixMilli(arrival)})
		})
		text.fill(got.Records)
	}
	if oldest, ok := s.log.arrivalOf(got.Next); ok {
		got.MillisBehind = max(0, now.UnixMilli()-oldest)
	}
	s.passed = max(s.passed, got.Next)
	if got.End = !s.closed.IsZero() && got.Next == s.log.next; got.End {
		for _, heir := range s.heirs {
			got.Children = append(got.Children, heir.child())
		}
	}
	return got, x.size
}

// child is the shard as its parents' readers learn of it.
func (s *shard) child() ChildShard {
	c := ChildShard{ID: s.id, hashes: s.hashes}
	for _, p := range s.parents {
		c.Parents = append(c.Parents, p.id)
	}
	return c
}

// textBuilder collects the texts of a read's records so that they cost one
// allocation, not two for each record.
type textBuilder struct {
	text strings.Builder
	keys []int // bytes of each record's key
	buf  [sequenceDigits]byte
}

func newTextBuilder(x extent) *textBuilder {
	b := &textBuilder{keys: make([]int, 0, x.records)}
	b.text.Grow(x.records*sequenceDigits + int(x.keys))
	return b
}

func (b *textBuilder) add(q sequencer, position uint64, arrival int64, key []byte) {
	b.text.Write(q.append(b.buf[:0], position, arrival))
	b.text.Write(key)
	b.keys = append(b.keys, len(key))
}

// fill sets the texts of the records that were added, in the same order.
func (b *textBuilder) fill(records []Record) {
	text := b.text.String()
	for i, key := range b.keys {
		records[i].SequenceNumber, text = text[:sequenceDigits], text[sequenceDigits:]
		records[i].PartitionKey, text = text[:key], text[key:]
	}
}

// expire drops the records that arrived before cutoff.
func (s *shard) expire(cutoff time.Time) (freed int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trim(func() int64 { return s.log.expire(cutoff.UnixMilli()) })
}

// drop drops the segment that begins at first, which is the oldest, unless it
// has gone already.
func (s *shard) drop(first uint64) (freed int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log.segments) == 0 || s.log.segments[0].first != first {
		return 0
	}
	return s.trim(s.log.dropOldest)
}

// trim counts the records that drop removes and no reader had passed.
func (s *shard) trim(drop func() int64) int64 {
	before := max(s.log.first, s.passed)
	freed := drop()
	if s.log.first > before {
		s.trimmed += s.log.first - before
	}
	return freed
}

// unread is the number of records that left before any reader had passed them.
func (s *shard) unread() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trimmed
}

// locate is the position at which start stands; ok is false where its sequence
// number is beyond the shard's last record.
func (s *shard) locate(start Start) (position uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
