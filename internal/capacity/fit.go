package capacity

import (
	"errors"
	"fmt"
	"math"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// Fit is the timing that a run showed, and the range in which it did.
type Fit struct {
	Run    string `json:"run"`
	Timing Timing `json:"timing"`
	// Kept are parts of the timing that the run does not show, with the reason;
	// they are as they were.
	Kept []string `json:"kept"`
	// What the run's seconds covered, from the least to the most.
	Batch [2]float64 `json:"records_per_invocation"`
	Rate  [2]float64 `json:"rate"`         // records per second and shard
	Bytes float64    `json:"record_bytes"` // mean
}

// FitTiming takes what a run shows of the pipeline's timing; the rest is as
// otherwise says. It wants a run with invocations and put calls.
func FitTiming(d *record.Data, otherwise Timing) (Fit, error) {
	f := Fit{Run: d.Run.ID, Timing: otherwise}
	put := merged(d, func(r record.StepResult) *stats.Histogram { return r.Put })
	if put.Count() == 0 {
		return f, errors.New("the run has no put calls to take a latency from")
	}
	f.Timing.Put = wire.Latency{Median: put.Quantile(0.5), P99: put.Quantile(0.99)}
	if err := f.service(d); err != nil {
		return f, err
	}
	f.extent(d)
	f.way(d)
	f.coldStart(d)
	return f, nil
}

func (f *Fit) keep(format string, args ...any) { f.Kept = append(f.Kept, fmt.Sprintf(format, args...)) }

// service fits the time of an invocation, the seconds' mean durations, as a part
// for the batch and one for each record, by least squares over invocations.
func (f *Fit) service(d *record.Data) error {
	var n, x, y, xx, xy, failed float64
	for _, p := range d.Series {
		calls, millis := p.V[metrics.Invocations], p.V[metrics.DurationAvg]
		if calls == 0 {
			continue
		}
		records := p.V[metrics.Invoked] / calls
		n += calls
		x += calls * records
		y += calls * millis
		xx += calls * records * records
		xy += calls * records * millis
		failed += p.V[metrics.Errors]
	}
	if n == 0 {
		return errors.New("the run has no invocations to take a service time from")
	}
	spread := xx/n - x/n*x/n
	slope := 0.0
	if spread > 0.01*(x/n)*(x/n) {
		slope = max((xy/n-x/n*y/n)/spread, 0)
	} else {
		slope = float64(f.Timing.PerRecord) / float64(time.Millisecond)
		f.keep("time per record: all batches were of about %.3g records", x/n)
	}
	perBatch := max(y/n-slope*x/n, 0)
	f.Timing.PerBatch = time.Duration(perBatch * float64(time.Millisecond))
	f.Timing.PerRecord = time.Duration(slope * float64(time.Millisecond))
	f.Timing.ErrorRate = failed / n
	return nil
}

// way fits the way of a record from its arrival to the end of its invocation.
// Where nothing queues and no window holds batches back, a record waits for the
// next poll as long as it missed the last one, anything from none to an
// interval, and then for the read, the hand-over and the work.
func (f *Fit) way(d *record.Data) {
	wait := merged(d, func(r record.StepResult) *stats.Histogram { return r.FromArrive })
	get, reads := 0.0, 0.0
	age := 0.0
	for _, p := range d.Series {
		if v, ok := p.V[metrics.GetLatencyAvg]; ok {
			get += v
			reads++
		}
		if p.T >= d.Run.LoadStart.Unix() {
			age = max(age, p.V[metrics.IteratorAge])
		}
	}
	if reads > 0 && get > 0 {
		// The mean of a log-normal distribution of the same shape.
		f.Timing.Get = scaled(f.Timing.Get, time.Duration(get/reads*float64(time.Millisecond)))
	} else {
		f.keep("latency of reads: not in the run's series")
	}
	switch {
	case d.Run.Pipeline.BatchingWindow > 0:
		f.keep("poll interval and hand-over: the run had a batching window")
		return
	case age > 0 || wait.Count() == 0:
		f.keep("poll interval and hand-over: records queued in the run")
		return
	case f.Batch[1] > 0.9*float64(d.Run.Pipeline.BatchSize):
		f.keep("poll interval and hand-over: full batches waited for one another in the run")
		return
	}
	interval := f.interval(2 * (wait.Quantile(0.75) - wait.Quantile(0.25)))
	f.Timing.PollInterval = interval
	work := f.Timing.PerBatch + time.Duration(meanBatch(d)*float64(f.Timing.PerRecord))
	handOver := wait.Quantile(0.5) - interval/2 - work - mean(f.Timing.Get)
	f.Timing.Invoke = scaled(f.Timing.Invoke, max(handOver, 0))
}

// intervalError is what the distance between quartiles tells intervals apart by:
// some hundred batches of a run fall on as many phases of the poll.
const intervalError = 0.03

// interval is the poll interval that a run shows, the timing's own where it is
// within the error: with a batching window of two intervals, a hundredth more or
// less decides whether a batch has the records of two polls or of three.
func (f *Fit) interval(shown time.Duration) time.Duration {
	own := f.Timing.PollInterval
	if math.Abs(float64(shown-own)) > intervalError*float64(own) {
		return shown
	}
	f.keep("poll interval: the %v that the run shows can't be told from it", shown.Round(time.Millisecond))
	return own
}

// coldStart takes the longest inits of the seconds that had some.
func (f *Fit) coldStart(d *record.Data) {
	longest, n := 0.0, 0.0
	for _, p := range d.Series {
		if v := p.V[metrics.InitMax]; v > 0 {
			longest += v
			n++
		}
	}
	if n == 0 {
		f.keep("cold starts: the run had none")
		return
	}
	f.Timing.ColdStart = scaled(f.Timing.ColdStart, time.Duration(longest/n*float64(time.Millisecond)))
}

// extent is the range that the run's seconds covered.
func (f *Fit) extent(d *record.Data) {
	f.Batch, f.Rate = [2]float64{math.Inf(1), 0}, [2]float64{math.Inf(1), 0}
	include := func(r *[2]float64, v float64) { r[0], r[1] = min(r[0], v), max(r[1], v) }
	for _, p := range d.Series {
		if n := p.V[metrics.Invocations]; n > 0 {
			include(&f.Batch, p.V[metrics.Invoked]/n)
		}
	}
	for _, s := range d.Run.Steps {
		include(&f.Rate, s.Rate/float64(max(d.Run.Pipeline.Shards, 1)))
	}
	if u := record.UsageOf(d.Series); u.Records > 0 {
		f.Bytes = u.Bytes / u.Records
	}
}

// Outside says where a scenario leaves the range of the fit, and by how much
// its figures are then less certain: a factor for the fit's own errors, at
// least 1.
func (f *Fit) Outside(sc Scenario) (factor float64, said []string) {
	factor = 1
	check := func(what string, v float64, within [2]float64, unit string) {
		beyond := max(v/within[1], within[0]/max(v, math.SmallestNonzeroFloat64))
		if beyond <= 1.05 { // rounding of calls and polls
			return
		}
		factor *= beyond
		said = append(said, fmt.Sprintf("%s %.4g %s: the fitted run had %.4g to %.4g", what, v, unit, within[0], within[1]))
	}
	shards := float64(sc.Pipeline.Shards)
	for _, step := range sc.Test.Steps {
		check("rate", step.Peak()/shards, f.Rate, "records/s and shard")
	}
	size := float64(sc.Records.Bytes + sc.Records.KeyBytes)
	check("records of", size, [2]float64{f.Bytes, f.Bytes}, "bytes")
	if f.Batch[1] < float64(sc.Pipeline.BatchSize) {
		largest := 0.0
		for _, step := range sc.Test.Steps {
			lanes := shards * float64(sc.Pipeline.Parallelization)
			wait := sc.Timing.PollInterval + sc.Pipeline.BatchingWindow
			largest = max(largest, min(step.Peak()/lanes*wait.Seconds(), float64(sc.Pipeline.BatchSize)))
		}
		check("batches of up to", max(largest, f.Batch[0]), f.Batch, "records")
	}
	return factor, said
}

func meanBatch(d *record.Data) float64 {
	u := record.UsageOf(d.Series)
	return u.Delivered / max(u.Invocations, 1)
}

// mean is that of the log-normal distribution.
func mean(l wire.Latency) time.Duration {
	s := newSampler(l)
	return time.Duration(s.median * math.Exp(s.sigma*s.sigma/2))
}

// scaled is a latency of the same shape with another mean; one of no shape is
// the mean throughout.
func scaled(l wire.Latency, to time.Duration) wire.Latency {
	m := mean(l)
	if m <= 0 {
		return wire.Latency{Median: to, P99: to}
	}
	ratio := float64(to) / float64(m)
	return wire.Latency{Median: time.Duration(float64(l.Median) * ratio), P99: time.Duration(float64(l.P99) * ratio)}
}
