package observe

import (
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
	"weir/probe/line"
)

// AddLine takes one ledger line of the function's log. A line that can't be
// read is counted: the account then can't be closed.
func (o *Observer) AddLine(message string) {
	l, err := line.Parse([]byte(message))
	if err != nil {
		if o.badLines++; o.badLines == 1 {
			o.badLine = err.Error()
		}
		return
	}
	o.probe = true
	before := o.done()
	if !o.book.AddLine(l) {
		return
	}
	// A line without error is of an invocation that ended well; the two lines of
	// one whose batch succeeded in part follow each other.
	if l.Error == "" && l.RequestID != o.lastLine && l.Start.Unix() >= o.whole {
		o.logged++
	}
	o.lastLine = l.RequestID
	if !l.OK {
		return
	}
	s := o.second(l.End.Unix())
	s.fresh += o.done() - before
	for i := range l.Groups {
		g := &l.Groups[i]
		if g.Run != o.runID {
			continue
		}
		s.records += int64(g.Seqs.Len())
		o.addLatencies(s, g)
	}
	s.records += int64(len(l.Foreign))
	s.batches++
	l.ForeignAge.Each(func(d time.Duration, n int64) { s.arrive.RecordN(d, n) })
}

// done is how many of this run's records were processed, each once. What is
// delivered twice, and what others put into the stream, leaves no backlog.
func (o *Observer) done() int64 {
	_, _, processed := o.book.Totals()
	return processed
}

func (o *Observer) addLatencies(s *second, g *line.Group) {
	var step record.StepResult
	if int(g.Step) < len(o.steps) {
		step = o.steps[g.Step]
	}
	add := func(h *line.Hist, into ...*stats.Histogram) {
		h.Each(func(d time.Duration, n int64) {
			for _, i := range into {
				if i != nil {
					i.RecordN(d, n)
				}
			}
		})
	}
	add(&g.FromDue, &s.e2e, &o.recent, step.FromDue)
	add(&g.FromSent, step.FromSent)
	add(&g.FromArrive, &s.arrive, step.FromArrive)
}

// AddInvocation takes what a REPORT line tells, for the second it was read in.
func (o *Observer) AddInvocation(at time.Time, inv Invocation) {
	if !o.reports.add(inv) {
		return
	}
	v := o.second(at.Unix()).values
	if inv.Init > 0 {
		v[metrics.ColdStarts]++
		v[metrics.InitMax] = max(v[metrics.InitMax], float64(inv.Init.Microseconds())/1000)
	}
	v[metrics.MaxMemoryUsed] = max(v[metrics.MaxMemoryUsed], inv.MaxMemoryMB)
}

// Reports are the REPORT lines so far, nil where none was read.
func (o *Observer) Reports() *record.Reports { return o.reports.reports() }
