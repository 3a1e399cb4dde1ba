package ledger

import (
	"fmt"
	"iter"
	"math/bits"
)

// doubtProducer says where the producer's word is missing or was contradicted.
func (cl *closing) doubtProducer() {
	if cl.Generator == GeneratorKilled {
		cl.say("records due when the generator was killed and never seen, sent or not", cl.silent)
	} else {
		cl.say("records due without an answer yet, counted as indeterminate", cl.silent)
	}
	cl.say("records refused or not sent by the producer's word but seen in the stream, counted as accepted", cl.contradicted)
	cl.doubtTries()
	cl.say("records settled outside the schedule, left out", cl.book.outside)
	logged, found := cl.book.logged.strays+cl.book.foreign.strays, cl.book.back.strays
	cl.say("records of other runs or without token that this run did not send", max(logged, found))
}

// doubtTries compares the producer's two counts of the records it put, by try
// and by fate, where it counted tries and said its last word.
func (cl *closing) doubtTries() {
	var first int64
	for _, t := range cl.book.tally {
		first += t.tries - t.retries
	}
	if cl.Generator == GeneratorFinished && first > 0 && first != cl.sent {
		cl.reasons = append(cl.reasons, fmt.Sprintf("the producer put %d records by its count of tries and %d by their fates", first, cl.sent))
	}
}

// explain decides what became of the accepted records that were not processed.
// Where a source wasn't read to its end nothing is called lost: what the other
// sources don't show is unexplained.
func (cl *closing) explain() {
	cl.leave("records settled twice with different fates and never seen in the stream", disputed)
	switch {
	case !cl.LinesComplete && cl.Probe:
		cl.leave("accepted records not processed as far as is known, log lines are missing", allClasses...)
	case !cl.ReadBack:
		cl.leave("accepted records not known to be processed, the stream was not read back to look for them", allClasses...)
	case !cl.Probe:
		// The mapping's counters don't help: in their sum a delivery that was
		// retried and one that was never made cancel out.
		cl.leave("records in the stream, unknown whether processed as the function has no probe",
			unplaced, ahead, retrying, failed, vanished, skipped)
	default:
		cl.move(every, ahead, (*Account).inFlight)
		cl.leave("records in the stream, unknown whether the mapping has passed them", unplaced)
		cl.explainByCounters()
		cl.move(every, retrying, (*Account).inFlight)
	}
	cl.explainRest()
}

// leave makes all records of the classes unexplained, for that reason.
func (cl *closing) leave(reason string, of ...class) {
	var n int64
	for _, c := range of {
		n += cl.move(every, c, (*Account).unexplained)
	}
	cl.say(reason, n)
}

var allClasses = []class{disputed, unplaced, ahead, retrying, failed, vanished, skipped, missing}

// every is more than there are records.
const every = 1<<63 - 1

// explainByCounters gives the mapping's counters to the records it passed by.
// It dead-letters and drops what it has tried, so those come first. What never
// reached the function it filtered, but for batches whose invocation died
// without a line. Last, the newest batch may have been given up too: then it
// isn't being retried. Counters include other senders' records, so they explain
// at most what there is.
func (cl *closing) explainByCounters() {
	dead, dropped, filtered := max(cl.DeadLettered, 0), max(cl.Dropped, 0), max(cl.FilteredOut, 0)
	var gone int64
	giveUp := func(c class) int64 {
		letters := cl.move(dead, c, (*Account).deadLettered)
		dead -= letters
		n := cl.move(dropped, c, (*Account).expired)
		dropped -= n
		gone += n
		return letters + n
	}
	giveUp(failed)
	giveUp(vanished)
	cl.move(filtered, skipped, (*Account).filtered)
	cl.unlogged = giveUp(skipped)
	giveUp(retrying)
	cl.say("records given up by the mapping and delivered nowhere, counted as expired", gone)
}

