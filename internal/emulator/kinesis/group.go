package kinesis

import (
	"slices"
	"time"

	"weir/internal/quota"
)

// Group is records that a simulation puts, keeps and reads as one: of one size,
// arriving evenly from First to Last. Times count from an origin of the
// simulation's.
type Group struct {
	Count       int
	RecordBytes int // data and partition key of one record
	Position    uint64
	First, Last time.Duration // arrivals; of a single record the same
	Item        any           // the caller's; the parts of a split group carry it
}

// split cuts g after its first n records, 0 < n < Count.
func (g Group) split(n int) (head, tail Group) {
	head, tail = g, g
	head.Count, tail.Count = n, g.Count-n
	tail.Position += uint64(n)
	head.Last, tail.First = g.arrival(n-1), g.arrival(n)
	return head, tail
}

// end is the position after the last record.
func (g *Group) end() uint64 { return g.Position + uint64(g.Count) }

// arrival is that of the i-th record, from 0.
func (g *Group) arrival(i int) time.Duration {
	if i == 0 {
		return g.First
	}
	return g.First + (g.Last-g.First)*time.Duration(i)/time.Duration(g.Count-1)
}

// arrived is how many of the records have arrived by now.
func (g *Group) arrived(now time.Duration) int {
	switch {
	case g.Last <= now:
		return g.Count
	case g.First > now:
		return 0
	}
	n := int(float64(now-g.First)/float64(g.Last-g.First)*float64(g.Count-1)) + 1
	for n < g.Count && g.arrival(n) <= now {
		n++
	}
	for n > 0 && g.arrival(n-1) > now {
		n--
	}
	return n
}

// GroupShard is a shard whose records come in groups: the same limits as a
// stream's shard has, and its reads, at a cost by the group. It has one reader,
// whose positions never fall. Not safe for concurrent use.
type GroupShard struct {
	write  writeLimiter
	read   readLimiter
	filled struct{ write, read time.Duration } // up to when the limits gained tokens
	groups []Group                             // that may still be read, in order of position
	next   uint64
	closed bool
}

// NewGroupShard is an empty shard. limitFactor multiplies AWS's limits.
func NewGroupShard(limitFactor float64) *GroupShard {
	return &GroupShard{write: newWriteLimiter(limitFactor), read: newReadLimiter(limitFactor)}
}

// Put offers groups of the same times and size of record together, and returns
// how many of their records the write limits let in. Each group's Count becomes
// its part of these. They are stored, spread over the groups' times, but for the
// first drops of them, which are stored nowhere. Puts come in order of their
// first arrival.
func (s *GroupShard) Put(groups []Group, drops int) (accepted int) {
	all := Group{RecordBytes: groups[0].RecordBytes, First: groups[0].First, Last: groups[0].Last}
	for i := range groups {
		all.Count += groups[i].Count
	}
	accepted = s.take(&all)
	offered, before := 0, 0
	for i := range groups {
		g := &groups[i]
		offered += g.Count
		taken := offered * accepted / max(all.Count, 1)
		g.Count, before = taken-before, taken
		dropped := min(drops, g.Count)
		drops -= dropped
		s.store(*g, g.Count-dropped)
	}
	return accepted
}

// store keeps so many records of a group.
func (s *GroupShard) store(g Group, count int) {
	if count == 0 {
		return
	}
	if count == 1 {
		g.Last = g.First
	}
	g.Count, g.Position = count, s.next
	s.next += uint64(count)
	s.groups = append(s.groups, g)
}

// Next is the position that the next record gets.
func (s *GroupShard) Next() uint64 { return s.next }

// Close ends the shard: nothing is put into it any more.
func (s *GroupShard) Close() { s.closed = true }

// GroupRead is the outcome of one read of a GroupShard.
type GroupRead struct {
	Groups       []Group // valid until the next read
	Count        int     // records in them
	Next         uint64
	MillisBehind int64 // age of the next unread record; 0 at the tip
	Throttled    bool
	End          bool // the shard is closed and was read to its end
}

