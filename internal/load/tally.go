package load

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/producer"
	"weir/internal/stats"
	"weir/probe/line"
)

// tally counts what became of records since it was last taken. It is safe for
// concurrent use. A nil tally counts nothing: nobody would take it.
type tally struct {
	mu      sync.Mutex
	steps   map[int]*stepTally
	foreign []frame.Foreign
}

// stepTally is a step's part; fates are kept by kind until they are taken, so
// that neighbouring calls that end out of order still merge into one range.
type stepTally struct {
	frame.StepFrame
	fates map[fate][]line.Range
	heat  heat
}

type fate struct {
	ledger.Fate
	cause string
}

// sent is one Put with its outcome.
type sent struct {
	step     int
	first    uint64                      // slot of the first record
	due      func(slot uint64) time.Time // of each record
	lateness time.Duration               // start of the call minus due of its last record
	records  []producer.Record
	token    func(i int) bool // whether record i carries a token
	lanes    []uint32         // of each record's key; nil where keys do not come again or have no lane
	result   *producer.Result
}

// fates maps the producer's word to the ledger's.
var fates = [...]ledger.Fate{
	producer.Accepted:      ledger.Accepted,
	producer.Rejected:      ledger.Rejected,
	producer.Indeterminate: ledger.Indeterminate,
}

// send counts a call that was started.
func (t *tally) send(s sent) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	step := t.step(s.step)
	step.Calls += int64(len(s.result.Calls))
	for _, c := range s.result.Calls {
		step.Put.Record(c.Duration) // of unanswered calls until they were given up: leaving them out would flatter
		step.Tries += int64(c.Records)
	}
	step.Retries += int64(s.result.Retries())
	step.Lateness.Record(s.lateness)
	for from := 0; from < len(s.result.Records); {
		to := s.result.FateRun(from)
		o := &s.result.Records[from]
		step.settle(fate{fates[o.Fate], o.Cause}, s.first+uint64(from), s.first+uint64(to))
		if o.Fate == producer.Accepted {
			step.waits(&s, from, to)
			t.keepForeign(&s, from, to)
		}
		from = to
	}
	step.sizes(s.records)
	step.warm(&s)
}

// warm counts which shards answered, and which keys were put.
func (s *stepTally) warm(call *sent) {
	for i := range call.result.Records {
		s.heat.answered(&call.result.Records[i])
		if call.lanes != nil {
			s.heat.put(call.lanes[i], call.records[i].PartitionKey)
		}
	}
}

// waits records what the accepted records of a run waited from due to the
// answer.
func (s *stepTally) waits(call *sent, from, to int) {
	var tries uint32
	var answered time.Time
	for i := from; i < to; i++ {
		if n := call.result.Records[i].Tries; n != tries { // mostly the first answer was the last
			tries, answered = n, call.result.Answered(i)
		}
		s.PutFromDue.Record(answered.Sub(call.due(call.first + uint64(i))))
	}
}

// sizes counts records by size; neighbours are mostly of one.
func (s *stepTally) sizes(records []producer.Record) {
	for i := 0; i < len(records); {
		from, size := i, len(records[i].Data)
		for i < len(records) && len(records[i].Data) == size {
			i++
		}
		s.Bytes += int64(size) * int64(i-from)
		s.Sizes[frame.SizeClass(size)] += int64(i - from)
	}
}

// keepForeign keeps the places of a run's records without a token.
func (t *tally) keepForeign(s *sent, from, to int) {
	for i := from; i < to; i++ {
		if s.token(i) {
			continue
		}
		o := &s.result.Records[i]
		number := string(o.SequenceNumber)
		t.foreign = append(t.foreign, frame.Foreign{
			Seq: s.first + uint64(i), ID: line.StreamID(string(o.ShardID), number), StreamSeq: number,
		})
	}
}

// notSent counts slots whose call was never started.
func (t *tally) notSent(step int, from, to uint64) {
	if t == nil || from >= to {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.step(step).settle(fate{Fate: ledger.NotSent}, from, to)
}

// take returns what was counted, by step, and starts again from nothing.
func (t *tally) take() ([]frame.StepFrame, []frame.Foreign) {
	t.mu.Lock()
	steps, foreign := t.steps, t.foreign
	t.steps, t.foreign = nil, nil
	t.mu.Unlock()

	var frames []frame.StepFrame
	for _, k := range slices.Sorted(maps.Keys(steps)) {
		frames = append(frames, steps[k].frame())
	}
	return frames, foreign
}

func (t *tally) step(k int) *stepTally {
	if t.steps == nil {
		t.steps = map[int]*stepTally{}
	}
	if t.steps[k] == nil {
		t.steps[k] = &stepTally{
			StepFrame: frame.StepFrame{
				Step: k, Sizes: map[int]int64{}, Put: new(stats.Histogram), PutFromDue: new(stats.Histogram), Lateness: new(stats.Histogram),
			},
			fates: map[fate][]line.Range{},
		}
	}
	return t.steps[k]
}

func (s *stepTally) settle(f fate, from, to uint64) {
	n := int64(to - from)
	switch f.Fate {
	case ledger.Accepted:
		s.Accepted += n
	case ledger.Indeterminate:
		s.Indeterminate += n
	case ledger.NotSent:
		s.NotSent += n
	case ledger.Rejected:
		if s.Rejected == nil {
			s.Rejected = map[string]int64{}
		}
		s.Rejected[f.cause] += n
	}
	ranges := s.fates[f]
	if last := len(ranges) - 1; last >= 0 && ranges[last].To == from {
		ranges[last].To = to
		return
	}
	s.fates[f] = append(ranges, line.Range{From: from, To: to})
}

// frame is the step's report, its fates merged and in order of slots.
func (s *stepTally) frame() frame.StepFrame {
	for f, ranges := range s.fates {
		for _, r := range merge(ranges) {
			s.Fates = append(s.Fates, frame.FateRange{Fate: f.Fate, Cause: f.cause, From: r.From, To: r.To})
		}
	}
	s.Shards, s.Keys = s.heat.frames()
	slices.SortFunc(s.Fates, func(a, b frame.FateRange) int { return cmp.Compare(a.From, b.From) })
	return s.StepFrame
}

// merge sorts disjoint ranges and joins those that touch; it reuses the slice.
func merge(ranges []line.Range) []line.Range {
	slices.SortFunc(ranges, func(a, b line.Range) int { return cmp.Compare(a.From, b.From) })
	merged := ranges[:0]
	for _, r := range ranges {
		if last := len(merged) - 1; last >= 0 && merged[last].To == r.From {
			merged[last].To = r.To
			continue
		}
		merged = append(merged, r)
	}
	return merged
}
