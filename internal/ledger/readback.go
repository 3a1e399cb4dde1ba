package ledger

import "weir/probe/line"

// readBack is what reading the stream itself has shown.
type readBack struct {
	upTo   map[string]position // by shard: the highest position read
	places []place             // of records not processed by then
	strays int64               // records this run did not send
}

// place is where a record lies in the stream.
type place struct {
	track
	slot uint64
	at   position
}

func newReadBack() readBack { return readBack{upTo: map[string]position{}} }

// AddReadBack enters one record read back from the stream. Each shard's
// records come in the order of the stream; what was read before is skipped, so
// a shard may be read again from its beginning. Read back when the lines are
// in: every record not processed by then costs memory.
func (b *Book) AddReadBack(shard, sequenceNumber string, data []byte) {
	at, placed := parsePosition(sequenceNumber)
	if placed {
		if upTo, ok := b.back.upTo[shard]; ok && !upTo.below(at) {
			return
		}
		b.back.upTo[shard] = at
	}
	p := place{track: track{shard: shard, lane: wholeShard}, at: at}
	t, ok := line.TokenOf(data)
	if !ok {
		b.findForeign(line.StreamID(shard, sequenceNumber), p)
		return
	}
	if t.Run != b.run || length(b.clip(line.Range{From: t.Seq, To: t.Seq + 1})) == 0 {
		b.back.strays++
		return
	}
	p.producer, p.lane = t.Producer, int32(t.Lane)
	b.find(int(t.Producer), t.Seq, p)
}

// find enters that a record of this run lies at p. A place without position
// (the zero one) is kept out: the record was found, but not where.
func (b *Book) find(producer int, seq uint64, p place) {
	s := b.slots(producer)
	if s.processed.has(seq) {
		return
	}
	s.see(&s.found, seq/64, 1<<(seq%64))
	if p.at == (position{}) {
		return
	}
	p.producer, p.slot = uint16(producer), seq
	b.back.places = append(b.back.places, p)
}

// findForeign is find for a record without token.
func (b *Book) findForeign(id uint64, p place) {
	if f, ok := b.foreign.awaited[id]; ok {
		b.find(f.producer, f.seq, p)
		return
	}
	if _, ok := b.foreign.done.get(id); ok {
		return
	}
	seen, _ := b.foreign.unclaimed.get(id)
	if seen.place == nil {
		b.back.strays++
	}
	seen.place = new(p)
	b.foreign.unclaimed.put(id, seen)
}
