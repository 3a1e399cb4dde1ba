package ledger

import "weir/probe/line"

// foreign keeps the records without token, which are known by line.StreamID of
// where they lie in the stream. It costs memory by the record while one is
// awaited; processed and unclaimed ones are forgotten after a while.
type foreign struct {
	awaited   map[uint64]sent  // accepted, not processed yet
	done      recent[struct{}] // processed
	unclaimed recent[sighting] // seen, and not (yet) known to be this run's
	strays    int64            // processed, and never claimed
}

// sent is a record without token as the producer knows it.
type sent struct {
	producer       int
	seq            uint64
	streamSequence string
}

// sighting is what was seen of a record before the producer claimed it: the
// log may overtake the producer's account by a second or two.
type sighting struct {
	tried     int64 // failed invocations it was in
	processed int64 // successful ones
	place     *place
}

// unclaimedRecords is how many sightings wait to be claimed: a minute at
// 2 000 records per second.
const unclaimedRecords = 1 << 17

func newForeign() foreign {
	return foreign{
		awaited:   map[uint64]sent{},
		done:      recent[struct{}]{limit: remembered},
		unclaimed: recent[sighting]{limit: unclaimedRecords},
	}
}

// AcceptForeign enters an accepted record that carries no token: id is its
// line.StreamID, streamSequence the stream's sequence number for it. It
// settles the slot as Accepted; settling it so besides does no harm.
func (b *Book) AcceptForeign(producer int, seq, id uint64, streamSequence string) {
	slot := line.Range{From: seq, To: seq + 1}
	if length(b.clip(slot)) == 0 {
		b.outside++
		return
	}
	s := b.slots(producer)
	if s.noToken.has(seq) {
		return
	}
	s.settle(Accepted, "", slot)
	s.noToken.add(seq/64, 1<<(seq%64))
	f := sent{producer: producer, seq: seq, streamSequence: streamSequence}
	b.foreign.awaited[id] = f
	if seen, ok := b.foreign.unclaimed.take(id); ok {
		b.claim(id, f, seen)
	}
}

// claim enters what was seen of a record before it was known.
func (b *Book) claim(id uint64, f sent, seen sighting) {
	for range seen.tried {
		b.deliver(id, f, false)
	}
	if seen.processed > 0 {
		b.foreign.strays--
		b.deliver(id, f, true)
	}
	t := &b.tally[b.stepOf(f.seq)]
	again := max(seen.processed-1, 0)
	t.attempted += again
	t.duplicates.Mapping += again
	if seen.place != nil {
		b.back.strays--
		b.find(f.producer, f.seq, *seen.place)
	}
}

// deliver enters that an awaited record was in an invocation.
func (b *Book) deliver(id uint64, f sent, ok bool) {
	s := b.slots(f.producer)
	b.tally[b.stepOf(f.seq)].attempted++
	if !ok {
		s.see(&s.tried, f.seq/64, 1<<(f.seq%64))
		return
	}
	s.see(&s.processed, f.seq/64, 1<<(f.seq%64))
	delete(b.foreign.awaited, id)
	b.foreign.done.put(id, struct{}{})
}

// sight enters that a record without token was in an invocation, and reports
// whether it was this run's and processed for the first time. One seen again
// is the mapping's duplicate: the place in the stream is its name.
func (b *Book) sight(id uint64, ok bool, step int) (fresh bool) {
	if f, awaited := b.foreign.awaited[id]; awaited {
		b.deliver(id, f, ok)
		return ok
	}
	if _, done := b.foreign.done.get(id); done {
		b.tally[step].attempted++
		if ok {
			b.tally[step].duplicates.Mapping++
		}
		return false
	}
	seen, _ := b.foreign.unclaimed.get(id)
	if !ok {
		seen.tried++
	} else if seen.processed++; seen.processed == 1 {
		b.foreign.strays++
	}
	b.foreign.unclaimed.put(id, seen)
	return false
}
