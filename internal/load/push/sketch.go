package push

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// sketch is a distribution in bounded memory: values that differ by less than
// 1 % share a bucket, which keeps their number and sum. So number and sum are
// exact, and every quantile is within 1 %.
type sketch map[int]bucket

type bucket struct {
	count int64
	sum   float64
}

// bucketWidth is the logarithm of the ratio between neighbouring buckets.
var bucketWidth = math.Log(1.01)

// smallest is the least magnitude with a bucket of its own; below it is zero.
const smallest = 1e-6

func (s sketch) add(v float64) {
	i := bucketOf(v)
	b := s[i]
	s[i] = bucket{b.count + 1, b.sum + v}
}

// bucketOf numbers the buckets so that they rise with the values: 0 is zero's.
func bucketOf(v float64) int {
	if math.Abs(v) < smallest {
		return 0
	}
	n := 1 + int(math.Log(math.Abs(v)/smallest)/bucketWidth)
	if v < 0 {
		return -n
	}
	return n
}

// weighted is a value and how often it was met.
type weighted struct {
	value float64
	count int64
}

// values are the buckets' means, rising.
func (s sketch) values() []weighted {
	all := make([]weighted, 0, len(s))
	for b := range maps.Values(s) {
		all = append(all, weighted{b.sum / float64(b.count), b.count})
	}
	slices.SortFunc(all, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
	return all
}
