package ledger

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/probe/line"
	"weir/probe/token"
)

// TestFindsWhatWasInjected plays a random pipeline: random fates, batches that
// fail, are given up, are delivered twice or die without a line, records that
// are filtered, copied, dropped from the stream or passed by. The lines and
// the producer's account arrive shuffled. The account must find exactly what
// was injected, and balance, run and steps.
func TestFindsWhatWasInjected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{t: t, slots: rapid.IntRange(1, 120).Draw(t, "slots")}
		w.steps = []StepRange{
			{Step: 0, First: 0, End: uint64(w.slots / 3)},
			{Step: 1, First: uint64(w.slots / 3), End: uint64(w.slots)},
		}
		w.want.Rejected = map[string]int64{}
		w.produce()
		for shard := range w.shards {
			w.consume(shard)
		}
		got := w.close()
		if diff := cmp.Diff(w.want, summary(&got.Account)); diff != "" {
			t.Fatalf("account (-injected +found):\n%s\nreasons: %q", diff, got.Reasons)
		}
		checkSteps(t, &got)
	})
}

// summary leaves out what the injected account doesn't say.
func summary(a *Account) Account {
	s := *a
	s.LostIDs, s.Reasons, s.ReadBack, s.Retried = nil, nil, false, 0
	return s
}

func checkSteps(t *rapid.T, r *Report) {
	sum := Account{Rejected: map[string]int64{}, Reordered: new(int64(0))}
	for k := range r.Steps {
		if !r.Steps[k].Balanced() {
			t.Fatalf("step %d does not balance: %+v", k, r.Steps[k].Account)
		}
		sum.add(&r.Steps[k].Account)
	}
	sum.Attempted = r.Attempted // the run's includes the mapping's counter
	if diff := cmp.Diff(summary(&sum), summary(&r.Account)); diff != "" {
		t.Fatalf("sum of the steps (-steps +run):\n%s", diff)
	}
	if !r.Balanced() || int(r.Lost) != len(r.LostIDs) {
		t.Fatalf("lost %d, named %d, balanced %v", r.Lost, len(r.LostIDs), r.Balanced())
	}
}

type world struct {
	t       *rapid.T
	slots   int
	steps   []StepRange
	settled []func(*Book)
	shards  [3][]line.Record
	lines   []*line.Line
	clock   int
	c       Closing
	want    Account
}

func (w *world) chance(label string, percent int) bool {
	return rapid.IntRange(1, 100).Draw(w.t, label) <= percent
}

// produce gives every slot a fate, and a place in the stream if it has one.
func (w *world) produce() {
	w.want.Offered = int64(w.slots)
	for i := range w.slots {
		f, cause, stored := Accepted, "", true
		switch rapid.IntRange(0, 9).Draw(w.t, "fate") {
		case 0:
			f, cause, stored = Rejected, rapid.SampledFrom([]string{"Throttled", "InternalFailure"}).Draw(w.t, "cause"), false
			w.want.Rejected[cause]++
		case 1:
			f, stored = NotSent, false
			w.want.NotSent++
		case 2:
			f, stored = Indeterminate, false
			w.want.Indeterminate++
		case 3:
			f = Indeterminate // and stored: it counts as accepted
			w.want.Accepted++
		case 4:
			stored = false // acknowledged and dropped
			w.want.Accepted++
			w.want.Lost++
		default:
			w.want.Accepted++
		}
		r := line.Range{From: uint64(i), To: uint64(i) + 1}
		w.settled = append(w.settled, func(b *Book) { b.Settle(0, f, cause, r) })
		if stored {
			w.store(rapid.IntRange(0, len(w.shards)-1).Draw(w.t, "shard"), uint64(i))
		}
	}
}

func (w *world) store(shard int, seq uint64) {
	step := uint8(0)
	if seq >= w.steps[1].First {
		step = 1
	}
	w.shards[shard] = append(w.shards[shard], line.Record{
		Shard: shardName(fmt.Sprint(shard)), SequenceNumber: number(uint64(10 * len(w.shards[shard]))), Arrival: origin,
		// A lane a record: order inside batches is not what this test is about.
		Data: token.Token{Run: thisRun, Step: step, Seq: seq, Lane: uint32(seq), Due: origin, Sent: origin}.Append(nil),
	})
}

// invoke writes a line, unless the invocation dies without one.
func (w *world) invoke(batch []line.Record, ok bool) *line.Line {
	w.clock++
	start := origin.Add(time.Duration(w.clock) * time.Second)
	l := line.Account(batch, start, line.Options{})
	l.RequestID, l.Start, l.OK = fmt.Sprint(w.clock), start, ok
	w.lines = append(w.lines, &l)
	w.delivered(batch)
	return &l
}

