package ledger

import (
	"math/bits"

	"weir/probe/line"
)

// slots is what is known of one producer's records: a bitmap per fact, so that
// facts may arrive in any order and twice. A slot counts as accepted when the
// stream acknowledged it or when it was seen in the stream afterwards,
// whatever the producer said of it.
type slots struct {
	acked         bitmap
	indeterminate bitmap
	notSent       bitmap
	refused       map[string]*bitmap // by cause
	disputed      bitmap             // settled twice, with different fates

	processed bitmap // in an invocation that returned without error
	tried     bitmap // in an invocation that failed
	found     bitmap // in the stream when it was read back, not processed by then
	noToken   bitmap // accepted without a token

	end      uint64 // one past the highest slot offered, settled or seen
	accepted int64  // slots acked or seen
	open     int64  // indeterminate slots not seen
	done     int64  // processed slots
}

func newSlots() *slots { return &slots{refused: map[string]*bitmap{}} }

// seen is the slots of word w that were seen in the stream.
func (s *slots) seen(w uint64) uint64 {
	return s.processed.word(w) | s.tried.word(w) | s.found.word(w)
}

// exists is the slots of word w that count as accepted.
func (s *slots) exists(w uint64) uint64 { return s.acked.word(w) | s.seen(w) }

// settled is the slots of word w whose fate the producer said.
func (s *slots) settled(w uint64) uint64 {
	fates := s.acked.word(w) | s.indeterminate.word(w) | s.notSent.word(w)
	for _, m := range s.refused {
		fates |= m.word(w)
	}
	return fates
}

// plane is the bitmap of a fate.
func (s *slots) plane(f Fate, cause string) *bitmap {
	switch f {
	case Accepted:
		return &s.acked
	case Indeterminate:
		return &s.indeterminate
	case NotSent:
		return &s.notSent
	case Rejected:
		m := s.refused[cause]
		if m == nil {
			m = &bitmap{}
			s.refused[cause] = m
		}
		return m
	default:
		panic("ledger: no such fate")
	}
}

// settle enters the fate of the slots of r. A slot that already had another
// fate is disputed: one of the two is wrong, so it is taken as accepted, which
// makes the closing look for it.
func (s *slots) settle(f Fate, cause string, r line.Range) {
	plane := s.plane(f, cause)
	for w, mask := range words(r) {
		before := s.settled(w)
		fresh := plane.add(w, mask)
		if f == Indeterminate {
			s.open += count(fresh &^ s.exists(w))
		}
		if f == Accepted {
			s.accept(w, fresh)
		}
		if again := fresh & before; again != 0 {
			s.disputed.add(w, again)
			s.accept(w, s.acked.add(w, again))
		}
	}
	s.end = max(s.end, r.To)
}

// accept counts slots of word w that have just become acknowledged.
func (s *slots) accept(w, fresh uint64) {
	s.become(w, fresh&^s.seen(w))
}

// become counts slots of word w that have just become accepted.
func (s *slots) become(w, fresh uint64) {
	s.accepted += count(fresh)
	s.open -= count(fresh & s.indeterminate.word(w))
}

// see enters that the masked slots of word w were seen in the stream, as plane
// tells (processed, tried or found), and returns those new to the plane.
func (s *slots) see(plane *bitmap, w, mask uint64) uint64 {
	s.end = max(s.end, w*64+uint64(bits.Len64(mask)))
	unknown := mask &^ s.exists(w)
	fresh := plane.add(w, mask)
	s.become(w, unknown)
	if plane == &s.processed {
		s.done += count(fresh)
	}
	return fresh
}
