package ledger

import (
	"hash/maphash"

	"weir/probe/line"
)

// lineKey names a line. A request may write two, one for the part of its batch
// that succeeded and one for the part that failed.
type lineKey struct {
	requestID, first string
	start            int64
	records          int
	ok               bool
}

// AddLine enters the line of one invocation and reports whether it was new.
// Lines come in any order; one that comes again is ignored. Groups of other runs
// are counted and left alone.
func (b *Book) AddLine(l *line.Line) bool {
	key := maphash.Comparable(b.seed, lineKey{l.RequestID, l.First, l.Start.UnixNano(), l.Records, l.OK})
	if _, again := b.lines.get(key); again {
		return false
	}
	b.lines.put(key, struct{}{})
	if l.Records == 0 {
		return true
	}
	spans := b.spansOf(l)
	fresh, step := b.enter(l, b.redelivered(spans))
	if !l.OK {
		return true
	}
	for _, s := range spans {
		p := b.passed[s.track]
		if p == nil {
			p = &passage{}
			b.passed[s.track] = p
		}
		p.add(s.stretch, s.limit())
		s.records, s.step = fresh, step
		switch {
		case s.lane != wholeShard:
			s.records = min(fresh, 1) // a lane's span doesn't say how many records it has
		case fresh > 0:
			b.logged.laneless++
		}
		b.order.add(s)
	}
	return true
}

// spansOf is what the line's batch spans: its lanes of this run, else the
// shard. It also extends what was reached in the stream.
func (b *Book) spansOf(l *line.Line) []span {
	whole, ok := b.span(l, track{l.Shard, 0, wholeShard}, l.First, l.Last)
	if !ok {
		b.logged.unplaced++
		return nil
	}
	var spans []span
	for _, lane := range l.Lanes {
		if lane.Run != b.run {
			continue
		}
		if s, ok := b.span(l, track{l.Shard, lane.Producer, int32(lane.Lane)}, lane.First, lane.Last); ok {
			spans = append(spans, s)
		}
	}
	if len(spans) > 0 {
		return spans
	}
	return []span{whole}
}

// span is the stretch of a track that an invocation was given; false where a
// sequence number isn't one.
func (b *Book) span(l *line.Line, t track, first, last string) (span, bool) {
	from, ok1 := parsePosition(first)
	to, ok2 := parsePosition(last)
	if !ok1 || !ok2 {
		return span{}, false
	}
	if to.below(from) { // delivered out of order
		from, to = to, from
	}
	r := b.reach[t]
	if r.first.below(from) {
		r.first = from
	}
	if r.last.below(to) {
		r.last = to
	}
	b.reach[t] = r
	return span{track: t, stretch: stretch{from, to}, start: l.Start.UnixNano()}, true
}

// redelivery says how much of a batch lies where batches were processed before.
type redelivery int

const (
	none redelivery = iota
	partly
	wholly
)

func (b *Book) redelivered(spans []span) redelivery {
	overlapping, covered := 0, 0
	for _, s := range spans {
		p := b.passed[s.track]
		if p == nil {
			continue
		}
		if p.overlaps(s.stretch) {
			overlapping++
		}
		if p.covers(s.stretch) {
			covered++
		}
	}
	switch {
	case overlapping == 0:
		return none
	case covered < len(spans):
		return partly
	default:
		return wholly
	}
}

// enter marks the line's records and adds up its tally. It returns how many
// were processed for the first time and the index of the step they belong to
// (of the first, where a batch crosses from one step to the next).
func (b *Book) enter(l *line.Line, d redelivery) (fresh int64, step int) {
	step = -1
	for i := range l.Groups {
		n, k := b.enterGroup(&l.Groups[i], l.OK, d)
		fresh += n
		if step < 0 {
			step = k
		}
	}
	step = max(step, 0)
	for _, id := range l.Foreign {
		if b.sight(id, l.OK, step) {
			fresh++
		}
	}
	if l.OK && d == none && fresh > 0 {
		b.tally[step].inversions += int64(l.Inversions)
		b.tally[step].inversionsEarly += int64(l.InversionsBefore)
	}
	return fresh, step
}

// enterGroup marks the records of one group; step is -1 when none is of this
// run. A record processed again is the mapping's duplicate where its batch
// lies in a part of the stream that was processed before, else a second copy
// in the stream, which the producer made.
func (b *Book) enterGroup(g *line.Group, ok bool, d redelivery) (fresh int64, step int) {
	step = -1
	copies := int64(g.Duplicates)
	if g.Run != b.run {
		b.stray(int64(g.Seqs.Len())+copies, ok)
		return 0, step
	}
	s := b.slots(int(g.Producer))
	plane := &s.tried
	if ok {
		plane = &s.processed
	}
	var own int64
	for _, r := range g.Seqs {
		in := b.clip(r)
		b.stray(int64(length(r)-length(in)), ok)
		for w, mask := range words(in) {
			fresh += count(s.see(plane, w, mask))
			own += count(mask)
		}
		if step < 0 && length(in) > 0 {
			step = b.stepOf(in.From)
		}
	}
	if step < 0 {
		return 0, step
	}
	t := &b.tally[step]
	t.attempted += own + copies
	if !ok {
		return 0, step
	}
	t.duplicates.add(own-fresh, d != none)
	t.duplicates.add(copies, d == wholly)
	return fresh, step
}

func (d *Duplicates) add(n int64, mapping bool) {
	if mapping {
		d.Mapping += n
	} else {
		d.Producer += n
	}
}

// stray counts records in successful invocations that this run didn't send.
func (b *Book) stray(n int64, ok bool) {
	if ok {
		b.logged.strays += n
	}
}
