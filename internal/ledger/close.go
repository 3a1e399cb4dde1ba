package ledger

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"weir/probe/line"
)

// Generator says how the load stands when an account is closed. It decides
// what the offered slots are whose fate nobody said.
type Generator int

// States of the generator.
const (
	GeneratorRunning  Generator = iota // calls are under way: indeterminate until they answer
	GeneratorFinished                  // it said its last word: it never got to them, not sent
	GeneratorKilled                    // it ended without a word: see below
)

// Closing is what is known from outside the book when the account is closed.
// Counters of the mapping are -1 where they are unknown.
type Closing struct {
	Generator        Generator
	Probe            bool     // the function writes ledger lines
	LinesComplete    bool     // every log line up to now was read
	ReadBack         bool     // the stream was read back
	ReadBackComplete bool     // from the run's first record to the end, all shards
	Delivered        int64    // Σ InvokedEventCount
	FilteredOut      int64    // Σ FilteredOutEventCount
	DeadLettered     int64    // Σ OnFailureDestinationDeliveredEventCount
	Dropped          int64    // Σ DroppedEventCount: given up by the mapping and delivered nowhere
	Trimmed          int64    // records the stream no longer had when it was read back (retention)
	Parallelization  int      // the mapping's ParallelizationFactor; 0 counts as 1
	Reasons          []string // why a source above is unknown or incomplete, in words
}

// namedRecords is how many lost records a report names.
const namedRecords = 100

// Close balances the account with what is known by now. It changes nothing:
// the book may be kept on, and closed again when more is known.
//
// Slots that were offered and never settled are not sent when the generator
// finished, for it settles all it sends. While it runs, and when it was killed,
// they are indeterminate unless they were seen in the stream: a killed
// generator may have sent any of them, also above the highest it settled, so
// to call those not sent would be a guess.
func (b *Book) Close(c Closing) Report {
	cl := closing{Closing: c, book: b, at: b.placed(c.Parallelization), order: b.order.closed()}
	for k := range b.steps {
		cl.steps = append(cl.steps, b.stepClosing(k, &cl))
	}
	cl.reasons = slices.Clone(c.Reasons)
	cl.doubtProducer()
	cl.explain()
	cl.nameLost()
	return cl.report()
}

// closing is one run of Close.
type closing struct {
	Closing
	book  *Book
	at    map[int]*atPlace
	order *order
	steps []stepClosing

	sent         int64 // settled as put by the producer
	silent       int64 // offered, never settled, never seen
	contradicted int64 // refused or not sent by the producer's word, and seen
	unlogged     int64 // given up after invocations that all died without a line
	reasons      []string
}

// say adds a reason and how many it is about, if any.
func (cl *closing) say(what string, n int64) {
	if n > 0 {
		cl.reasons = append(cl.reasons, fmt.Sprintf("%s: %d", what, n))
	}
}

// stepClosing is a step's account in the making.
type stepClosing struct {
	account   Account
	delivered int64          // distinct records in invocations
	before    [classes]int64 // accepted, not processed
	classes   [classes]int64 // of these, not yet explained
	lost      [classes]int64
}

// stepClosing counts the slots of step k.
func (b *Book) stepClosing(k int, cl *closing) stepClosing {
	t := b.tally[k]
	st := stepClosing{account: Account{
		Rejected:              map[string]int64{},
		Attempted:             t.attempted,
		Duplicates:            t.duplicates,
		ReorderedBeforeStream: t.inversionsEarly,
		PutTries:              t.tries,
		PutRetries:            t.retries,
		ReadBack:              cl.ReadBack,
	}}
	for producer, slots := range b.offered(k) {
		s, at := b.producers[producer], cl.place(producer)
		for w, mask := range words(slots) {
			st.producerSide(s, w, mask, cl)
			st.streamSide(s, at, w, mask)
		}
	}
	st.before = st.classes
	return st
}

// offered is the offered slots of step k by producer, in rising order.
func (b *Book) offered(k int) iter.Seq2[int, line.Range] {
	return func(yield func(int, line.Range) bool) {
		for _, producer := range slices.Sorted(maps.Keys(b.producers)) {
			if !yield(producer, clip(line.Range{To: b.producers[producer].end}, b.steps[k])) {
				return
			}
		}
	}
}

func (cl *closing) place(producer int) *atPlace {
	if a := cl.at[producer]; a != nil {
		return a
	}
	return &atPlace{}
}

