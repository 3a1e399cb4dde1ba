package report

import (
	"time"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
)

// recovery is, for every run whose load rose and fell, how the pipeline got
// back to rest.
func (c Campaign) recovery() Part {
	part := Part{Title: "Recovery after spikes", Grid: Grid{
		Head: []string{"test", "peak/s", "largest backlog", "time to zero backlog", "drain rate/s", "verdict of the step after"}, Verdict: 5, Words: 1, Numbers: 4,
	}}
	for _, p := range c.Pieces {
		for _, s := range spikesOf(p.Data) {
			after := "–"
			if s.step+1 < len(p.Verdict.Steps) {
				after = string(p.Verdict.Steps[s.step+1].Verdict)
			}
			back, drain := "not within the run", "–"
			if s.zero > 0 {
				back = s.zero.String()
				drain = rate(float64(int64(s.drain)))
			}
			part.Grid.Rows = append(part.Grid.Rows, []string{p.Entry, rate(s.rate), judge.Count(int64(s.backlog)), back, drain, after})
		}
	}
	if len(part.Grid.Rows) > 0 {
		part.After = []string{"Backlog: accepted records not yet processed, by the ledger, each second, without those that the mapping filtered or gave up. Zero is what a second's poll holds in perfect health. Time counts from the end of the spike; the drain rate is what was processed beyond what arrived."}
	}
	return part
}

// spike is a step of at least twice the rate of the one before it, followed by
// a slower one.
type spike struct {
	step    int
	rate    float64
	backlog float64       // the largest
	zero    time.Duration // from the spike's end to no backlog; 0: not seen
	drain   float64       // records a second
}

func spikesOf(d *record.Data) []spike {
	var found []spike
	steps := d.Run.Steps
	for i := 1; i+1 < len(steps); i++ {
		if steps[i].Rate < 2*steps[i-1].Rate || steps[i+1].Rate >= steps[i].Rate {
			continue
		}
		found = append(found, measureSpike(d, i))
	}
	return found
}

func measureSpike(d *record.Data, i int) spike {
	s := spike{step: i, rate: d.Run.Steps[i].Rate}
	from, end := d.Run.Steps[i].Start.Unix(), d.Run.Steps[i].End.Unix()
	healthy := d.Run.Steps[i+1].Rate*metrics.AgeFloor(d.Run.Pipeline.BatchingWindow).Seconds() + 1
	atEnd := 0.0
	d.Waiting(func(t int64, backlog float64) {
		if t < from || s.zero > 0 {
			return
		}
		if t <= end {
			atEnd = backlog
		}
		s.backlog = max(s.backlog, backlog)
		if t > end && backlog <= healthy {
			s.zero = time.Duration(t-end) * time.Second
			s.drain = atEnd / s.zero.Seconds()
		}
	})
	return s
}
