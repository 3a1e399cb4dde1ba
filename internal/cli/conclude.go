package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/observe"
	"weir/internal/record"
)

// conclude reads what is still to be read, closes the account, judges and
// reports.
func (e *execution) conclude(ctx context.Context) error {
	after := context.WithoutCancel(ctx)
	final := e.settle(ctx)
	if ctx.Err() != nil && !e.interrupted {
		e.interrupted = true
		e.record.Status, e.record.Reason = record.Interrupted, "interrupted by the user while the last metrics were read"
	}
	closing := e.closing(final == nil)
	if final != nil {
		closing.Reasons = append(closing.Reasons, final.Error())
	}
	if e.mustReadBack() {
		e.readBack(after, &closing)
	}
	account := e.observer.Book().Close(closing)
	e.append(e.observer.Flush(time.Now().Add(time.Second)))
	e.pushRest(account)
	e.endOfChild()
	if e.record.Status == record.Running {
		e.record.Status = record.Complete
	}
	e.keepFunctionLog(after)
	e.record.Ended, e.record.Sizes = time.Now(), e.observer.Sizes()
	e.record.Reading, e.record.Reports = e.poller.took(), e.observer.Reports()
	if e.clock != nil {
		e.clock.AddArrivals(e.observer.Steps())
		e.record.Clock = e.clock.Measured()
	}
	e.record.Pipeline.Probe = e.observer.Probe()
	if e.unread > 0 {
		e.note("metrics or logs could not be read %d times, the last time: %v", e.unread, e.unreadWhy)
	}
	e.noteFaults()
	if account.NoToken > 0 {
		e.note("%d accepted records carry no token (lines that are not JSON objects, or a script's own data): they are known by their place in the stream, which was read back to account for them", account.NoToken)
	}
	e.save(e.writer.WriteSteps(e.observer.Steps()))
	e.save(e.writer.WriteLedger(account))
	e.save(e.writer.WriteRun(e.record))
	e.save(e.writer.Sync())
	if e.saveErr != nil {
		return fmt.Errorf("write the run's record: %w", e.saveErr)
	}
	return e.verdict()
}

// noteFaults says what came of each fault, so that a reader can tell the
// pipeline's troubles from those that were ordered.
func (e *execution) noteFaults() {
	if e.struck == nil {
		return
	}
	for _, f := range e.struck() {
		e.note("%s", f.Outcome())
	}
}

// settle reads the run's metrics and lines once more, on AWS until two
// readings a minute apart agree; one that fails is made again. An interrupt, before or during it, ends the
// waiting: the run is then judged on what there is.
func (e *execution) settle(ctx context.Context) error {
	wait := e.address.Settle
	if !e.replay.IsZero() { // the load may have ended long ago
		wait = max(wait-time.Since(e.record.LoadEnd), 0)
	}
	deadline := time.Now().Add(wait + 10*time.Minute)
	if wait > 0 && ctx.Err() == nil {
		e.view.say(fmt.Sprintf("waiting %v for CloudWatch's last points", wait))
	}
	for interrupted := false; ; wait = time.Minute {
		select {
		case <-ctx.Done():
			interrupted = true
		case <-time.After(wait):
		}
		before := e.progress()
		err := e.readOnce(ctx)
		settled := err == nil && e.progress() == before
		if e.address.Settle == 0 || interrupted || settled || time.Now().After(deadline) {
			return err
		}
		if err != nil {
			e.view.say("the last metrics and lines could not be read, once more in a minute: " + err.Error())
		}
	}
}

// readOnce reads what may still have changed; where lines are missing, they may
// have come later than a read looks back, so then the log from its beginning.
func (e *execution) readOnce(ctx context.Context) error {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), finalLimit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(pollLimit, cancel) })() // an interrupt leaves it a little
	for again := range 2 {
		now := time.Now()
		got := e.poller.poll(reading, now.Add(-observe.VendedMemory), now.Add(time.Second))
		e.takePoll(got)
		if got.err != nil {
			return got.err
		}
		if again > 0 || e.observer.Unlogged() == 0 || !e.mustReadBack() {
			break
		}
		e.poller.rewind()
	}
	return nil
}

// closing is what the sources outside the account say of it.
func (e *execution) closing(linesComplete bool) ledger.Closing {
	bad, why := e.observer.BadLines()
	c := ledger.Closing{
		Generator: e.generator(), Probe: e.observer.Probe(), LinesComplete: linesComplete && bad == 0 && !e.linesLost,
		Delivered: e.counter(metrics.Invoked), FilteredOut: e.counter(metrics.FilteredOut),
		DeadLettered: e.counter(metrics.DeadLettered), Dropped: e.counter(metrics.Dropped),
		Parallelization: e.record.Pipeline.Parallelization,
	}
	if bad > 0 {
		c.Reasons = append(c.Reasons, fmt.Sprintf("%d ledger lines could not be read, the first for: %s", bad, why))
	}
	if n := e.observer.Unlogged(); linesComplete && n > 0 && e.observer.Probe() {
		c.LinesComplete = false
		c.Reasons = append(c.Reasons, fmt.Sprintf("%d invocations that CloudWatch counted as good left no ledger line: lines are missing from the log, or points count twice", n))
	}
	if e.linesLost {
		c.Reasons = append(c.Reasons, "the embedded pipeline's log dropped lines before they were read: this machine is too slow for the rate of invocations")
	}
	c.Trimmed = e.gone()
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
	err := observe.ReadBack(ctx, e.address, e.clock.Earliest(e.record.LoadStart).Add(-time.Second), func(r observe.StreamRecord) {
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

// keepFunctionLog writes what the function said of itself beside the record
// when invocations failed: without it nobody could tell why.
func (e *execution) keepFunctionLog(ctx context.Context) {
	failed, _ := e.observer.Sum(metrics.Errors)
	if failed == 0 || e.address.Function == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	lines, err := observe.FunctionLog(ctx, e.address, e.record.Started)
	if err != nil {
		e.note("the function's log could not be read: %v", err)
		return
	}
	if len(lines) == 0 {
		e.note("the function wrote nothing about its %.0f failed invocations", failed)
		return
	}
	e.save(record.Replace(e.writer.Path("function.log"), []byte(strings.Join(lines, "\n")+"\n")))
	e.note("%.0f invocations failed; the function's own words are in function.log, the first: %s", failed, clip(strings.Join(strings.Fields(lines[0]), " "), 200))
}

// clip cuts a text to so many bytes, at a character.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
