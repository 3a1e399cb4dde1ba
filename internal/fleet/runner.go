// Package fleet makes one run of what several runners do: machines, containers
// or processes that carry out a test together, each its execution segment. It
// holds what is pure about it: who takes which segment, and how the runners'
// reports become one.
package fleet

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/load/frame"
	"weir/internal/record"
	"weir/internal/stats"
)

// MaxRunners bounds a fleet: Kubernetes and ECS take more, the merging of a
// frame a second from each would not keep up.
const MaxRunners = 200

// Segment is the execution segment of one of so many runners, counted from 1,
// and the sequence it is of, as k6's flags and k6-operator write them.
func Segment(number, runners int) (segment, sequence string) {
	points := make([]string, runners+1)
	for i := range points {
		points[i] = strconv.Itoa(i) + "/" + strconv.Itoa(runners)
	}
	points[0], points[runners] = "0", "1"
	return points[number-1] + ":" + points[number], strings.Join(points, ",")
}

// Args are the arguments of k6 run for one of so many runners; none for one
// alone.
func Args(number, runners int) []string {
	if runners == 1 {
		return nil
	}
	segment, sequence := Segment(number, runners)
	return []string{"--execution-segment=" + segment, "--execution-segment-sequence=" + sequence}
}

// ParsePosition reads a runner's place in its fleet, such as 2/4.
func ParsePosition(text string) (number, runners int, err error) {
	of, total, _ := strings.Cut(text, "/")
	number, errNumber := strconv.Atoi(of)
	runners, errRunners := strconv.Atoi(total)
	if errNumber != nil || errRunners != nil || number < 1 || number > runners || runners > MaxRunners {
		return 0, 0, fmt.Errorf("runner %q: write for example 2/4, the second of four (%d at most)", text, MaxRunners)
	}
	return number, runners, nil
}

// runner is what is known of one runner.
type runner struct {
	record.Runner
	next     int                 // number of the frame to come
	waiting  map[int]frame.Frame // those that came before it
	last     int64               // the second of its newest frame, 0 before the first
	gauges   gauges
	put      stats.Histogram
	lateness stats.Histogram
	firstCPU time.Duration
}

// gauges are what a runner says of itself at a moment, not of an interval.
type gauges struct {
	inFlight int
	vus      float64
	health   frame.Health
}

// ended reports that the runner will say no more.
func (r *runner) ended() bool {
	return r.State == record.RunnerFinished || r.State == record.RunnerDied
}

// take counts a frame.
func (r *runner) take(f frame.Frame) {
	r.Frames++
	if r.First.IsZero() {
		r.First, r.firstCPU = f.T, f.Health.CPU
	}
	r.Last = f.T
	r.State = record.RunnerRunning
	if f.Final {
		r.State = record.RunnerFinished
	}
	for _, s := range f.Steps {
		r.Accepted += s.Accepted
		r.NotSent += s.NotSent
		r.Indeterminate += s.Indeterminate
		for _, n := range s.Rejected {
			r.Rejected += n
		}
		r.put.Merge(s.Put)
		r.lateness.Merge(s.Lateness)
	}
	r.Exceptions += f.Exceptions
	r.Notices = append(r.Notices, f.Notices...)
	r.RSSBytes = max(r.RSSBytes, f.Health.RSSBytes)
	if wall := f.T.Sub(r.First); wall > 0 {
		r.CPU = float64(f.Health.CPU-r.firstCPU) / float64(wall)
	}
}

// rest leaves of the runner's gauges the time it has used.
func (r *runner) rest() { r.gauges = gauges{health: frame.Health{CPU: r.gauges.health.CPU}} }

// report is the runner for the record.
func (r *runner) report() record.Runner {
	out := r.Runner
	if r.put.Count() > 0 {
		out.PutP99 = new(r.put.Quantile(0.99))
	}
	if r.lateness.Count() > 0 {
		out.LatenessP99 = new(r.lateness.Quantile(0.99))
	}
	return out
}