// explainRest is for records that nothing has explained: out of retention up
// to the number the stream has trimmed, then lost, if all sources are complete.
// What the stream has trimmed can't be found, so it is among the missing also
// where retention kept the stream from being read back whole.
func (cl *closing) explainRest() {
	trimmed := cl.move(max(cl.Trimmed, 0), missing, (*Account).expired)
	cl.say("records that left the stream before the mapping had read them (retention), counted as expired", trimmed)
	if !cl.ReadBackComplete {
		cl.leave("accepted records not found, the stream was not read back completely", allClasses...)
	}
	cl.move(max(cl.Trimmed, 0)-trimmed, vanished, (*Account).expired)
	if cl.countersUnknown() {
		cl.leave("records delivered past, unknown how many of them the mapping filtered or gave up",
			failed, vanished, skipped)
	}
	for k := range cl.steps {
		cl.steps[k].lost = cl.steps[k].classes
	}
	cl.lose("records lost, acknowledged and not in the stream", missing, vanished)
	cl.lose("records lost, delivered past and never processed", failed, skipped)
}

// lose makes all records of the classes lost, for that reason.
func (cl *closing) lose(reason string, of ...class) {
	var n, candidates int64
	for _, c := range of {
		for k := range cl.steps {
			if cl.steps[k].lost[c] > 0 {
				candidates += cl.steps[k].before[c]
			}
		}
		n += cl.move(every, c, (*Account).lost)
	}
	cl.say(reason, n)
	if n < candidates {
		cl.say("records that counters explain in part, the lost ones among them may be others than those named", candidates)
	}
}

func (cl *closing) countersUnknown() bool {
	return cl.FilteredOut < 0 || cl.DeadLettered < 0 || cl.Dropped < 0
}

// move counts up to n records of a class under a key of the account, earlier
// steps first, and returns how many.
func (cl *closing) move(n int64, c class, key func(*Account) *int64) (moved int64) {
	for k := range cl.steps {
		st := &cl.steps[k]
		part := min(n-moved, st.classes[c])
		st.classes[c] -= part
		*key(&st.account) += part
		moved += part
	}
	return moved
}

func (a *Account) filtered() *int64     { return &a.Filtered }
func (a *Account) deadLettered() *int64 { return &a.DeadLettered }
func (a *Account) expired() *int64      { return &a.Expired }
func (a *Account) inFlight() *int64     { return &a.InFlight }
func (a *Account) lost() *int64         { return &a.Lost }
func (a *Account) unexplained() *int64  { return &a.Unexplained }

// nameLost names the first lost records of each step. Where counters explain a
// part of a class the first of it count as explained, so the last are named.
func (cl *closing) nameLost() {
	for k := range cl.steps {
		st := &cl.steps[k]
		if st.account.Lost == 0 {
			continue
		}
		skip := st.before
		for c := range skip {
			skip[c] -= st.lost[c]
		}
		st.account.LostIDs = cl.lostOf(k, skip, st.lost)
	}
}

// lostOf lists records of step k by class, leaving out the first skip and
// keeping at most lost of each, namedRecords in all.
func (cl *closing) lostOf(k int, skip, lost [classes]int64) []ID {
	var ids []ID
	for id, c := range cl.unprocessed(k) {
		switch {
		case skip[c] > 0:
			skip[c]--
		case lost[c] > 0:
			lost[c]--
			ids = append(ids, id)
		}
		if len(ids) == namedRecords {
			break
		}
	}
	cl.book.foreign.name(ids)
	return ids
}

// unprocessed is every accepted record of step k that was not processed, in
// rising order of words, with its class.
func (cl *closing) unprocessed(k int) iter.Seq2[ID, class] {
	return func(yield func(ID, class) bool) {
		for producer, slots := range cl.book.offered(k) {
			s, at := cl.book.producers[producer], cl.place(producer)
			for w, mask := range words(slots) {
				sorted := s.classify(at, w, mask)
				for c, word := range sorted {
					for ; word != 0; word &= word - 1 {
						id := ID{Producer: producer, Sequence: w*64 + uint64(bits.TrailingZeros64(word))}
						if !yield(id, class(c)) {
							return
						}
					}
				}
			}
		}
	}
}

// name adds the stream's sequence number to records without token.
func (f *foreign) name(ids []ID) {
	index := make(map[ID]int, len(ids))
	for i, id := range ids {
		index[id] = i
	}
	for _, s := range f.awaited {
		if i, ok := index[ID{Producer: s.producer, Sequence: s.seq}]; ok {
			ids[i].StreamSequence = s.streamSequence
		}
	}
}
