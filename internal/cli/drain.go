package cli

import (
	"context"
	"fmt"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/observe"
	"weir/internal/pipeline"
	"weir/internal/record"
)

// interruptDrain bounds the drain of an interrupted run.
const interruptDrain = 10 * time.Second

// drain waits until the pipeline has processed what it took: every accepted
// record settled, or nothing new for as long as a healthy pipeline may be
// silent, or the limit.
func (e *execution) drain(ctx context.Context, polls <-chan polled, tick <-chan time.Time) {
	e.view.draining()
	began := time.Now()
	limit, interrupt := e.flags.drain, ctx.Done()
	if e.interrupted {
		limit, interrupt = min(limit, interruptDrain), nil
	}
	quiet := e.address.DeliveryDelay + e.record.Pipeline.FunctionTimeout + e.address.Settle + 2*time.Second
	moved, last := began, e.progress()
	for {
		select {
		case p := <-polls:
			e.takePoll(p)
			if now := e.progress(); now != last {
				moved, last = time.Now(), now
			}
			switch now := time.Now(); {
			case e.drained():
				return
			case now.Sub(moved) > quiet:
				return
			case now.Sub(began) > limit:
				e.note("the drain was ended after %v, before every record was processed", limit)
				return
			}
		case now := <-tick:
			e.tick(now)
		case <-interrupt:
			interrupt, e.interrupted = nil, true
			e.record.Status, e.record.Reason = record.Interrupted, "interrupted by the user during the drain"
			limit = min(limit, time.Since(began)+interruptDrain)
			e.view.say("interrupted: the drain ends soon; once more ends weir at once")
		}
	}
}

// drained reports that nothing is left to wait for: every record processed
// and every invocation counted. Without a probe only the mapping's counters
// tell, and they count hand-over, so the silence after them decides.
func (e *execution) drained() bool {
	return e.observer.Probe() && e.observer.Book().Unsettled() == 0 && e.counted()
}

// counted reports that CloudWatch has counted every record that came in as
// polled: on AWS that takes minutes, which the final reading waits for.
func (e *execution) counted() bool {
	if e.address.Kind == pipeline.AWS {
		return true
	}
	in, _ := e.observer.Sum(metrics.IncomingRecords)
	out, ok := e.observer.Sum(metrics.Polled)
	return ok && out >= in
}

// progress changes with everything that moves in the pipeline.
func (e *execution) progress() [3]float64 {
	_, _, processed := e.observer.Book().Totals()
	polled, _ := e.observer.Sum(metrics.Polled)
	invoked, _ := e.observer.Sum(metrics.Invoked)
	return [3]float64{float64(processed), polled, invoked}
}

// conclude reads what is still to be read, closes the account, judges and
// reports.
func (e *execution) conclude(ctx context.Context) error {
	after := context.WithoutCancel(ctx)
	final := e.settle(after)
	closing := e.closing(final == nil)
	if final != nil {
		closing.Reasons = append(closing.Reasons, final.Error())
	}
	if e.mustReadBack() {
		e.readBack(after, &closing)
	}
	if e.record.Status == record.Running {
		e.record.Status = record.Complete
	}
	e.record.Ended = time.Now()
	e.record.Pipeline.Probe = e.observer.Probe()
	account := e.observer.Book().Close(closing)
	if account.NoToken > 0 {
		e.note("%d accepted records carry no token (lines that are not JSON objects, or a script's own data): they are known by their place in the stream, which was read back to account for them", account.NoToken)
	}
	e.save(e.writer.AppendPoints(e.observer.Flush(time.Now().Add(time.Second))))
	e.save(e.writer.WriteSteps(e.observer.Steps()))
	e.save(e.writer.WriteLedger(account))
	e.save(e.writer.WriteRun(e.record))
	e.save(e.writer.Sync())
	if e.saveErr != nil {
		return fmt.Errorf("write the run's record: %w", e.saveErr)
	}
	return e.verdict()
}

// settle reads the run's metrics and lines once more, on AWS until two
// readings a minute apart agree.
func (e *execution) settle(ctx context.Context) error {
	deadline := time.Now().Add(e.address.Settle + 10*time.Minute)
	if wait := e.address.Settle; wait > 0 {
		e.view.say(fmt.Sprintf("waiting %v for CloudWatch's last points", wait))
		time.Sleep(wait)
	}
	for {
		got := e.poller.poll(ctx, time.Now().Add(-10*time.Minute), time.Now().Add(time.Second))
		if got.err != nil {
			return got.err
		}
		before := e.progress()
		e.takePoll(got)
		if e.address.Settle == 0 || e.progress() == before || time.Now().After(deadline) {
			return nil
		}
		time.Sleep(time.Minute)
	}
}

// closing is what the sources outside the account say of it.
func (e *execution) closing(linesComplete bool) ledger.Closing {
	c := ledger.Closing{
		Generator: e.generator(), Probe: e.observer.Probe(), LinesComplete: linesComplete && len(e.observer.BadLines()) == 0,
		Delivered: e.counter(metrics.Invoked), FilteredOut: e.counter(metrics.FilteredOut),
		DeadLettered: e.counter(metrics.DeadLettered), Dropped: e.counter(metrics.Dropped),
		Parallelization: e.record.Pipeline.Parallelization,
	}
	if bad := e.observer.BadLines(); len(bad) > 0 {
		c.Reasons = append(c.Reasons, fmt.Sprintf("%d ledger lines could not be read: %s", len(bad), bad[0]))
	}
	if e.skipped != nil {
		c.Trimmed = int64(e.skipped())
	}
	return c
}

func (e *execution) generator() ledger.Generator {
	switch {
	case e.observer.Finished():
		return ledger.GeneratorFinished
	case e.record.LoadEnd.IsZero():
		return ledger.GeneratorRunning
	}
	return ledger.GeneratorKilled
}

// counter is a counter of the mapping, -1 where it was never seen.
func (e *execution) counter(name string) int64 {
	if !e.record.Pipeline.MappingEventCount {
		return -1
	}
	n, ok := e.observer.Sum(name)
	if !ok {
		return -1
	}
	return int64(n)
}

func (e *execution) mustReadBack() bool {
	return e.begun && (e.observer.Book().Unsettled() > 0 || e.observer.Foreign() > 0)
}

// readBack reads the stream from the start of the load to its tip.
func (e *execution) readBack(ctx context.Context, c *ledger.Closing) {
	e.view.say("reading the stream back to close the account")
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	c.ReadBack, c.ReadBackComplete = true, true
	book := e.observer.Book()
	err := observe.ReadBack(ctx, e.address, e.record.LoadStart.Add(-time.Second), func(r observe.StreamRecord) {
		book.AddReadBack(r.Shard, r.SequenceNumber, r.Data)
	})
	if err != nil {
		c.ReadBackComplete = false
		c.Reasons = append(c.Reasons, err.Error())
	}
	if sent := e.observer.SentBytes(); e.retainBytes > 0 && sent > e.retainBytes {
		c.ReadBackComplete = false
		c.Reasons = append(c.Reasons, fmt.Sprintf("the embedded stream keeps %d MiB of records and took %d MiB: --retain keeps more",
			e.retainBytes>>20, sent>>20))
	}
	held := time.Duration(e.record.Pipeline.RetentionHours) * time.Hour
	if held > 0 && time.Since(e.record.LoadStart) > held {
		c.ReadBackComplete = false
		c.Reasons = append(c.Reasons, fmt.Sprintf("the stream keeps records for %v and the load began before that", held))
	}
}

func (e *execution) note(format string, args ...any) {
	e.record.Notes = append(e.record.Notes, fmt.Sprintf(format, args...))
}
