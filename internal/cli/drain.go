package cli

import (
	"context"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// interruptDrain bounds the drain of an interrupted run.
const interruptDrain = 10 * time.Second

// drain waits until the pipeline has processed what it took: every accepted
// record settled, or nothing new for as long as a healthy pipeline may be
// silent, or the limit.
func (e *execution) drain(ctx context.Context, polls <-chan polled, tick <-chan time.Time) {
	e.view.draining()
	w := newDrainWatch(time.Now(), e.flags.drain, e.progress())
	w.quiet = e.address.DeliveryDelay + e.record.Pipeline.FunctionTimeout + e.address.Settle + 2*time.Second
	interrupt := ctx.Done()
	if e.interrupted {
		w.interrupt(time.Now())
		interrupt = nil
	}
	for {
		select {
		case p := <-polls:
			e.takePoll(p)
			switch w.look(time.Now(), e.progress(), e.drained()) {
			case drainGoesOn:
				continue
			case drainOverLimit:
				e.note("the drain was ended after %v, before every record was processed", w.limit.Round(time.Second))
			case drainComplete, drainQuiet:
			}
			return
		case now := <-tick:
			e.tick(now)
		case <-interrupt:
			interrupt = nil
			e.interruptedDuring("interrupted by the user during the drain")
			w.interrupt(time.Now())
			e.view.say("interrupted: the drain ends soon; once more ends weir at once")
		}
	}
}

// interruptedDuring notes that the user wants an end after the load. What ended
// the load itself stays the reason.
func (e *execution) interruptedDuring(reason string) {
	e.interrupted = true
	if e.record.Status == record.Running {
		e.record.Status, e.record.Reason = record.Interrupted, reason
	}
}

// drainEnd says whether a drain is over, and why.
type drainEnd int

const (
	drainGoesOn drainEnd = iota
	drainComplete
	drainQuiet     // nothing has moved for longer than a healthy pipeline is silent
	drainOverLimit // things still move, but the time for it is up
)

// progress are the counters that move while a pipeline works.
type progress struct {
	processed       int64
	polled, invoked float64
}

// drainWatch decides when a drain is over.
type drainWatch struct {
	began time.Time
	limit time.Duration // from began
	quiet time.Duration // how long a healthy pipeline may be silent
	last  progress
	moved time.Time // when last changed
}

func newDrainWatch(now time.Time, limit time.Duration, p progress) drainWatch {
	return drainWatch{began: now, limit: limit, last: p, moved: now}
}

// interrupt leaves the drain a short while more.
func (w *drainWatch) interrupt(now time.Time) {
	w.limit = min(w.limit, now.Sub(w.began)+interruptDrain)
}

// look takes the counters as they are now; complete says that nothing is left
// to wait for.
func (w *drainWatch) look(now time.Time, p progress, complete bool) drainEnd {
	if p != w.last {
		w.last, w.moved = p, now
	}
	switch {
	case complete:
		return drainComplete
	case now.Sub(w.moved) > w.quiet:
		return drainQuiet
	case now.Sub(w.began) > w.limit:
		return drainOverLimit
	}
	return drainGoesOn
}

// drained reports that nothing is left to wait for: every record processed, or
// gone from the embedded stream before it was read, and every invocation
// counted. Without a probe only the mapping's counters
// tell, and they count hand-over, so the silence after them decides.
func (e *execution) drained() bool {
	if !e.begun {
		return true // nothing was put
	}
	return e.observer.Probe() && e.observer.Book().Unsettled() <= e.gone() && e.counted()
}

// counted reports that CloudWatch has counted every record that came in as
// polled or as gone. Where that takes minutes the final reading waits for it instead.
func (e *execution) counted() bool {
	if e.address.Settle > 0 {
		return true
	}
	in, _ := e.observer.Sum(metrics.IncomingRecords)
	out, ok := e.observer.Sum(metrics.Polled)
	return ok && out+float64(e.gone()) >= in
}

// gone is how many records the embedded stream let go before the mapping had
// read them.
func (e *execution) gone() int64 {
	if e.skipped == nil {
		return 0
	}
	return int64(e.skipped())
}

func (e *execution) progress() progress {
	var p progress
	_, _, p.processed = e.observer.Book().Totals()
	p.polled, _ = e.observer.Sum(metrics.Polled)
	p.invoked, _ = e.observer.Sum(metrics.Invoked)
	return p
}
