package capacity

import "time"

// levels counts how many of something are under way, by the millisecond, from
// the times at which they begin and end, in whatever order these become known.
type levels struct {
	changes []change // at each millisecond of a ring
	at      int64    // the first that is not in level yet
	level   int32
	open    int // changes still to come
}

// change is how many begin and end within a millisecond.
type change struct{ begin, end int32 }

// leastRing is how far ahead, in milliseconds, ends are known at first.
const leastRing = 1 << 12

// add counts one from a moment to another; both are still to come.
func (l *levels) add(from, to time.Duration) {
	first, last := max(from.Milliseconds(), l.at), max(to.Milliseconds(), l.at)
	l.grow(last - l.at + 1)
	l.changes[first%int64(len(l.changes))].begin++
	l.changes[last%int64(len(l.changes))].end++
	l.open += 2
}

// grow makes the ring as long as n milliseconds at least.
func (l *levels) grow(n int64) {
	if n <= int64(len(l.changes)) {
		return
	}
	size := int64(max(leastRing, 2*len(l.changes)))
	for size < n {
		size *= 2
	}
	longer := make([]change, size)
	for i := range int64(len(l.changes)) {
		longer[(l.at+i)%size] = l.changes[(l.at+i)%int64(len(l.changes))]
	}
	l.changes = longer
}

// advance tells each second up to a moment the highest level it had.
func (l *levels) advance(to time.Duration, line *timeline) {
	end := to.Milliseconds()
	for ; l.at < end && l.open > 0; l.at++ {
		c := &l.changes[l.at%int64(len(l.changes))]
		if *c == (change{}) && l.level == 0 {
			continue
		}
		l.level += c.begin
		l.open -= int(c.begin + c.end)
		if l.level > 0 {
			sec := line.at(time.Duration(l.at) * time.Millisecond)
			sec.concurrent = max(sec.concurrent, float64(l.level))
		}
		l.level -= c.end
		*c = change{}
	}
	l.at = max(l.at, end) // nothing is under way
}
