package values

import (
	"fmt"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// recordLatency is from due where weir made the load, else what the probe says:
// from arrival.
func (r *reading) recordLatency() (finding, error) {
	h := r.merged(func(s *record.StepResult) *stats.Histogram { return s.FromDue })
	if h.Count() > 0 {
		f := finding{
			value: milliseconds(h.Quantile(0.99)), statistic: "p99", exact: true, source: "probe, from due",
			note: fmt.Sprintf("p95 %.4g, maximum %.4g ms", milliseconds(h.Quantile(0.95)), milliseconds(h.Max())),
		}
		if arrive := r.merged(func(s *record.StepResult) *stats.Histogram { return s.FromArrive }); arrive.Count() > 0 {
			f.note += fmt.Sprintf("; from arrival p99 %.4g ms", milliseconds(arrive.Quantile(0.99)))
		}
		f.note += "; " + r.data.Run.ClockSaid()
		return f, nil
	}
	v, err := r.most(metrics.RecordLatencyP99, "the probe's RecordProcessingLatency")
	return finding{
		value: v, statistic: "p99 of the worst period", source: metrics.ProbeNamespace + ", from arrival",
		note: fmt.Sprintf("maximum %.4g ms", r.sums[metrics.RecordLatencyMax].most),
	}, err
}

// throughputMatch takes the probe's count where the mapping sends none.
func (r *reading) throughputMatch() (finding, error) {
	incoming, err := r.counter(metrics.IncomingRecords, "IncomingRecords")
	if err != nil {
		return finding{}, err
	}
	if incoming == 0 {
		return finding{}, unknown("no record came in")
	}
	f := finding{source: "PolledEventCount / IncomingRecords"}
	read, err := r.counter(metrics.Polled, "PolledEventCount")
	if err != nil {
		f.source = "RecordsReceived of the probe / IncomingRecords"
		read, err = r.counter(metrics.ProbeReceived, "PolledEventCount, nor of the probe's RecordsReceived")
	}
	f.value, f.note = read/incoming, fmt.Sprintf("%.0f of %.0f", read, incoming)
	return f, err
}

// backlog are the records that wait; of a load that is not weir's, incoming less
// read by the function's side, from the window's beginning on.
func (r *reading) backlog() (finding, error) {
	if !r.data.Run.Watched {
		if r.sums[metrics.Backlog].points == 0 {
			return finding{}, unknown("no point of the probe: what was processed is not known")
		}
		var most, last float64
		r.data.Waiting(func(_ int64, n float64) { most, last = max(most, n), n })
		return finding{value: most, note: fmt.Sprintf("at the end %.0f", last)}, nil
	}
	read := metrics.Polled
	if r.sums[read].points == 0 {
		read = metrics.ProbeReceived
	}
	if r.sums[read].points == 0 || r.sums[metrics.IncomingRecords].points == 0 {
		return finding{}, unknown("no point of IncomingRecords with one of PolledEventCount or the probe's RecordsReceived")
	}
	var behind, most float64
	for _, p := range r.data.Series {
		behind += p.V[metrics.IncomingRecords] - p.V[read]
		most = max(most, behind)
	}
	return finding{value: most, note: fmt.Sprintf("counted from the window's beginning; at its end %.0f", behind)}, nil
}

func (r *reading) batchSize() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	n := r.sums[metrics.Invocations].sum
	if n == 0 {
		return finding{}, unknown("no invocation")
	}
	f := finding{source: "InvokedEventCount / Invocations"}
	records, err := r.counter(metrics.Invoked, "InvokedEventCount")
	if err != nil {
		f.source = "RecordsReceived of the probe / Invocations"
		records, err = r.counter(metrics.ProbeReceived, "InvokedEventCount, nor of the probe's RecordsReceived")
	}
	f.value = records / n
	if size := r.data.Run.Pipeline.BatchSize; size > 0 {
		f.note = fmt.Sprintf("%.3g %% of the batch size of %d", 100*f.value/float64(size), size)
	}
	return f, err
}

// givenUp is DroppedEventCount, the one with a target; the others stand beside it.
func (r *reading) givenUp() (finding, error) {
	if !r.data.Run.Pipeline.MappingEventCount {
		return finding{}, unknown("the mapping's EventCount metrics are off")
	}
	dropped, err := r.counter(metrics.Dropped, "DroppedEventCount", metrics.Polled)
	failed, _ := r.counter(metrics.FailedInvoke, "FailedInvokeEventCount", metrics.Polled)
	letters, _ := r.counter(metrics.DeadLettered, "OnFailureDestinationDeliveredEventCount", metrics.Polled)
	return finding{
		value: dropped, source: metrics.LambdaNamespace + " DroppedEventCount",
		note: fmt.Sprintf("failed invocations had %.0f, the on-failure destination got %.0f", failed, letters),
	}, err
}

func (r *reading) lost() (finding, error) {
	a := r.data.Ledger
	switch {
	case r.data.Run.Watched:
		return finding{exact: true}, unknown("the load was not weir's: there is no account of its records")
	case a.Offered == 0:
		return finding{exact: true}, unknown("nothing was offered, or no account was kept")
	case !a.Closed || a.Unexplained > 0:
		return finding{exact: true}, unknownf("the account is not closed: %d unexplained, %d lost as far as is known", a.Unexplained, a.Lost)
	}
	return finding{
		value: float64(a.Lost), exact: true, statistic: "lost", source: "ledger",
		note: fmt.Sprintf("expired %d; duplicates: by the mapping %d, by the producer %d", a.Expired, a.Duplicates.Mapping, a.Duplicates.Producer),
	}, nil
}

// drainTime is from the end of the load to the end of the first second in which
// no record waits and whose iterator age, where there is one, is under its
// target, and after which neither rises again.
func (r *reading) drainTime() (finding, error) {
	run := &r.data.Run
	switch {
	case run.Watched:
		return finding{}, r.generated()
	case run.LoadEnd.IsZero() || len(run.Steps) == 0:
		return finding{}, unknown("the load did not end")
	case r.sums[metrics.Backlog].points == 0:
		return finding{}, unknown("the backlog is not known without the probe")
	}
	end := run.LoadEnd
	if last := run.Steps[len(run.Steps)-1].End; !last.IsZero() {
		end = last
	}
	limit := milliseconds(run.Test.Targets.IteratorAge)
	waiting, last := map[int64]float64{}, 0.0
	r.data.Waiting(func(t int64, n float64) { waiting[t], last = n, n })
	var drained time.Time
	for _, p := range r.data.Series {
		behind, known := waiting[p.T]
		age, aged := p.V[metrics.IteratorAge]
		switch over := aged && limit > 0 && age >= limit; {
		case known && behind > 0 || over:
			drained = time.Time{}
		case known && drained.IsZero():
			drained = time.Unix(p.T+1, 0)
		}
	}
	if drained.IsZero() {
		return finding{}, unknownf("it was not drained when the run ended: backlog %.0f", last)
	}
	return finding{value: max(0, drained.Sub(end)).Seconds(), source: "accepted less processed, filtered and given up"}, nil
}
