package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"weir/internal/observe"
	"weir/internal/pipeline"
	"weir/internal/record"
)

// poller reads metrics and log lines while a run is under way. One goroutine
// uses it at a time.
type poller struct {
	every   time.Duration
	again   time.Duration // how far back metrics are read again each time
	vended  *observe.Vended
	ledger  *observe.LogReader // nil without a function
	reports *observe.LogReader
	from    time.Time // nothing before it belongs to the run
	read    time.Time // metrics were read up to here
	// trimmed is the newest log line that an embedded pipeline dropped for want
	// of room; nil on AWS, which drops none.
	trimmed func() time.Time
}

// polled is what one poll brought.
type polled struct {
	at          time.Time
	points      []record.Point
	lines       []string
	invocations []observe.Invocation
	readTo      time.Time // all metrics up to here were read
	linesLost   bool      // log lines may have been dropped before they were read
	err         error     // of what could not be read; the rest is there
}

func newPoller(a pipeline.Address, found record.Pipeline, from time.Time) *poller {
	p := &poller{every: time.Second, vended: observe.NewVended(a), from: from, read: from}
	// A point is stamped with the start of its invocation: it comes late by as
	// much as an invocation may take.
	p.again = found.FunctionTimeout + a.Settle + 3*time.Second
	if a.Kind == pipeline.AWS {
		p.every, p.again = 10*time.Second, observe.VendedMemory
	}
	if a.Function != "" {
		p.ledger, p.reports = observe.NewLedgerReader(a, from), observe.NewReportReader(a, from)
	}
	return p
}

// How long a reading may take: one of many under way, and one that decides. All
// of a long run's log is many pages, and Logs answers five calls a second.
const (
	pollLimit  = 30 * time.Second
	finalLimit = 10 * time.Minute
)

// start polls until the context ends; the channel is closed after the last.
// The receiver has to take all of it: a line that was read is not read again.
func (p *poller) start(ctx context.Context) <-chan polled {
	out := make(chan polled)
	go func() {
		defer close(out)
		tick := time.NewTicker(p.every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				within, cancel := context.WithTimeout(ctx, pollLimit)
				out <- p.poll(within, p.again, now)
				cancel()
			}
		}
	}()
	return out
}

// poll reads the metrics up to a moment, from so long before the last reading
// that did not fail, however long ago that was, and every new log line. One
// source that fails does not keep the others.
func (p *poller) poll(ctx context.Context, again time.Duration, to time.Time) polled {
	got := polled{at: to}
	got.points, got.err = p.vended.Read(ctx, latest(p.read.Add(-again), p.from), to)
	if got.err == nil {
		p.read = to
	}
	got.readTo = p.read
	if p.ledger == nil {
		return got
	}
	readTo := p.ledger.ReadTo()
	lines := p.ledger.Read(ctx, func(m string) { got.lines = append(got.lines, m) })
	got.linesLost = p.trimmed != nil && p.trimmed().After(readTo)
	reports := p.reports.Read(ctx, func(m string) {
		if inv, ok := observe.ParseReport(m); ok {
			got.invocations = append(got.invocations, inv)
		}
	})
	got.err = errors.Join(got.err, lines, reports)
	return got
}

// rewind makes the next poll read the log from the run's beginning again.
func (p *poller) rewind() {
	if p.ledger != nil {
		p.ledger.Rewind(p.from)
	}
}

// took is what the polls have taken so far.
func (p *poller) took() record.Reading {
	var r record.Reading
	r.MetricCalls, r.Metrics = p.vended.Took()
	for _, l := range []*observe.LogReader{p.ledger, p.reports} {
		if l != nil {
			took := l.Took()
			r.LogCalls, r.LogLines, r.LogBytes = r.LogCalls+took.Calls, r.LogLines+took.Lines, r.LogBytes+took.Bytes
		}
	}
	return r
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
