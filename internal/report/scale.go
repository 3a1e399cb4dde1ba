package report

import (
	"fmt"
	"math"
	"time"

	"weir/internal/judge"
)

// axis maps values to positions between 0 (low) and 1 (high).
type axis struct {
	low, high float64
	log       bool
	ticks     []float64
}

// linearAxis runs from 0 to a round number at or above high, with about five
// ticks.
func linearAxis(high float64) axis {
	if high <= 0 {
		high = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(high/4)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if high/(step*m) <= 5 {
			step *= m
			break
		}
	}
	a := axis{}
	for i := 0; a.high < high; i++ {
		a.high = step * float64(i)
		a.ticks = append(a.ticks, a.high)
	}
	return a
}

// logAxis runs between values of the series 1, 2, 5, 10, …; over more than two
// decades only powers of ten are ticks.
func logAxis(low, high float64) axis {
	a := axis{log: true}
	var all []float64
	for decade := math.Pow(10, math.Floor(math.Log10(low))); len(all) == 0 || all[len(all)-1] < high; decade *= 10 {
		all = append(all, decade, 2*decade, 5*decade)
	}
	all = append(all, 2*all[len(all)-1])
	for i, v := range all {
		if v <= low {
			a.low = v
		}
		if v >= high && a.high == 0 {
			a.high = all[max(i, 1)]
		}
	}
	a.high = max(a.high, 2*a.low)
	for i, v := range all {
		if v >= a.low && v <= a.high && (a.high <= 100*a.low || i%3 == 0) {
			a.ticks = append(a.ticks, v)
		}
	}
	return a
}

func (a axis) at(v float64) float64 {
	if a.log {
		v = math.Max(v, a.low)
		return math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return (v - a.low) / (a.high - a.low)
}

// timeTicks are moments at round distances, at most seven of them.
func timeTicks(from, to float64) []float64 {
	step := math.Inf(1)
	for _, s := range []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400} {
		if (to-from)/s <= 7 {
			step = s
			break
		}
	}
	var ticks []float64
	for t := math.Ceil(from/step) * step; t <= to; t += step {
		ticks = append(ticks, t)
	}
	return ticks
}

// timeLabel is a distance from the start of the load: 40 s, 5 min, 2 h.
func timeLabel(s float64) string {
	d := time.Duration(s) * time.Second
	switch {
	case d == 0:
		return "0"
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%g s", s)
}

// tickLabel is a value on the vertical axis: 2 000, 2.5, 0.1.
func tickLabel(v float64) string {
	if v == math.Trunc(v) {
		return judge.Count(int64(v))
	}
	return fmt.Sprintf("%.3g", v)
}
