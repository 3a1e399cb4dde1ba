package observe

import (
	"time"

	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/probe/line"
)

// Live is the run at this moment, for a person watching.
type Live struct {
	Offered, Accepted    float64 // records/s of the last interval; 0 when the load has ended
	NotSent, Throttled   int64   // so far
	Rejected             int64   // so far, throttled ones included
	PutP99               time.Duration
	E2EP50, E2EP99       time.Duration
	HasE2E               bool
	IteratorAge          float64 // ms, the latest point
	HasIteratorAge       bool
	Processed, AcceptedN int64
}

// AddFrame takes one report of the generator.
func (o *Observer) AddFrame(f frame.Frame) {
	if f.Stopped {
		o.outputs = f.Outputs
		return
	}
	if !f.Started.IsZero() {
		o.started = f.Started
	}
	o.finished = o.finished || f.Final
	o.exceptions += f.Exceptions
	o.trendValues += f.TrendValues
	o.thresholds = append(o.thresholds, f.Thresholds...)
	length := o.interval(f)
	s := o.second(f.T.Add(-length / 2).Unix()) // that in which most of the interval lies
	offered := float64(f.OfferedTo - min(o.offeredTo, f.OfferedTo))
	o.offeredTo = max(o.offeredTo, f.OfferedTo)
	s.values[metrics.Offered] += offered
	var accepted int64
	for _, step := range f.Steps {
		accepted += step.Accepted
		o.addStep(s, step)
	}
	o.live.Offered, o.live.Accepted = offered/length.Seconds(), float64(accepted)/length.Seconds()
	if f.Final {
		o.live.Offered, o.live.Accepted = 0, 0
	}
	o.book.Offer(0, f.OfferedTo)
	o.foreign += int64(len(f.Foreign))
	before := o.done()
	for _, r := range f.Foreign {
		o.book.AcceptForeign(0, r.Seq, r.ID, r.StreamSeq)
	}
	s.fresh += o.done() - before // the log had overtaken the frame
	s.values[metrics.InFlightCalls] = float64(f.InFlight)
	o.addHealth(s, f)
	o.lastFrame = f.T
	for name, series := range map[string]string{"iterations": metrics.K6Iterations, "dropped_iterations": metrics.K6Dropped} {
		if k, ok := f.K6[name]; ok {
			s.values[series] += k.Sum
		}
	}
	if k, ok := f.K6["vus"]; ok {
		s.values[metrics.K6VUs] = k.Last
	}
	if s.put.Count() > 0 {
		o.live.PutP99 = s.put.Quantile(0.99)
	}
}

// interval is the time that a frame reports: a second, but a frame may come late,
// and the last one is short.
func (o *Observer) interval(f frame.Frame) time.Duration {
	if !o.lastFrame.IsZero() && f.T.After(o.lastFrame) {
		return f.T.Sub(o.lastFrame)
	}
	return time.Second
}

func (o *Observer) addStep(s *second, f frame.StepFrame) {
	for _, r := range f.Fates {
		o.book.Settle(0, r.Fate, r.Cause, line.Range{From: r.From, To: r.To})
	}
	v := s.values
	v[metrics.Accepted] += float64(f.Accepted)
	v[metrics.NotSent] += float64(f.NotSent)
	v[metrics.Indeterminate] += float64(f.Indeterminate)
	v[metrics.SentBytes] += float64(f.Bytes)
	o.sentBytes += f.Bytes
	for size, n := range f.Sizes {
		o.sizes[size] += n
	}
	v[metrics.Calls] += float64(f.Calls)
	v[metrics.Tries] += float64(f.Tries)
	v[metrics.Retries] += float64(f.Retries)
	if f.Step >= 0 && f.Step < len(o.steps) {
		o.book.CountTries(f.Step, f.Tries, f.Retries)
	}
	for cause, n := range f.Rejected {
		v[metrics.Rejected] += float64(n)
		o.live.Rejected += n
		if cause == throughputExceeded {
			v[metrics.Throttled] += float64(n)
			o.live.Throttled += n
		}
	}
	o.live.NotSent += f.NotSent
	s.put.Merge(f.Put)
	s.late.Merge(f.Lateness)
	if f.Step >= 0 && f.Step < len(o.steps) {
		r := &o.steps[f.Step]
		r.Put.Merge(f.Put)
		r.PutFromDue.Merge(f.PutFromDue)
		r.Lateness.Merge(f.Lateness)
		addHeat(r, f)
	}
	s.heat.add(f)
}

// throughputExceeded is the error code of a record over its shard's limit.
const throughputExceeded = "ProvisionedThroughputExceededException"

func (o *Observer) addHealth(s *second, f frame.Frame) {
	h := f.Health
	s.values[metrics.ChildRSS] = float64(h.RSSBytes)
	s.values[metrics.ChildHeap] = float64(h.HeapBytes)
	s.values[metrics.ChildGCms] = float64(h.GCPause.Microseconds()) / 1000
	s.values[metrics.Goroutines] = float64(h.Goroutines)
	if h.Sockets > 0 {
		s.values[metrics.Sockets] = float64(h.Sockets)
	}
	if wall := f.T.Sub(o.lastFrame); !o.lastFrame.IsZero() && wall > 0 {
		s.values[metrics.ChildCPU] = float64(h.CPU-o.lastCPU) / float64(wall)
	}
	o.lastCPU = h.CPU
}

// Live is the run at this moment; latencies are those since the last call.
func (o *Observer) Live() Live {
	l := o.live
	_, l.AcceptedN, l.Processed = o.book.Totals()
	if o.recent.Count() > 0 {
		o.live.E2EP50, o.live.E2EP99, o.live.HasE2E = o.recent.Quantile(0.5), o.recent.Quantile(0.99), true
		l.E2EP50, l.E2EP99, l.HasE2E = o.live.E2EP50, o.live.E2EP99, true
		o.recent.Reset()
	}
	return l
}