// producerSide adds the first sum: what became of the offered records.
func (st *stepClosing) producerSide(s *slots, w, mask uint64, cl *closing) {
	a := &st.account
	exists, settled := s.exists(w), s.settled(w)
	a.Offered += count(mask)
	a.Accepted += count(mask & exists)
	a.Indeterminate += count(mask & s.indeterminate.word(w) &^ exists)
	a.NotSent += count(mask & s.notSent.word(w) &^ exists)
	for cause, refused := range s.refused {
		if n := count(mask & refused.word(w) &^ exists); n > 0 {
			a.Rejected[cause] += n
		}
	}
	silent := count(mask &^ exists &^ settled)
	if cl.Generator == GeneratorFinished {
		a.NotSent += silent
	} else {
		a.Indeterminate += silent
		cl.silent += silent
	}
	cl.sent += count(mask & settled &^ s.notSent.word(w))
	unsent := settled &^ s.acked.word(w) &^ s.indeterminate.word(w)
	cl.contradicted += count(mask & unsent & s.seen(w))
}

// streamSide adds the second sum: what became of the accepted records.
func (st *stepClosing) streamSide(s *slots, at *atPlace, w, mask uint64) {
	a := &st.account
	processed := s.processed.word(w)
	a.Processed += count(mask & processed)
	a.NoToken += count(mask & s.noToken.word(w))
	st.delivered += count(mask & (processed | s.tried.word(w)))
	for c, slots := range s.classify(at, w, mask) {
		st.classes[c] += count(slots)
	}
}

// report puts the accounts together.
func (cl *closing) report() Report {
	r := Report{Closed: cl.Generator == GeneratorFinished}
	r.Rejected = map[string]int64{}
	r.ReadBack = cl.ReadBack
	r.Reordered = cl.reordered()
	r.Reasons = cl.reasons
	for k, st := range cl.steps {
		a := &st.account
		if r.Reordered != nil {
			n := cl.order.behind[k] + cl.book.tally[k].inversions
			a.Reordered = new(n)
		}
		a.Retried = max(0, a.Attempted-st.delivered-a.Duplicates.Producer)
		r.add(a)
		step := cl.book.steps[k]
		r.Steps = append(r.Steps, StepAccount{Step: step.Step, Rate: step.Rate, Account: *a})
	}
	if cl.Delivered >= 0 {
		// The mapping also counts deliveries to invocations that died without a
		// line; those of other senders' records are not ours.
		counted := max(r.Attempted, cl.Delivered-cl.book.logged.strays-cl.book.foreign.strays)
		if cl.Probe && cl.LinesComplete {
			// The first delivery of a record that no line names was no retry; nor is
			// one whose line is missing known to have been one.
			r.Retried += max(0, counted-r.Attempted-cl.unlogged)
		}
		r.Attempted = counted
	}
	return r
}

// add sums another account into a; Reasons and ReadBack are the run's.
func (a *Account) add(s *Account) {
	a.Offered += s.Offered
	a.Accepted += s.Accepted
	for cause, n := range s.Rejected {
		a.Rejected[cause] += n
	}
	a.Indeterminate += s.Indeterminate
	a.NotSent += s.NotSent
	a.Attempted += s.Attempted
	a.Processed += s.Processed
	a.Filtered += s.Filtered
	a.DeadLettered += s.DeadLettered
	a.Expired += s.Expired
	a.InFlight += s.InFlight
	a.Lost += s.Lost
	a.Unexplained += s.Unexplained
	a.Duplicates.Producer += s.Duplicates.Producer
	a.Duplicates.Mapping += s.Duplicates.Mapping
	a.ReorderedBeforeStream += s.ReorderedBeforeStream
	if a.Reordered != nil && s.Reordered != nil {
		*a.Reordered += *s.Reordered
	}
	a.Retried += s.Retried
	a.PutTries += s.PutTries
	a.PutRetries += s.PutRetries
	a.NoToken += s.NoToken
	a.LostIDs = append(a.LostIDs, s.LostIDs[:min(len(s.LostIDs), namedRecords-len(a.LostIDs))]...)
}

// reordered is zero to count from, or nil, and the reason, where order can't be
// judged.
func (cl *closing) reordered() *int64 {
	logged := &cl.book.logged
	switch {
	case !cl.Probe:
		cl.reasons = append(cl.reasons, "reordered is unknown, the function has no probe")
	case !cl.LinesComplete:
		cl.reasons = append(cl.reasons, "reordered is unknown, log lines are missing")
	case logged.unplaced > 0:
		cl.say("reordered is unknown, invocations without a readable sequence number", logged.unplaced)
	case cl.order.late > 0:
		cl.say("reordered is unknown, log lines too late to be put in order", cl.order.late)
	case cl.Parallelization > 1 && logged.laneless > 0:
		cl.say("reordered is unknown, lanes of a shard run in parallel and log lines name none", logged.laneless)
	default:
		return new(int64(0))
	}
	return nil
}
