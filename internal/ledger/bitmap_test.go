package ledger

import (
	"testing"

	"pgregory.net/rapid"

	"weir/probe/line"
)

func (m *bitmap) addRange(r line.Range) (fresh int64) {
	for w, mask := range words(r) {
		fresh += count(m.add(w, mask))
	}
	return fresh
}

// held is how many chunks need memory of their own.
func (m *bitmap) held() int {
	n := 0
	for _, c := range m.chunks {
		if c.words != nil {
			n++
		}
	}
	return n
}

func TestBitmapLikeASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m bitmap
		set := map[uint64]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "ranges") {
			from := rapid.Uint64Range(0, 1000).Draw(t, "from")
			r := line.Range{From: from, To: from + rapid.Uint64Range(0, 200).Draw(t, "length")}
			var fresh int64
			for i := r.From; i < r.To; i++ {
				if !set[i] {
					set[i], fresh = true, fresh+1
				}
			}
			if got := m.addRange(r); got != fresh {
				t.Fatalf("add %v: %d new, want %d", r, got, fresh)
			}
		}
		for i := range uint64(1300) {
			if m.has(i) != set[i] {
				t.Fatalf("has %d = %v, want %v", i, m.has(i), set[i])
			}
		}
	})
}

func TestBitmapChunks(t *testing.T) {
	var m bitmap
	m.addRange(line.Range{From: 0, To: chunkSlots + 1}) // one full, one of a single slot
	if len(m.chunks) != 2 || m.held() != 1 {
		t.Errorf("%d chunks, %d held, want 2 and 1", len(m.chunks), m.held())
	}
	if !m.has(0) || !m.has(chunkSlots) || m.has(chunkSlots+1) || m.has(9*chunkSlots) {
		t.Error("wrong slots in the set")
	}
	if fresh := m.addRange(line.Range{From: 5, To: 100}); fresh != 0 {
		t.Errorf("%d new slots in a full chunk, want 0", fresh)
	}
}

// TestHealthyRunNeedsNoBits plays 24 hours at 2 000 records per second,
// settled 500 at a time and processed in order: 172.8 M records.
func TestHealthyRunNeedsNoBits(t *testing.T) {
	const records = 24 * 3600 * 2000
	s := newSlots()
	for at := uint64(0); at < records; at += 5000 {
		s.settle(Accepted, "", line.Range{From: at, To: at + 5000})
		for w, mask := range words(line.Range{From: at, To: at + 5000}) {
			s.see(&s.processed, w, mask)
		}
	}
	// 172.8 M / 65 536 = 2636.7 chunks: all but the last are full.
	if len(s.acked.chunks) != 2637 || s.acked.held() != 1 || s.processed.held() != 1 {
		t.Errorf("%d chunks, %d and %d held, want 2637, 1 and 1", len(s.acked.chunks), s.acked.held(), s.processed.held())
	}
	if s.accepted != records || s.done != records {
		t.Errorf("accepted %d, processed %d, want %d", s.accepted, s.done, records)
	}
}