// Read reads up to limit records from a position on, and 10 MiB, within the
// shard's read limits. A limit of 0 reads nothing and counts as a call.
func (s *GroupShard) Read(now time.Duration, from uint64, limit int) GroupRead {
	s.forget(from)
	got := GroupRead{Next: from}
	if !s.admit(now) {
		got.Throttled = true
		return got
	}
	space, n, size := quota.GetRecordsMaxBytes, 0, int64(0)
	for ; n < len(s.groups); n++ {
		g := &s.groups[n]
		most := min(g.arrived(now), limit-got.Count, max(space/max(g.RecordBytes, 1), 0))
		if most == 0 && got.Count == 0 && limit > 0 && g.arrived(now) > 0 {
			most = 1 // a record larger than an answer comes alone
		}
		if most <= 0 {
			break
		}
		if most < g.Count {
			s.splitAt(n, most)
			g = &s.groups[n]
		}
		got.Count += most
		space -= most * g.RecordBytes
		size += int64(most) * int64(g.RecordBytes)
	}
	if got.Groups = s.groups[:n]; n > 0 {
		got.Next = s.groups[n-1].end()
	}
	s.read.charge(size)
	got.End = s.closed && n == len(s.groups)
	if n < len(s.groups) && s.groups[n].First <= now {
		got.MillisBehind = (now - s.groups[n].First).Milliseconds()
	}
	return got
}

// admit takes one call from the read limits.
func (s *GroupShard) admit(now time.Duration) bool {
	if elapsed := now - s.filled.read; elapsed > 0 {
		s.filled.read = now
		s.read.fill(elapsed)
	}
	return s.read.admit()
}

// splitAt cuts the n-th group after its first records.
func (s *GroupShard) splitAt(n, records int) {
	head, tail := s.groups[n].split(records)
	s.groups = append(s.groups, Group{})
	copy(s.groups[n+2:], s.groups[n+1:])
	s.groups[n], s.groups[n+1] = head, tail
}

// forget drops what lies before a position: its reader has passed it.
func (s *GroupShard) forget(before uint64) {
	n := 0
	for n < len(s.groups) && s.groups[n].end() <= before {
		n++
	}
	if n > 0 {
		s.groups = s.groups[:copy(s.groups, s.groups[n:])]
	}
}

// Expire drops the groups whose last record arrived before cutoff and that the
// reader at position has not passed, and returns them.
func (s *GroupShard) Expire(cutoff time.Duration, position uint64) []Group {
	s.forget(position)
	n := 0
	for n < len(s.groups) && s.groups[n].Last < cutoff {
		n++
	}
	if n == 0 {
		return nil
	}
	expired := slices.Clone(s.groups[:n])
	s.groups = s.groups[:copy(s.groups, s.groups[n:])]
	return expired
}

// oneByOne is the size up to which a group's records are taken singly; larger
// ones are taken as a flow.
const oneByOne = 8

// take admits some of a group's records. A small group is taken record by
// record. A larger one is a flow: what the buckets hold and what comes in over
// the group's time is what they can give, within one record of taking them
// singly.
func (s *GroupShard) take(g *Group) (accepted int) {
	if g.Count <= oneByOne || int64(g.RecordBytes) > s.write.bytes.rate {
		for i := range g.Count {
			s.fill(g.arrival(i))
			if s.write.admit(g.RecordBytes) {
				accepted++
			}
		}
		return accepted
	}
	s.fill(g.First)
	span := max(g.Last-s.filled.write, 0)
	accepted = min(g.Count, s.write.records.gives(span, 1), s.write.bytes.gives(span, int64(g.RecordBytes)))
	s.write.records.flow(span, int64(accepted))
	s.write.bytes.flow(span, int64(accepted)*int64(g.RecordBytes))
	s.filled.write += span
	return accepted
}

// fill lets the write limits gain what has come in by now.
func (s *GroupShard) fill(now time.Duration) {
	if elapsed := now - s.filled.write; elapsed > 0 {
		s.filled.write = now
		s.write.fill(elapsed)
	}
}

// gives is how often n tokens, above 0, can be taken evenly over a time to come.
func (b *bucket) gives(span time.Duration, n int64) int {
	return int(max(b.level+int64(span)*b.rate, 0) / (n * nano))
}

// flow takes n tokens evenly over a time to come.
func (b *bucket) flow(span time.Duration, n int64) {
	b.level = min(b.level+int64(span)*b.rate-n*nano, b.rate*nano)
}
