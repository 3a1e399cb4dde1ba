package ui

import (
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

// columnsOf gathers points in order of time into at most so many moments.
func columnsOf(points []record.Point, most int) columns {
	c := columns{T: []int64{}, V: map[string][]*float64{}, StepS: 1}
	if len(points) == 0 {
		return c
	}
	first, last := points[0].T, points[len(points)-1].T
	if len(points) > most {
		c.StepS = (last-first)/int64(most) + 1
	}
	counts := map[string]int{} // values in the stretch under way
	for _, p := range points {
		at := first + (p.T-first)/c.StepS*c.StepS
		if n := len(c.T); n == 0 || c.T[n-1] != at {
			c.T = append(c.T, at)
			clear(counts)
		}
		for name, v := range p.V {
			c.put(name, v, counts)
		}
	}
	for name := range c.V {
		c.V[name] = c.column(name)
	}
	return c
}

// column is a series' values, filled up to the moment under way.
func (c *columns) column(name string) []*float64 {
	column := c.V[name]
	return append(column, make([]*float64, len(c.T)-len(column))...)
}

func (c *columns) put(name string, v float64, counts map[string]int) {
	column := c.column(name)
	c.V[name] = column
	last := len(column) - 1
	counts[name]++
	switch {
	case column[last] == nil:
		column[last] = &v
	case peaks(name):
		*column[last] = math.Max(*column[last], v)
	default:
		*column[last] += (v - *column[last]) / float64(counts[name])
	}
}

// peaks reports whether the largest value of a stretch speaks for it: so with
// latencies and ages, while the mean speaks for counts and shares.
func peaks(name string) bool {
	return strings.Contains(name, "_ms") || strings.Contains(name, "max")
}
