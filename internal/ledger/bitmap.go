package ledger

import (
	"iter"
	"math/bits"

	"weir/probe/line"
)

// A chunk covers 65 536 slots: 8 KiB of bits while it is mixed, nothing while
// it is empty or full. A healthy run leaves full chunks behind, so its account
// costs next to nothing; the worst mixture costs one bit per slot and bitmap.
const (
	chunkSlots = 1 << 16
	chunkWords = chunkSlots / 64
)

// bitmap is a growing set of slots. The zero value is empty.
type bitmap struct {
	chunks []chunk
}

type chunk struct {
	n     int                 // slots in the set
	words *[chunkWords]uint64 // nil while n is 0 or chunkSlots
}

// words cuts a range of slots into words: the word's number and the mask of
// the slots in it.
func words(r line.Range) iter.Seq2[uint64, uint64] {
	return func(yield func(uint64, uint64) bool) {
		for at := r.From; at < r.To; {
			w := at / 64
			mask := ^uint64(0) << (at % 64)
			if next := (w + 1) * 64; next > r.To {
				mask &= ^uint64(0) >> (next - r.To)
			}
			if !yield(w, mask) {
				return
			}
			at = (w + 1) * 64
		}
	}
}

// word is the w-th group of 64 slots.
func (m *bitmap) word(w uint64) uint64 {
	i := w / chunkWords
	if i >= uint64(len(m.chunks)) {
		return 0
	}
	switch c := &m.chunks[i]; {
	case c.words != nil:
		return c.words[w%chunkWords]
	case c.n == chunkSlots:
		return ^uint64(0)
	default:
		return 0
	}
}

// add puts the masked slots of word w into the set and returns those that
// were not in it.
func (m *bitmap) add(w, mask uint64) uint64 {
	fresh := mask &^ m.word(w)
	if fresh == 0 {
		return 0
	}
	i := w / chunkWords
	for uint64(len(m.chunks)) <= i {
		m.chunks = append(m.chunks, chunk{})
	}
	c := &m.chunks[i]
	if c.words == nil {
		c.words = new([chunkWords]uint64)
	}
	c.words[w%chunkWords] |= fresh
	c.n += bits.OnesCount64(fresh)
	if c.n == chunkSlots {
		c.words = nil
	}
	return fresh
}

// has reports whether slot i is in the set.
func (m *bitmap) has(i uint64) bool { return m.word(i/64)>>(i%64)&1 == 1 }

func count(word uint64) int64 { return int64(bits.OnesCount64(word)) }
