package judge

import (
	"fmt"
	"math"
	"slices"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// backlog tells whether records accepted and not yet processed grew in number
// over the step. Growth counts when the slope's interval excludes zero and it
// adds up to more than the polls' own sawtooth: what arrives between two polls
// of a healthy mapping.
func backlog(d *record.Data, s record.Step) finding {
	if !slices.ContainsFunc(d.Series, func(p record.Point) bool { _, ok := p.V[metrics.Backlog]; return ok }) {
		return finding{Unknown, "whether the backlog grew is not known: no line of the probe says what was processed (README, \"The probe in your function\")"}
	}
	w := offeredWindow(d, s)
	if s.Shape != "" {
		return shapedBacklog(d, s, w)
	}
	var at, size []float64
	eachWaiting(d, w, func(t int64, v float64) {
		at, size = append(at, float64(t)), append(size, v)
	})
	slope, lo, _, ok := stats.TheilSen(at, size)
	if !ok {
		return finding{Unknown, fmt.Sprintf("%d points of the backlog after the warm-up can't show whether it grows: use steps of 7 s or more", len(at))}
	}
	sawtooth := s.Rate * metrics.AgeFloor(d.Run.Pipeline.BatchingWindow).Seconds()
	if lo > 0 && slope*float64(w.to-w.from) > sawtooth {
		return finding{Fail, fmt.Sprintf("the backlog grew by %s records a second", Count(int64(slope+0.5)))}
	}
	return finding{Pass, "the backlog did not grow"}
}

// eachWaiting gives the records that wait at each second of a window.
func eachWaiting(d *record.Data, w window, do func(t int64, v float64)) {
	d.Waiting(func(t int64, v float64) {
		if w.holds(t) {
			do(t, v)
		}
	})
}

// shapedBacklog tells whether a step whose rate moved ended further behind than
// it began. Its backlog moves with the rate, so that a trend says nothing; what
// counts is the backlog beyond what was offered in the seconds that a healthy
// mapping takes to fetch it.
func shapedBacklog(d *record.Data, s record.Step, w window) finding {
	const points = 3 // at either end; their median counts
	wait := metrics.AgeFloor(d.Run.Pipeline.BatchingWindow)
	behind := behindBy(d, w, int64(math.Ceil(wait.Seconds()))+1)
	if len(behind) < 2*points {
		return finding{Unknown, fmt.Sprintf("%d points of the backlog after the warm-up can't show whether it grows: use steps of 8 s or more", len(behind))}
	}
	start, end := median(behind[:points]), median(behind[len(behind)-points:])
	if end-start > s.Rate*wait.Seconds() {
		return finding{Fail, fmt.Sprintf("the step ended %s records further behind than it began, beyond what had just been offered", Count(int64(end-start)))}
	}
	return finding{Pass, "the backlog did not grow"}
}

// behindBy is the backlog at each second of the window beyond what was offered
// in so many seconds up to it.
func behindBy(d *record.Data, w window, seconds int64) []float64 {
	offered := map[int64]float64{}
	each(d, metrics.Offered, []window{{w.from - seconds, w.to}}, func(t int64, v float64) { offered[t] = v })
	var behind []float64
	eachWaiting(d, w, func(t int64, v float64) {
		for s := t - seconds + 1; s <= t; s++ {
			v -= offered[s]
		}
		behind = append(behind, max(v, 0))
	})
	return behind
}

// median is of an odd number of values.
func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }
