package capacity

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
	"weir/internal/ledger"
	"weir/internal/quota"
	"weir/internal/record"
)

// simulation is a scenario being carried out: virtual time jumps from event to
// event, and nothing happens between them.
type simulation struct {
	scenario *Scenario
	now      time.Duration // after the load's start
	queue    eventQueue
	chance   *rand.Rand
	failures *rand.Rand // which invocations fail
	line     timeline
	steps    []*stepAccount
	offering *offering
	coming   stretch // the next to be offered
	offered  bool    // all of them

	freeParcels []*parcel
	dealt       []*parcel   // of the last stretch
	refusedOnce []*parcel   // of the last put, to be put again
	turns       func() Turn // nil: no record is put twice
	copies      int         // of records that are in the stream already, still under way
	placement   *kinesis.Placement
	owners      []int                        // of each part of the hash keys, the open shard's number
	place       func(slot uint64) (cell int) // nil: dealt by shares
	shares      []float64                    // of the cells; nil: all alike
	shards      []station                    // by number
	followed    []int                        // the numbers of those that the mapping follows, by its index
	mapping     *lambda.Mapping
	groups      []kinesis.Group // of one put
	counts      []int           // of one call, by cell
	calls       []*call         // on their way
	places      []int32         // free ones in calls

	get, invoke, cold, putting sampler
	busy                       levels
	limit                      int           // of the function's concurrency
	inUse                      int           // of it
	warm                       int           // environments there are
	furthest                   time.Duration // that was looked ahead

	concurrency  *lambda.Concurrency
	environments lambda.Environments
	reaped       time.Duration
	flights      []flight
	spare        []int32 // free ones of flights

	faults         *fault.Schedule
	troubled       bool // some of the faults strike records
	drops          int
	kills, repeats int
	events         int64
}

// Simulate carries the scenario out and gives the points of the run's series to
// emit, second by second; nil wants none. The same scenario with the same seed
// has the same outcome. It fails where the scenario can't be simulated, or emit
// fails.
func Simulate(sc Scenario, emit func(record.Point) error) (*Outcome, error) {
	if err := sc.Check(); err != nil {
		return nil, err
	}
	s := newSimulation(&sc, emit)
	if err := s.run(); err != nil {
		return nil, err
	}
	return s.outcome(), nil
}

// called are the operations that a simulation knows.
var called = []string{"PutRecord", "PutRecords", "GetRecords"}

// Happens says why a fault has nothing to strike in virtual time; nil where it has.
func Happens(f fault.Fault) error {
	operation, named := f.Operation()
	service := slices.Contains(fault.Services, f.Where)
	switch {
	case f.OfFeed():
		return errors.New("a simulation's points and log events are its own: nothing gets in their way")
	case named && !slices.Contains(called, operation) || service && f.Where != fault.Kinesis:
		return fmt.Errorf("a simulation makes no such calls: only %s", strings.Join(called, ", "))
	}
	return nil
}

// Check says why a scenario can't be simulated.
func (sc *Scenario) Check() error {
	p := sc.Pipeline
	switch {
	case p.Shards < 1 || p.Parallelization < 1 || p.BatchSize < 1:
		return errors.New("a pipeline needs shards, lanes and batches of at least 1")
	case len(sc.Test.Steps) == 0:
		return errors.New("the test has no steps")
	}
	for _, f := range sc.Faults {
		if err := Happens(f); err != nil {
			return fmt.Errorf("fault %s: %w", f, err)
		}
	}
	return nil
}

func newSimulation(sc *Scenario, emit func(record.Point) error) *simulation {
	seed := sc.Test.Seed
	s := &simulation{
		scenario: sc, chance: rand.New(rand.NewPCG(seed, 0x73696d)), failures: rand.New(rand.NewPCG(seed, 0)), placement: sc.placement(),
		faults: fault.NewSchedule(seed), concurrency: lambda.NewConcurrency(quota.DefaultConcurrency),
	}
	s.line = timeline{start: sc.Start, shards: s.placement.ShardCount, emit: emit}
	for range sc.Test.Steps {
		s.steps = append(s.steps, newStepAccount(s.placement.ShardCount))
	}
	s.counts = make([]int, s.cells())
	s.deal()
	s.offering = newOffering(sc, s.cells(), s.chance)
	t := sc.Timing
	s.get, s.invoke, s.cold, s.putting = newSampler(t.Get), newSampler(t.Invoke), newSampler(t.ColdStart), newSampler(t.Put)
	s.concurrency.Add(functionName, 0)
	s.limit = quota.DefaultConcurrency
	if n := sc.Pipeline.Concurrency; n > 0 {
		s.limit = n
		_ = s.concurrency.Reserve(functionName, n) // as much as the account leaves, or no less than it has
	}
	if sc.Producer != nil {
		s.turns = sc.Producer()
	}
	s.orderFaults()
	s.stations()
	s.lookAhead()
	return s
}

// orderFaults puts the faults on the schedule, and those of a moment among the
// events.
func (s *simulation) orderFaults() {
	for i, f := range s.scenario.Faults {
		_, _ = s.faults.Add(f, s.scenario.Start) // more than a schedule holds are no use
		s.troubled = s.troubled || f.OfRecords()
		if f.Moment() {
			s.queue.add(event{at: f.At, kind: faultStrikes, index: int32(i)})
		}
	}
}

// time is the time of day of a moment after the load's start.
func (s *simulation) time(at time.Duration) time.Time { return s.scenario.Start.Add(at) }

// lookAhead takes the next stretch to be offered.
func (s *simulation) lookAhead() {
	next, ok := s.offering.next()
	if !ok {
		s.offered = true
		return
	}
	s.coming = next
	at := next.last // a call leaves when its last record is due
	if s.offering.stretch > 0 {
		at = next.first
	}
	s.queue.add(event{at: max(at, s.now), kind: offerDue})
}

// run goes from event to event until the load is over and the pipeline has
// drained, or may drain no longer.
func (s *simulation) run() error {
	end := s.loadEnd() + s.scenario.Drain
	for len(s.queue.heap) > 0 {
		e := s.queue.next()
		if e.at > end || s.offered && e.at > s.loadEnd() && s.drained() {
			break
		}
		s.busy.advance(e.at, &s.line)
		if e.at/time.Second != s.now/time.Second {
			if err := s.line.flush(e.at); err != nil {
				return err
			}
		}
		s.now = e.at
		s.events++
		s.carryOut(e)
	}
	s.now = max(s.now, s.furthest, s.loadEnd())
	s.abandonCalls()
	s.busy.advance(s.now+time.Second, &s.line)
	return s.line.flush(s.now + time.Second)
}

func (s *simulation) carryOut(e event) {
	switch e.kind {
	case offerDue:
		coming := s.coming
		s.offer(coming)
		s.lookAhead()
	case callArrives:
		s.arrive(s.take(e.index))
	case callAgain:
		s.repeat(s.take(e.index))
	case shardWakes:
		if st := &s.shards[e.index]; st.turn == e.turn {
			st.wake = lambda.Never
			s.advance(int(e.index))
		}
	case readAnswered:
		s.answer(int(e.index))
	case batchArrives:
		if s.flights[e.index].turn == e.turn {
			s.enter(e.index)
		}
	case batchEnds:
		if s.flights[e.index].turn == e.turn {
			s.leave(e.index)
		}
	case faultStrikes:
		s.strike(int(e.index))
	}
}

// strike makes a fault of a moment happen.
func (s *simulation) strike(i int) {
	f := s.scenario.Faults[i]
	id := i + 1 // as the schedule counts them
	if !s.faults.Strike(id) {
		return
	}
	struck, err := f.Count, error(nil)
	switch f.Kind {
	case fault.SplitShard, fault.MergeShards, fault.UpdateShardCount:
		struck, err = s.reshard(i)
	case fault.DropRecord:
		s.drops += f.Count
	case fault.DeliverTwice:
		s.repeats += f.Count
	case fault.KillFunction:
		s.kills += f.Count
	case fault.KillEnvironment:
		struck = s.killEnvironments(f.Count)
	}
	s.faults.Struck(id, struck, err)
}

func (s *simulation) loadEnd() time.Duration { return s.offering.schedule.Duration() }

// drained reports that every accepted record is settled.
func (s *simulation) drained() bool {
	if len(s.places) < len(s.calls) || s.copies > 0 {
		return false
	}
	return !slices.ContainsFunc(s.steps, func(a *stepAccount) bool { return a.unsettled() > 0 })
}

// outcome is what the simulation leaves.
func (s *simulation) outcome() *Outcome {
	o := &Outcome{LoadEnd: s.time(s.loadEnd()), Ended: s.time(s.now), Events: s.events}
	o.Ledger.Closed = true
	o.Ledger.Rejected, o.Ledger.Reordered = map[string]int64{}, new(int64(0))
	for i, step := range s.scenario.Test.Steps {
		first, end, start := s.offering.schedule.StepRange(i)
		r := record.Step{
			Index: i, Rate: step.Rate, Judged: step.Judged, First: first, EndEx: end,
			Start: s.time(start), End: s.time(start + step.Duration),
		}
		if step.Shape != nil {
			r.Shape = step.Shape.Text
		}
		o.Steps = append(o.Steps, r)
		o.Results = append(o.Results, s.steps[i].result(i, s.offering.linger(i)))
		account := s.steps[i].close()
		o.Ledger.Steps = append(o.Ledger.Steps, ledger.StepAccount{Step: i, Rate: step.Rate, Account: account})
		addAccount(&o.Ledger.Account, account)
	}
	for _, f := range s.faults.List(s.time(s.now)) {
		o.Notes = append(o.Notes, f.Outcome())
	}
	return o
}
