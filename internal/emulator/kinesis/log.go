package kinesis

import (
	"math/bits"
	"sort"
)

// entryBytes is what a record costs in memory besides its key and data.
const entryBytes = 24

// entry says where in the stream's memory one record lies.
type entry struct {
	arrival int64 // Unix milliseconds
	address uint64
	size    uint32 // of the data, which follows the key
	key     uint16 // bytes of the partition key; 0 marks a place without a record
	plain   bool   // the key needs no escapes in JSON
}

// recordLog is a shard's records in order of their positions, which rise by one
// from 0 and are never given twice. Old records leave at the low end.
type recordLog struct {
	ring        []entry // position p is at p modulo its length, a power of two
	first, next uint64  // the oldest position kept, and the one the next record gets
	newest      int64   // arrival of the last record appended, in Unix milliseconds
}

// at is the entry of a position that the log holds.
func (l *recordLog) at(position uint64) *entry {
	return &l.ring[position&uint64(len(l.ring)-1)]
}

func (l *recordLog) full() bool { return l.next-l.first == uint64(len(l.ring)) }

// append gives a record its position. Arrival times and addresses must not fall.
func (l *recordLog) append(e entry) (position uint64) {
	if l.full() {
		l.resize()
	}
	position = l.next
	l.next++
	l.newest = e.arrival
	*l.at(position) = e
	return position
}

// roomiest is how many times as large as its records the ring may be.
const roomiest = 8

// resize makes the ring about twice as large as its records.
func (l *recordLog) resize() {
	old := *l
	l.ring = make([]entry, 1<<bits.Len64(l.next-l.first|7))
	for p := l.first; p < l.next; p++ {
		*l.at(p) = *old.at(p)
	}
}

// forget drops the records that lie below an address or arrived before cutoff
// (Unix milliseconds).
func (l *recordLog) forget(address uint64, cutoff int64) {
	for l.first < l.next {
		if e := l.at(l.first); e.address >= address && e.arrival >= cutoff {
			break
		}
		l.first++
	}
	if uint64(len(l.ring)) > roomiest*(l.next-l.first|7) {
		l.resize()
	}
}

// arrivalOf is when the record at position arrived; ok is false where there is
// none.
func (l *recordLog) arrivalOf(position uint64) (millis int64, ok bool) {
	if position < l.first || position >= l.next {
		return 0, false
	}
	return l.at(position).arrival, true
}

// firstSince is the position of the first record that arrived at millis or
// later, the next one's where there is none.
func (l *recordLog) firstSince(millis int64) uint64 {
	n := sort.Search(int(l.next-l.first), func(i int) bool { return l.at(l.first+uint64(i)).arrival >= millis })
	return l.first + uint64(n)
}

// extent is a stretch of a log.
type extent struct {
	from, next uint64 // its first position, and the one after it
	records    int
	keys       int64 // bytes of the records' keys
	size       int64 // bytes of keys and data
}

// measure is the stretch from position on that has at most limit records and
// most bytes, but at least one record where there is one.
func (l *recordLog) measure(position uint64, limit int, most int64) extent {
	x := extent{from: max(position, l.first)}
	for x.next = x.from; x.next < l.next; x.next++ {
		e := l.at(x.next)
		if e.key == 0 {
			continue
		}
		n := int64(e.key) + int64(e.size)
		if x.records == limit || x.records > 0 && x.size+n > most {
			break
		}
		x.records++
		x.keys += int64(e.key)
		x.size += n
	}
	return x
}

// copy appends the entries of a stretch to dst.
func (l *recordLog) copy(dst []entry, x extent) []entry {
	for p := x.from; p < x.next; {
		i := p & uint64(len(l.ring)-1)
		part := l.ring[i:min(i+x.next-p, uint64(len(l.ring)))]
		dst = append(dst, part...)
		p += uint64(len(part))
	}
	return dst
}
