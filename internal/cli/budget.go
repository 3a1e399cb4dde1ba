package cli

import (
	"fmt"
	"math"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// budget is what a load may cost before it is stopped.
type budget struct {
	tariff
	usd float64
}

// newBudget refuses what would stop a load at its beginning, and a price that
// isn't known; nil where no limit is asked for.
func newBudget(limit float64, found record.Pipeline) (*budget, error) {
	if limit == 0 {
		return nil, nil //nolint:nilnil // no limit
	}
	b := &budget{tariffOf(found), limit}
	begun, err := b.bill(time.Nanosecond, 1, 1, b.largest)
	switch {
	case err != nil:
		return nil, err
	case begun.USD() >= limit:
		return nil, usagef("--budget %g: the first hour of the stream alone costs %s USD", limit, usd(begun.USD()))
	}
	return b, nil
}

// soFar is what is known of a load under way that decides its cost.
type soFar struct {
	load              time.Duration
	records, bytes    float64 // accepted, and their bytes together
	incoming, invoked float64 // records and invocations, as far as CloudWatch has counted; 0: not yet
	billed            time.Duration
	billedInvocations int64 // whose REPORT lines were read
}

// spent estimates what a load has cost. Until invocations are counted it takes
// each record for one, so it errs on the dear side.
func (b *budget) spent(s soFar) (float64, error) {
	if s.records == 0 {
		return 0, nil
	}
	t, batch := b.tariff, 1.0
	switch {
	case math.IsInf(b.largest, 1):
		batch = b.largest
	case s.incoming > 0 && s.invoked > 0:
		batch = s.incoming / s.invoked // below 1 where batches are tried again
	}
	if s.billedInvocations > 0 {
		t.setup.BilledMillis = float64(s.billed.Microseconds()) / 1000 / float64(s.billedInvocations)
	}
	bill, err := t.bill(s.load, s.records, s.bytes/s.records, batch)
	return bill.USD(), err
}

// soFar is what the run knows of its load at a moment.
func (e *execution) soFar(now time.Time) soFar {
	_, accepted, _ := e.observer.Book().Totals()
	s := soFar{load: now.Sub(e.record.LoadStart), records: float64(accepted), bytes: float64(e.observer.SentBytes())}
	s.incoming, _ = e.observer.Sum(metrics.IncomingRecords)
	s.invoked, _ = e.observer.Sum(metrics.Invocations)
	if r := e.observer.Reports(); r != nil {
		s.billed, s.billedInvocations = r.Billed, r.Lines
	}
	return s
}

// stopWhenSpent ends the load once its estimated cost has passed the budget.
func (e *execution) stopWhenSpent(now time.Time) {
	if e.budget == nil || !e.begun || e.stopped != "" {
		return
	}
	spent, err := e.budget.spent(e.soFar(now))
	if err != nil || spent <= e.budget.usd {
		return // every price was there before the load
	}
	e.stopped = fmt.Sprintf("its estimated cost of %.5g USD passed the budget of %g", spent, e.budget.usd)
	e.view.say("the load stops: " + e.stopped)
	e.child.Interrupt()
}
