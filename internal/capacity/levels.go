package capacity

import "time"

// levels counts how many of something are under way, by the millisecond, from
// the times at which they begin and end, in whatever order these become known.
type levels struct {
	changes []int32 // at each millisecond of a ring
	at      int64   // the first that is not in level yet
	level   int32
}

// leastRing is how far ahead, in milliseconds, ends are known at first.
const leastRing = 1 << 12

// add counts one from a moment to another; both are still to come.
func (l *levels) add(from, to time.Duration) {
	first, last := max(from.Milliseconds(), l.at), max(to.Milliseconds(), l.at)
	l.grow(last - l.at + 1)
	l.changes[first%int64(len(l.changes))]++
	l.changes[last%int64(len(l.changes))]--
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
	longer := make([]int32, size)
	for i := range int64(len(l.changes)) {
		longer[(l.at+i)%size] = l.changes[(l.at+i)%int64(len(l.changes))]
	}
	l.changes = longer
}

// advance tells each second up to a moment the highest level it had.
func (l *levels) advance(to time.Duration, line *timeline) {
	if len(l.changes) == 0 {
		l.at = to.Milliseconds()
		return
	}
	for end := to.Milliseconds(); l.at < end; l.at++ {
		i := l.at % int64(len(l.changes))
		l.level += l.changes[i]
		l.changes[i] = 0
		if l.level > 0 {
			sec := line.at(time.Duration(l.at) * time.Millisecond)
			sec.concurrent = max(sec.concurrent, float64(l.level))
		}
	}
}
