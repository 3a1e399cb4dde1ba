package cloudwatch

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// statisticSet is CloudWatch's summary of samples. The zero value is of none.
type statisticSet struct {
	SampleCount, Sum, Minimum, Maximum float64
}

func (s *statisticSet) merge(o statisticSet) {
	switch {
	case o.SampleCount == 0:
		return
	case s.SampleCount == 0:
		*s = o
		return
	}
	s.SampleCount += o.SampleCount
	s.Sum += o.Sum
	s.Minimum = min(s.Minimum, o.Minimum)
	s.Maximum = max(s.Maximum, o.Maximum)
}

// cell counts the samples whose value falls into one bucket of the histogram.
type cell struct {
	bucket uint32
	count  uint64
}

// Buckets are logarithmic in powers of two, each power cut into 128 equal
// parts, so that a bucket is at most 1/128 of its lower edge wide and its middle
// is within 1/256 (0.39 %) of every value in it. Bucket 0 begins at zero.
const fractionBits = 7

func bucketOf(value float64) uint32 {
	return uint32(math.Float64bits(value) >> (52 - fractionBits))
}

func bucketMiddle(bucket uint32) float64 {
	low := math.Float64frombits(uint64(bucket) << (52 - fractionBits))
	high := math.Float64frombits(uint64(bucket+1) << (52 - fractionBits))
	return low + (high-low)/2
}

// distribution is a statistic set with the histogram that percentiles come
// from. It is opaque where the values are unknown (a statistic set of several
// values) or negative: then, as in CloudWatch, it has no percentiles.
type distribution struct {
	statisticSet
	cells  []cell // rising by bucket
	opaque bool
}

// add records value count times. A fractional count weighs in percentiles as
// the nearest whole number, at least one.
func (d *distribution) add(value, count float64) {
	d.merge(statisticSet{count, value * count, value, value})
	switch {
	case d.opaque:
	case value < 0:
		d.opaque, d.cells = true, nil
	default:
		d.count(bucketOf(value), wholeCount(count))
	}
}

func (d *distribution) count(bucket uint32, n uint64) {
	i, found := slices.BinarySearchFunc(d.cells, bucket, func(c cell, b uint32) int { return cmp.Compare(c.bucket, b) })
	if found {
		d.cells[i].count += n
		return
	}
	d.cells = slices.Insert(d.cells, i, cell{bucket, n})
}

func wholeCount(count float64) uint64 { return uint64(max(1, math.Round(min(count, 1<<62)))) }

// addSet records a statistic set, whose values are known only if it is of one
// sample or of equal ones.
func (d *distribution) addSet(s statisticSet) {
	if s.SampleCount == 1 || s.Minimum == s.Maximum {
		d.add(s.Minimum, s.SampleCount)
		return
	}
	d.merge(s)
	d.opaque, d.cells = true, nil
}

// addAll records what o holds.
func (d *distribution) addAll(o distribution) {
	d.merge(o.statisticSet)
	if d.opaque = d.opaque || o.opaque; d.opaque {
		d.cells = nil
		return
	}
	d.cells = mergeCells(d.cells, o.cells)
}

func mergeCells(a, b []cell) []cell {
	merged := make([]cell, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].bucket < b[0].bucket:
			merged, a = append(merged, a[0]), a[1:]
		case a[0].bucket > b[0].bucket:
			merged, b = append(merged, b[0]), b[1:]
		default:
			merged = append(merged, cell{a[0].bucket, a[0].count + b[0].count})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(merged, a...), b...)
}

// percentile is the value of nearest rank, the ceil(p/100·n)-th smallest, to
// within 0.39 %; exact at the ends and where all values are equal. CloudWatch
// doesn't document its own interpolation. It is false of an opaque or empty
// distribution.
func (d *distribution) percentile(p float64) (float64, bool) {
	if d.opaque || len(d.cells) == 0 {
		return 0, false
	}
	var total, below uint64
	for _, c := range d.cells {
		total += c.count
	}
	switch rank := max(1, uint64(math.Ceil(p/100*float64(total)))); {
	case rank == 1:
		return d.Minimum, true
	case rank < total:
		for _, c := range d.cells {
			if below += c.count; below >= rank {
				return min(max(bucketMiddle(c.bucket), d.Minimum), d.Maximum), true
			}
		}
	}
	return d.Maximum, true
}

// packed is a distribution at rest: the histogram as variable-length numbers,
// two or three bytes a cell, and none at all where every sample is equal.
type packed struct {
	statisticSet
	cells  string
	opaque bool
}

func (d *distribution) pack() packed {
	p := packed{statisticSet: d.statisticSet, opaque: d.opaque}
	if d.opaque || d.Minimum == d.Maximum {
		return p
	}
	text := make([]byte, 0, 4*len(d.cells))
	last := uint32(0)
	for _, c := range d.cells {
		text = binary.AppendUvarint(text, uint64(c.bucket-last))
		text = binary.AppendUvarint(text, c.count)
		last = c.bucket
	}
	p.cells = string(text)
	return p
}

func (p packed) unpack() distribution {
	d := distribution{statisticSet: p.statisticSet, opaque: p.opaque}
	switch {
	case p.opaque || p.SampleCount == 0:
		return d
	case p.cells == "":
		d.cells = []cell{{bucketOf(p.Minimum), wholeCount(p.SampleCount)}}
		return d
	}
	d.cells = make([]cell, 0, len(p.cells)/2)
	bucket := uint32(0)
	for text := []byte(p.cells); len(text) > 0; {
		delta, n := binary.Uvarint(text)
		count, m := binary.Uvarint(text[n:])
		bucket += uint32(delta)
		d.cells = append(d.cells, cell{bucket, count})
		text = text[n+m:]
	}
	return d
}

// finite is false of NaN and the infinities.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
