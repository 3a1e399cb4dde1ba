package line

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"
	"time"
)

// precision is log2 of the buckets to the power of two.
const precision = 7

// topBucket is the index of the longest time.Duration in microseconds.
var topBucket = bucketOf(math.MaxInt64)

// Hist counts durations in logarithmic buckets over microseconds, 128 to the
// power of two (a bucket's middle is within 0.4 % of what it holds). The zero
// value is empty and ready to use. A copy shares the counts: pass a pointer to
// go on counting.
type Hist struct {
	buckets []bucket // ascending, of positive counts
}

type bucket struct {
	index int
	n     int64
}

// HistOf counts durations, which it sorts in place: faster than one by one.
func HistOf(durations []time.Duration) Hist {
	slices.Sort(durations)
	var h Hist
	for _, d := range durations {
		index := bucketOf(d)
		if last := len(h.buckets) - 1; last >= 0 && h.buckets[last].index == index {
			h.buckets[last].n++
		} else {
			h.buckets = append(h.buckets, bucket{index, 1})
		}
	}
	return h
}

// Record counts one duration; a negative one counts as 0.
func (h *Hist) Record(d time.Duration) { h.RecordN(d, 1) }

// RecordN counts a duration n times; n below 1 counts nothing.
func (h *Hist) RecordN(d time.Duration, n int64) {
	if n > 0 {
		h.add(bucketOf(d), n)
	}
}

// Count is the number of durations counted.
func (h *Hist) Count() int64 {
	var n int64
	for _, b := range h.buckets {
		n += b.n
	}
	return n
}

// Max is the middle of the highest bucket that holds something, 0 when empty.
func (h *Hist) Max() time.Duration {
	if len(h.buckets) == 0 {
		return 0
	}
	return middle(h.buckets[len(h.buckets)-1].index)
}

// Each calls f with the middle of every bucket, in rising order, and its count.
func (h *Hist) Each(f func(d time.Duration, n int64)) {
	for _, b := range h.buckets {
		f(middle(b.index), b.n)
	}
}

// Merge adds all that other has counted; other may be nil.
func (h *Hist) Merge(other *Hist) {
	if other == nil {
		return
	}
	for _, b := range other.buckets {
		h.add(b.index, b.n)
	}
}

func (h *Hist) add(index int, n int64) {
	at, found := slices.BinarySearchFunc(h.buckets, index, func(b bucket, i int) int { return cmp.Compare(b.index, i) })
	if found {
		h.buckets[at].n += n
		return
	}
	h.buckets = slices.Insert(h.buckets, at, bucket{index, n})
}

// bucketOf keeps the first eight binary digits of the microseconds.
func bucketOf(d time.Duration) int {
	v := uint64(max(d, 0) / time.Microsecond)
	octave := max(bits.Len64(v)-precision-1, 0)
	return octave<<precision + int(v>>octave)
}

func middle(index int) time.Duration {
	octave := max(index>>precision-1, 0)
	lowest := uint64(index-octave<<precision) << octave
	return time.Duration(lowest+1<<octave/2) * time.Microsecond
}

func (h *Hist) encode() string {
	var w gammaWriter
	before := -1
	for _, b := range h.buckets {
		w.put(uint64(b.index - before))
		w.put(uint64(b.n))
		before = b.index
	}
	return w.text()
}

func decodeHist(text string) (Hist, error) {
	r, err := newGammaReader(text)
	if err != nil {
		return Hist{}, err
	}
	var h Hist
	before, total := -1, uint64(0)
	for {
		distance, n, more, err := r.pair()
		if err != nil || !more {
			return h, err
		}
		if distance > uint64(topBucket-before) {
			return Hist{}, errors.New("a bucket above the longest duration")
		}
		if n > math.MaxInt64-total {
			return Hist{}, errors.New("a count above 63 bits")
		}
		before, total = before+int(distance), total+n
		h.buckets = append(h.buckets, bucket{before, int64(n)})
	}
}