func (w *world) delivered(batch []line.Record) {
	w.c.Delivered += int64(len(batch))
	w.want.Attempted += int64(len(batch))
}

// consume delivers a shard: batches with mishaps, then a clean one, so that
// all before it was passed by, then perhaps one being retried, then a tail
// that was not reached.
func (w *world) consume(shard int) {
	left := w.shards[shard]
	cut := func(label string) []line.Record {
		n := rapid.IntRange(0, min(8, len(left))).Draw(w.t, label)
		batch := left[:n:n]
		left = left[n:]
		return batch
	}
	for range rapid.IntRange(0, 8).Draw(w.t, "batches") {
		if batch := w.omit(cut("batch")); len(batch) > 0 && len(left) > 0 {
			w.mishap(batch)
		} else {
			w.process(batch)
		}
	}
	if len(left) > 0 { // the clean batch
		w.process(left[:1])
		left = left[1:]
	}
	if batch := cut("retrying"); len(batch) > 0 {
		w.invoke(batch, false)
		w.want.InFlight += int64(len(batch))
	}
	w.want.InFlight += int64(len(left))
}

// omit leaves records out of a batch, but its last: filtered by the mapping,
// or passed by for no reason at all.
func (w *world) omit(batch []line.Record) []line.Record {
	var kept []line.Record
	for i, r := range batch {
		switch {
		case i < len(batch)-1 && w.chance("filtered", 5):
			w.c.FilteredOut++
			w.want.Filtered++
		case i < len(batch)-1 && w.chance("passed by", 5):
			w.want.Lost++
		default:
			kept = append(kept, r)
		}
	}
	return kept
}

func (w *world) process(batch []line.Record) *line.Line {
	if len(batch) == 0 {
		return nil
	}
	w.want.Processed += int64(len(batch))
	return w.invoke(batch, true)
}

// mishap lets one thing happen to a batch.
func (w *world) mishap(batch []line.Record) {
	n := int64(len(batch))
	switch rapid.IntRange(0, 9).Draw(w.t, "mishap") {
	case 0:
		w.invoke(batch, false)
		w.process(batch)
	case 1:
		w.delivered(batch) // died without a line
		w.process(batch)
	case 2:
		w.process(batch)
		w.invoke(batch, true)
		w.want.Duplicates.Mapping += n
	case 3:
		w.invoke(batch, false)
		w.c.DeadLettered += n
		w.want.DeadLettered += n
	case 4:
		w.delivered(batch)
		w.c.DeadLettered += n
		w.want.DeadLettered += n
	case 5:
		w.invoke(batch, false)
		w.c.Dropped += n
		w.want.Expired += n
	case 6:
		w.invoke(batch, false) // and never again, for no reason
		w.want.Lost += n
	case 7:
		w.process(w.copied(batch))
		w.want.Processed--
		w.want.Duplicates.Producer++
	case 8:
		late := w.process(batch)
		late.Start = late.Start.Add(24 * time.Hour)
		*w.want.reordered() += n
	default:
		w.process(batch)
	}
}

func (a *Account) reordered() *int64 {
	if a.Reordered == nil {
		a.Reordered = new(int64(0))
	}
	return a.Reordered
}

// copied adds a second copy of the first record, with a number between the
// last of this batch and the next.
func (w *world) copied(batch []line.Record) []line.Record {
	again := batch[0]
	last := batch[len(batch)-1].SequenceNumber
	again.SequenceNumber = last[:len(last)-1] + "5"
	return append(slices.Clip(batch), again)
}

// close enters everything in random order, some of it twice.
func (w *world) close() Report {
	w.want.reordered()
	w.c.Generator, w.c.Probe, w.c.LinesComplete = GeneratorFinished, true, true
	w.c.ReadBack, w.c.ReadBackComplete = true, true
	entries := w.settled
	for _, l := range w.lines {
		add := func(b *Book) { b.AddLine(l) }
		entries = append(entries, add)
		if w.chance("line read twice", 10) {
			entries = append(entries, add)
		}
	}
	b := NewBook(thisRun, w.steps)
	for i, enter := range rapid.Permutation(entries).Draw(w.t, "order") {
		if i == len(entries)/2 {
			w.readBack(b)
		}
		enter(b)
	}
	w.readBack(b)
	return b.Close(w.c)
}

func (w *world) readBack(b *Book) {
	for _, records := range w.shards {
		for _, r := range records {
			b.AddReadBack(r.Shard, r.SequenceNumber, r.Data)
		}
	}
}
