package ledger

import (
	"hash/maphash"
	"slices"

	"weir/probe/line"
	"weir/probe/token"
)

// Fate is what became of a record at the producer.
type Fate int

// Fates of a record at the producer.
const (
	Accepted      Fate = iota + 1 // the stream acknowledged it
	Rejected                      // the stream refused it
	Indeterminate                 // it was sent and no answer came
	NotSent                       // the generator never got to it
)

// StepRange is one step's half-open range of slots. A slot is one record the
// plan asks for; its number is the sequence in the record's token.
type StepRange struct {
	Step       int
	Rate       float64
	First, End uint64
}

// remembered is how many invocations, and how many records without token, are
// known again when they turn up a second time. Logs are re-read over minutes
// at most; a million invocations is longer than that at any rate Lambda runs.
const remembered = 1 << 20

// Book is the account of one run while it is being kept. Its parts may come in
// any order: what the producer settled, what the probe's lines say, what was
// read back from the stream. It needs at most a few bits per record, next to
// nothing where all goes well, and about 60 bytes for each record that is
// found in the stream and was not processed. It is not safe for concurrent use.
type Book struct {
	run       uint32
	steps     []StepRange
	producers map[int]*slots
	tally     []tally          // by step
	lines     recent[struct{}] // by hash of lineKey
	seed      maphash.Seed
	logged    lineNotes
	passed    map[track]*passage // processed, in the order of arrival
	reach     map[track]stretch  // highest first and last position delivered
	order     *order
	foreign   foreign
	back      readBack
	outside   int64 // slots settled outside the schedule
}

// tally is what a step's account takes from the lines, added up as they come.
type tally struct {
	attempted       int64
	duplicates      Duplicates
	inversions      int64
	inversionsEarly int64
	tries, retries  int64 // puts of records
}

// lineNotes say what lines lacked or had too much.
type lineNotes struct {
	strays   int64 // records of other runs, or beyond the schedule
	laneless int64 // invocations whose line names no lanes
	unplaced int64 // invocations without a readable sequence number
}

// NewBook opens the account of a run, known by the run number in its tokens.
// Steps must rise and not overlap; each producer has slots of its own with the
// same numbers.
func NewBook(run uint32, steps []StepRange) *Book {
	return &Book{
		run:       run,
		steps:     slices.Clone(steps),
		producers: map[int]*slots{},
		tally:     make([]tally, len(steps)),
		lines:     recent[struct{}]{limit: remembered},
		seed:      maphash.MakeSeed(),
		passed:    map[track]*passage{},
		reach:     map[track]stretch{},
		order:     newOrder(len(steps)),
		foreign:   newForeign(),
		back:      newReadBack(),
	}
}

// Offer says that the producer's slots below upTo have come due (or, when the
// load has ended, that these are all there will be). Slots settled or seen
// count as offered without it.
func (b *Book) Offer(producer int, upTo uint64) {
	s := b.slots(producer)
	s.end = max(s.end, b.clip(line.Range{To: upTo}).To)
}

// Settle enters what became of the slots of r at the producer; cause is the
// error code of Rejected and empty otherwise. The same settlement twice counts
// once; a different one makes the slot disputed: it is unexplained unless it
// was seen in the stream.
func (b *Book) Settle(producer int, f Fate, cause string, r line.Range) {
	in := b.clip(r)
	b.outside += int64(length(r) - length(in))
	b.slots(producer).settle(f, cause, in)
}

// CountTries enters how often the producer put records of a step, and how many
// of those tries were not the record's first.
func (b *Book) CountTries(step int, tries, retries int64) {
	b.tally[step].tries += tries
	b.tally[step].retries += retries
}

// Totals are the records offered, accepted and processed so far, in constant
// time: for a live view.
func (b *Book) Totals() (offered, accepted, processed int64) {
	for _, s := range b.producers {
		for _, step := range b.steps {
			offered += int64(length(clip(line.Range{To: s.end}, step)))
		}
		accepted += s.accepted
		processed += s.done
	}
	return offered, accepted, processed
}

// Unsettled is how many records closing still has to find: accepted and not
// processed, or indeterminate and not seen. Records that the mapping filtered
// or gave up stay in it: wait with a time limit.
func (b *Book) Unsettled() int64 {
	var n int64
	for _, s := range b.producers {
		n += s.accepted - s.done + s.open
	}
	return n
}

func (b *Book) slots(producer int) *slots {
	s := b.producers[producer]
	if s == nil {
		s = newSlots()
		b.producers[producer] = s
	}
	return s
}

// clip cuts r to the schedule. Nothing outside it is entered, so that a stray
// number can't make the bitmaps grow.
func (b *Book) clip(r line.Range) line.Range {
	if len(b.steps) == 0 {
		return line.Range{}
	}
	return clip(r, StepRange{First: b.steps[0].First, End: min(b.steps[len(b.steps)-1].End, token.MaxSeq+1)})
}

// clip is the part of r in a step; empty ranges are {x, x}.
func clip(r line.Range, s StepRange) line.Range {
	from := max(r.From, s.First)
	return line.Range{From: from, To: max(from, min(r.To, s.End))}
}

func length(r line.Range) uint64 { return max(r.To, r.From) - r.From }

// stepOf is the index of the step that slot i belongs to.
func (b *Book) stepOf(i uint64) int {
	k, _ := slices.BinarySearchFunc(b.steps, i, func(s StepRange, i uint64) int {
		if s.End <= i {
			return -1
		}
		return 1
	})
	return min(k, len(b.steps)-1)
}
