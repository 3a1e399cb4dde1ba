package cli

import (
	"strings"
	"testing"
	"time"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/observe"
	"weir/internal/record"
	"weir/internal/stats"
)

// An hour at 1000/s under way, as in TestCostLine: dear as long as invocations are not counted, then by
// what was counted and billed.
func TestSpent(t *testing.T) {
	b, err := newBudget(5, provisioned)
	if err != nil {
		t.Fatal(err)
	}
	hour := soFar{load: time.Hour, records: 3.6e6, bytes: 3.6e6 * 512}
	for _, tt := range []struct {
		name   string
		change func(*soFar)
		want   string
	}{
		{"nothing counted", func(*soFar) {}, "4.75"},
		{"100 records an invocation", func(s *soFar) { s.incoming, s.invoked = 1e6, 1e4 }, "0.18"},
		// 36 000 × 0.9 × 0.5 × 16.6667 µUSD = 0.27 more
		{"1 s each", func(s *soFar) {
			s.incoming, s.invoked, s.billed, s.billedInvocations = 1e6, 1e4, 1e4*time.Second, 1e4
		}, "0.45"},
		// 7.2 M invocations are 9.24, the rest 0.13
		{"each batch of one tried twice", func(s *soFar) { s.incoming, s.invoked = 1e6, 2e6 }, "9.37"},
		{"nothing accepted", func(s *soFar) { s.records = 0 }, "0.00"},
	} {
		s := hour
		tt.change(&s)
		if got, err := b.spent(s); err != nil || usd(got) != tt.want {
			t.Errorf("%s: %g, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestBudgetIsAboveTheFirstHour(t *testing.T) {
	_, err := newBudget(0.05, provisioned)
	refused(t, "0.05", err, "--budget 0.05: the first hour of the stream alone costs 0.06 USD")
	elsewhere := provisioned
	elsewhere.Region = "eu-west-1"
	_, err = newBudget(5, elsewhere)
	refused(t, "no price", err, "no price of kinesis/shard-hour for region eu-west-1: weir cost refresh --region eu-west-1 reads AWS's, or choose another --region")
	if b, err := newBudget(0, provisioned); b != nil || err != nil {
		t.Errorf("no limit: %v, %v", b, err)
	}
}

// stoppable counts how often a load is told to end.
type stoppable struct{ interrupts int }

func (*stoppable) Frames() <-chan frame.Frame { return nil }
func (*stoppable) Wait() (int, error)         { return 0, nil }
func (s *stoppable) Interrupt()               { s.interrupts++ }

// A load is stopped once, when it has passed its budget and not before, and its
// run says why. At 1000/s, each record taken for an invocation, a second costs
// 1.2973 mUSD beside the 0.06 of the stream's hour and 6.7 µUSD of metrics:
// 700 s come to 0.97, 730 s to 1.01.
func TestLoadStopsAtItsBudget(t *testing.T) {
	began := time.Now().Add(-731 * time.Second) // the second step's time has not come
	limit, err := newBudget(1, provisioned)
	if err != nil {
		t.Fatal(err)
	}
	child, said := &stoppable{}, &strings.Builder{}
	e := &execution{budget: limit, child: child, view: &lines{w: said}, begun: true}
	e.record = record.Run{Status: record.Running, LoadStart: began, Steps: []record.Step{
		{Rate: 1000, EndEx: 3_600_000, Start: began, End: began.Add(time.Hour)},
		{Rate: 2000, First: 3_600_000, EndEx: 7_200_000, Start: began.Add(time.Hour), End: began.Add(90 * time.Minute)},
	}}
	e.observer = observe.New(&e.record)

	const reason = "its estimated cost of 1.0119 USD passed the budget of 1"
	accepted := uint64(0)
	for _, at := range []struct {
		second  uint64
		stopped string
	}{{700, ""}, {730, reason}, {731, reason}} {
		now, to := began.Add(time.Duration(at.second)*time.Second), 1000*at.second
		e.observer.AddFrame(frame.Frame{T: now, Started: began, OfferedTo: to, Steps: []frame.StepFrame{{
			Accepted: int64(to - accepted), Bytes: 512 * int64(to-accepted), Put: &stats.Histogram{}, PutFromDue: &stats.Histogram{}, Lateness: &stats.Histogram{},
			Fates: []frame.FateRange{{Fate: ledger.Accepted, From: accepted, To: to}},
		}}})
		accepted = to
		if e.stopWhenSpent(now); e.stopped != at.stopped {
			t.Errorf("after %d s: %q, want %q", at.second, e.stopped, at.stopped)
		}
	}
	if want := "the load stops: " + reason + "\n"; child.interrupts != 1 || said.String() != want {
		t.Errorf("stopped %d times, said %q, want %q", child.interrupts, said, want)
	}
	e.endOfLoad()
	if r := e.record; r.Status != record.Interrupted || r.Reason != reason || len(r.Steps) != 1 || e.interrupted {
		t.Errorf("%s: %s; steps %d, interrupted by the user: %v", r.Status, r.Reason, len(r.Steps), e.interrupted)
	}
}
