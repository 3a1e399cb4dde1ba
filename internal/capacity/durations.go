package capacity

import (
	"math"
	"math/bits"
	"time"

	"weir/internal/stats"
)

// fine is the number of counters for each doubling of a duration: a value is
// known to 1/256, half a counter's width.
const (
	fineBits = 7
	fine     = 1 << fineBits
	counters = (38 - fineBits) * fine // up to 2^37 µs, 38 hours
)

// durations counts durations by microseconds on a scale whose counters get
// wider as it rises, as an HDR histogram does, at a fifth of its cost. The zero
// value is empty.
type durations struct {
	n       [counters]uint64
	low     int // counters outside [low, high] are zero; low > high: all
	high    int
	total   int64
	largest time.Duration
	sum     float64
}

func newDurations() *durations { return &durations{low: counters, high: -1} }

// counterOf is the counter of a number of microseconds: exact below 256, then
// 128 for each doubling.
func counterOf(micros uint64) int {
	if micros < 2*fine {
		return int(micros)
	}
	shift := bits.Len64(micros) - fineBits - 1
	return shift*fine + int(micros>>shift)
}

// middle is the value that a counter stands for, in microseconds.
func middle(counter int) float64 {
	if counter < 2*fine {
		return float64(counter)
	}
	shift := counter/fine - 1
	from := uint64(counter-shift*fine) << shift
	return float64(from) + float64(uint64(1)<<shift-1)/2
}

// longest bounds a duration; longer ones count as this.
const longest = 24 * time.Hour

// add counts a duration n times; a negative one counts as 0.
func (d *durations) add(v time.Duration, n int) {
	if n <= 0 {
		return
	}
	v = min(max(v, 0), longest)
	c := counterOf(uint64(v / time.Microsecond))
	d.n[c] += uint64(n)
	d.low, d.high = min(d.low, c), max(d.high, c)
	d.total += int64(n)
	d.largest = max(d.largest, v)
	d.sum += float64(v) * float64(n)
}

// merge adds what other has counted.
func (d *durations) merge(other *durations) {
	for c := other.low; c <= other.high; c++ {
		d.n[c] += other.n[c]
	}
	d.low, d.high = min(d.low, other.low), max(d.high, other.high)
	d.total += other.total
	d.largest = max(d.largest, other.largest)
	d.sum += other.sum
}

// reset empties it.
func (d *durations) reset() {
	if d.high >= d.low {
		clear(d.n[d.low : d.high+1])
	}
	d.low, d.high, d.total, d.largest, d.sum = counters, -1, 0, 0, 0
}

// mean is 0 of none.
func (d *durations) mean() time.Duration {
	if d.total == 0 {
		return 0
	}
	return time.Duration(d.sum / float64(d.total))
}

// quantiles writes the durations at rising quantiles, in milliseconds; there
// must be one counted.
func (d *durations) quantiles(qs []float64, into []float64) {
	k, seen := 0, int64(0)
	for c := d.low; c <= d.high; c++ {
		seen += int64(d.n[c])
		for k < len(qs) && seen >= max(1, int64(math.Ceil(qs[k]*float64(d.total)))) {
			into[k] = min(middle(c)/1000, float64(d.largest)/float64(time.Millisecond))
			k++
		}
	}
}

// histogram is what was counted, each less a part, as a run's record keeps it.
func (d *durations) histogram(less time.Duration) *stats.Histogram {
	h := new(stats.Histogram)
	for c := d.low; c <= d.high; c++ {
		if n := d.n[c]; n > 0 {
			h.RecordN(min(time.Duration(middle(c)*1000), d.largest)-less, int64(n))
		}
	}
	return h
}
