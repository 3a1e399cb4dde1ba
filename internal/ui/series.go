package ui

import (
	"iter"
	"math"
	"strings"

	"weir/internal/record"
)

// mostColumns is how many moments of a long run a browser gets; more are
// gathered into stretches of equal length.
const mostColumns = 1200

// columns are a run's series for drawing: V has a value of each series for each
// moment of T (Unix seconds), null where there is none.
type columns struct {
	T []int64               `json:"t"`
	V map[string][]*float64 `json:"v"`
	// StepS is the length of a stretch in seconds, 1 where nothing was gathered.
	StepS int64 `json:"step_s"`
}

// columnsOf gathers points in order of time into at most so many moments; series
// has the points' values, NaN where there is none.
func columnsOf(points []record.Point, series iter.Seq2[string, []float64], most int) columns {
	c := columns{T: []int64{}, V: map[string][]*float64{}, StepS: 1}
	if len(points) == 0 {
		return c
	}
	first, last := points[0].T, points[len(points)-1].T
	if len(points) > most {
		c.StepS = (last-first)/int64(most) + 1
	}
	stretch := make([]int, len(points)) // of T, that each point is in
	for i, p := range points {
		at := first + (p.T-first)/c.StepS*c.StepS
		if n := len(c.T); n == 0 || c.T[n-1] != at {
			c.T = append(c.T, at)
		}
		stretch[i] = len(c.T) - 1
	}
	for name, values := range series {
		c.V[name] = gathered(values, stretch, len(c.T), peaks(name))
	}
	return c
}

// gathered is a value of each stretch: the largest of its values or their mean.
func gathered(values []float64, stretch []int, stretches int, largest bool) []*float64 {
	column := make([]*float64, stretches)
	counts := make([]float64, stretches)
	for i, v := range values {
		at := stretch[i]
		switch {
		case math.IsNaN(v):
			continue
		case column[at] == nil:
			column[at] = new(v)
		case largest:
			*column[at] = math.Max(*column[at], v)
		default:
			*column[at] += (v - *column[at]) / (counts[at] + 1)
		}
		counts[at]++
	}
	return column
}

// peaks reports whether the largest value of a stretch speaks for it: so with
// latencies and ages, while the mean speaks for counts and shares.
func peaks(name string) bool {
	return strings.Contains(name, "_ms") || strings.Contains(name, "max")
}
