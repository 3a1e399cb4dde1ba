package cli

import (
	"strings"
	"time"

	"weir/internal/ledger"
	"weir/internal/load"
	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/observe"
	"weir/internal/plan"
	"weir/internal/record"
)

// longestHold bounds how long a point that may still change is kept from k6's
// outputs: CloudWatch's are hardly ever later.
const longestHold = 3 * time.Minute

// newFeed is what k6's outputs get of the pipeline, nil where there are none. The
// runners of a fleet have outputs of their own, which get their own load's.
func (e *execution) newFeed() *observe.Feed {
	if len(e.flags.out) == 0 || e.flags.fleet != nil {
		return nil
	}
	return observe.NewFeed(min(e.poller.again, longestHold))
}

// listener is the load's side that hears what is seen of the pipeline, nil
// where nothing is to be heard.
func (e *execution) listener() *load.Child {
	child, _ := e.child.(*load.Child)
	if e.feed == nil {
		return nil
	}
	return child
}

// k6Args are the user's k6 outputs, and the tags by which they tell one
// pipeline from another.
func (e *execution) k6Args() []string {
	if len(e.flags.out) == 0 {
		return nil
	}
	var args []string
	if e.test.Kind == plan.Script { // keeps the tags it gives itself, and gets one that says so
		args = []string{"--features", "merge-run-tags"}
	}
	for _, out := range e.flags.out {
		args = append(args, "--out", out)
	}
	tags := []string{"test=" + e.test.Name, "stream=" + e.address.Stream}
	if e.address.Function != "" {
		tags = append(tags, "function="+e.address.Function)
	}
	for _, tag := range append(tags, e.flags.tags...) {
		args = append(args, "--tag", tag)
	}
	return args
}

// checkTags refuses tags that k6 would not take, before anything starts.
func (f *loadFlags) checkTags() error {
	for _, tag := range f.tags {
		if name, value, found := strings.Cut(tag, "="); !found || name == "" || value == "" {
			return usagef("--tag %q: write name=value", tag)
		}
	}
	if len(f.tags) > 0 && len(f.out) == 0 {
		return usagef("--tag is for what --out sends: name an output")
	}
	return nil
}

// k6Judges reports whether k6 evaluates the thresholds of a script.
func (e *execution) k6Judges() bool { return e.test.Kind == plan.Script && !e.flags.bounded }

// slowStart is how long k6 may say nothing before a person is told why that may
// be: InfluxDB's output asks its server before the load and waits for the answer.
const slowStart = 30 * time.Second

// lookForStart says once that k6 has not started.
func (e *execution) lookForStart(now time.Time) {
	if e.heard || e.feed == nil || now.Sub(e.record.Started) < slowStart {
		return
	}
	e.heard = true
	e.view.say("k6 has not started: an output whose server does not answer keeps it waiting. Ctrl-C ends it")
}

// append puts points into the record, and into what k6's outputs are to get.
func (e *execution) append(points []record.Point) {
	e.save(e.writer.AppendPoints(points))
	if e.feed != nil {
		e.feed.Add(points)
	}
}

// pushDue hands on what is not expected to change any more.
func (e *execution) pushDue(now time.Time) {
	if listener := e.listener(); listener != nil {
		listener.Observe(e.feed.Due(now, e.observer.Settled()))
	}
}

// pushRest hands on all that is left, and the account.
func (e *execution) pushRest(account ledger.Report) {
	listener := e.listener()
	if listener == nil || e.childEnded {
		return
	}
	listener.Observe(e.feed.Rest())
	values := map[string]float64{}
	for series, n := range map[string]int64{
		metrics.LedgerOffered: account.Offered, metrics.LedgerAccepted: account.Accepted, metrics.LedgerRejected: account.RejectedTotal(),
		metrics.LedgerIndeterminate: account.Indeterminate, metrics.LedgerNotSent: account.NotSent, metrics.LedgerProcessed: account.Processed,
		metrics.LedgerFiltered: account.Filtered, metrics.LedgerDeadLettered: account.DeadLettered, metrics.LedgerExpired: account.Expired,
		metrics.LedgerInFlight: account.InFlight, metrics.LedgerLost: account.Lost, metrics.LedgerUnexplained: account.Unexplained,
	} {
		values[series] = float64(n)
	}
	listener.Observe([]frame.Observation{{T: time.Now().Unix(), V: values}})
}

// noteOutputs says what k6's outputs said of themselves in the end.
func (e *execution) noteOutputs() {
	for _, o := range e.observer.Outputs() {
		if o.Report != "" {
			e.note("output %s: %s", o.Name, o.Report)
		}
		if o.Problems > 0 {
			e.note("output %s: %d problems, the first: %s; see k6.log", o.Name, o.Problems, clip(o.First, 300))
		}
	}
	if listener := e.listener(); listener != nil && listener.Unheard() > 0 {
		e.note("%d points of the pipeline did not reach k6's outputs, which were too slow for them", listener.Unheard())
	}
}
