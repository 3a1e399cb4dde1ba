package kinesis

import (
	"slices"
	"sort"
)

// entryBytes is what a record costs in memory besides its key and data.
const entryBytes = 24

// entry locates one record in its segment.
type entry struct {
	arrival int64 // Unix milliseconds
	offset  uint32
	size    uint32 // of the data, which follows the key
	key     uint16 // bytes of the partition key; 0 marks a place without a record
}

// segment is a stretch of a shard's log. Its bytes are written once and never
// moved or reused, so readers may keep slices of them.
type segment struct {
	first   uint64 // position of the first entry
	bytes   []byte
	entries []entry
}

func (s *segment) next() uint64 { return s.first + uint64(len(s.entries)) }

// held is the memory that dropping the segment gives back.
func (s *segment) held() int64 {
	return int64(len(s.bytes)) + int64(len(s.entries))*entryBytes
}

func (s *segment) recordAt(position uint64) (key, data []byte, arrival int64) {
	e := s.entries[position-s.first]
	from := int(e.offset)
	middle, end := from+int(e.key), from+int(e.key)+int(e.size)
	return s.bytes[from:middle:middle], s.bytes[middle:end:end], e.arrival
}

// recordLog is a shard's records in order of their positions, which rise by one
// from 0 and are never given twice. Old records leave at the low end.
type recordLog struct {
	segments     []*segment // oldest first
	last         *segment   // of segments, the one that records go into; nil without any
	first, next  uint64     // the oldest position kept, and the one the next record gets
	newest       int64      // arrival of the last record appended, in Unix milliseconds
	segmentBytes int        // capacity of a segment
}

// append stores a copy of one record and returns its position and the memory
// it takes. Arrival times must not fall. An empty key leaves the position empty:
// readers pass over it.
func (l *recordLog) append(key, data []byte, arrival int64) (position uint64, held int64) {
	size := len(key) + len(data)
	s := l.active(size)
	s.entries = append(s.entries, entry{arrival, uint32(len(s.bytes)), uint32(len(data)), uint16(len(key))})
	s.bytes = append(append(s.bytes, key...), data...)
	position = l.next
	l.next++
	l.newest = arrival
	return position, int64(size) + entryBytes
}

// active is the segment with room for size more bytes.
func (l *recordLog) active(size int) *segment {
	if s := l.last; s != nil && len(s.bytes)+size <= cap(s.bytes) {
		return s
	}
	s := &segment{first: l.next, bytes: make([]byte, 0, max(size, l.segmentBytes))}
	if l.last != nil { // records are mostly of a size
		entries := len(l.last.entries)
		s.entries = make([]entry, 0, entries+entries/8+1)
	}
	l.last = s
	l.segments = append(l.segments, s)
	return s
}

// seal gives back the room for records that won't come. Readers keep what they
// have of the old room.
func (l *recordLog) seal() {
	if s := l.last; s != nil {
		s.bytes, s.entries = slices.Clone(s.bytes), slices.Clone(s.entries)
	}
}

// dropOldest drops the oldest segment whole and returns the memory given back,
// 0 when there is none.
func (l *recordLog) dropOldest() int64 {
	if len(l.segments) == 0 {
		return 0
	}
	s := l.segments[0]
	if l.segments = slices.Delete(l.segments, 0, 1); len(l.segments) == 0 {
		l.last = nil
	}
	l.first = max(l.first, s.next())
	return s.held()
}

// expire drops the records that arrived before cutoff (Unix milliseconds) and
// returns the memory given back, which comes in whole segments.
func (l *recordLog) expire(cutoff int64) int64 {
	var freed int64
	for len(l.segments) > 0 {
		entries := l.segments[0].entries
		if entries[len(entries)-1].arrival >= cutoff {
			break
		}
		freed += l.dropOldest()
	}
	if arrival, ok := l.arrivalOf(l.first); ok && arrival < cutoff {
		l.first = l.firstSince(cutoff)
	}
	return freed
}

// segmentOf is the index of the segment that holds the position, or of the
// first one above it.
func (l *recordLog) segmentOf(position uint64) int {
	return sort.Search(len(l.segments), func(i int) bool { return l.segments[i].next() > position })
}

// arrivalOf is when the record at position arrived; ok is false where there is
// none.
func (l *recordLog) arrivalOf(position uint64) (millis int64, ok bool) {
	i := l.segmentOf(position)
	if i == len(l.segments) || position < l.segments[i].first {
		return 0, false
	}
	return l.segments[i].entries[position-l.segments[i].first].arrival, true
}

// firstSince is the position of the first record that arrived at millis or
// later, the next one's where there is none.
func (l *recordLog) firstSince(millis int64) uint64 {
	i := sort.Search(len(l.segments), func(i int) bool {
		entries := l.segments[i].entries
		return entries[len(entries)-1].arrival >= millis
	})
	if i == len(l.segments) {
		return l.next
	}
	s := l.segments[i]
	j := sort.Search(len(s.entries), func(j int) bool { return s.entries[j].arrival >= millis })
	return max(l.first, s.first+uint64(j))
}

// extent is a stretch of a log.
type extent struct {
	next    uint64 // the position after it
	records int
	keys    int64 // bytes of the records' keys
	size    int64 // bytes of keys and data
}

// measure is the stretch from position on that has at most limit records and
// most bytes, but at least one record where there is one.
func (l *recordLog) measure(position uint64, limit int, most int64) extent {
	x := extent{next: max(position, l.first)}
	for _, s := range l.segments[l.segmentOf(x.next):] {
		for _, e := range s.entries[x.next-s.first:] {
			if e.key > 0 {
				n := int64(e.key) + int64(e.size)
				if x.records == limit || x.records > 0 && x.size+n > most {
					return x
				}
				x.records++
				x.keys += int64(e.key)
				x.size += n
			}
			x.next++
		}
	}
	return x
}

// scan calls visit for each record between two positions that the log holds.
func (l *recordLog) scan(from, to uint64, visit func(position uint64, key, data []byte, arrival int64)) {
	for _, s := range l.segments[l.segmentOf(from):] {
		for ; from < min(to, s.next()); from++ {
			if key, data, arrival := s.recordAt(from); len(key) > 0 {
				visit(from, key, data, arrival)
			}
		}
	}
}
