package cli

import (
	"context"
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
	from    time.Time
}

// polled is what one poll brought.
type polled struct {
	at          time.Time
	points      []record.Point
	lines       []string
	invocations []observe.Invocation
	err         error
}

func newPoller(a pipeline.Address, found record.Pipeline, from time.Time) *poller {
	p := &poller{every: time.Second, vended: observe.NewVended(a), from: from}
	// A point is stamped with the start of its invocation: it comes late by as
	// much as an invocation may take.
	p.again = found.FunctionTimeout + 3*time.Second
	if a.Kind == pipeline.AWS {
		p.every, p.again = 10*time.Second, 10*time.Minute
	}
	if a.Function != "" {
		p.ledger, p.reports = observe.NewLedgerReader(a, from), observe.NewReportReader(a, from)
	}
	return p
}

// start polls until the context ends; the channel is closed after the last.
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
				got := p.poll(ctx, now.Add(-p.again), now)
				select {
				case <-ctx.Done():
					return
				case out <- got:
				}
			}
		}
	}()
	return out
}

// poll reads the metrics of [from, to) and every new log line.
func (p *poller) poll(ctx context.Context, from, to time.Time) polled {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if from.Before(p.from) {
		from = p.from
	}
	got := polled{at: to}
	got.points, got.err = p.vended.Read(ctx, from, to)
	if p.ledger == nil || got.err != nil {
		return got
	}
	if got.err = p.ledger.Read(ctx, func(m string) { got.lines = append(got.lines, m) }); got.err != nil {
		return got
	}
	got.err = p.reports.Read(ctx, func(m string) {
		if inv, ok := observe.ParseReport(m); ok {
			got.invocations = append(got.invocations, inv)
		}
	})
	return got
}
