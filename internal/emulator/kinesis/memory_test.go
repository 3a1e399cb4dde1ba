package kinesis

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// lain is a record as the model of a memory has it.
type lain struct {
	address uint64
	text    string // key and data
	arrival int64
}

// Records are kept in the order of their coming until there is no room, what is
// kept reads as it was added, and the account is right.
func TestMemoryAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory(rapid.Int64Range(1, 2000).Draw(t, "retain"))
		m.chunkBytes = rapid.IntRange(1, 40).Draw(t, "chunk")
		var all []lain
		var arrival int64
		for i := range rapid.IntRange(1, 80).Draw(t, "operations") {
			if rapid.IntRange(0, 9).Draw(t, "operation") == 0 {
				cutoff := arrival - rapid.Int64Range(0, 10).Draw(t, "retention")
				m.expire(cutoff)
				if c := m.chunks; len(c) > 1 && c[0].newest < cutoff {
					t.Fatalf("a chunk that ends at %d stays past %d", c[0].newest, cutoff)
				}
			} else {
				arrival += rapid.Int64Range(0, 3).Draw(t, "pause")
				r := lain{text: fmt.Sprint("k", i) + rapid.StringN(0, 20, 60).Draw(t, "data"), arrival: arrival}
				r.address = m.add([]byte(r.text[:2]), []byte(r.text[2:]), arrival)
				all = append(all, r)
			}
			checkMemory(t, m, all)
		}
	})
}

func checkMemory(t *rapid.T, m *memory, all []lain) {
	v := m.chunks
	var held int64
	for i, c := range v {
		held += c.held()
		if i > 0 && c.first != v[i-1].end() {
			t.Fatalf("chunk %d begins at %d, want %d", i, c.first, v[i-1].end())
		}
	}
	if held != m.held {
		t.Fatalf("the memory holds %d bytes, its account says %d", held, m.held)
	}
	// Only what the last chunk's records cost beside their bytes comes on top.
	if len(v) > 1 && held-int64(m.active.records)*entryBytes > m.retain {
		t.Fatalf("%d chunks hold %d bytes, may retain %d", len(v), held, m.retain)
	}
	for i, r := range all {
		if i > 0 && r.address <= all[i-1].address {
			t.Fatalf("address %d after %d", r.address, all[i-1].address)
		}
		if r.address < v.first() {
			continue
		}
		c := v.chunk(r.address)
		if got := c.bytes[r.address-c.first:][:len(r.text)]; string(got) != r.text {
			t.Fatalf("at %d lies %q, want %q", r.address, got, r.text)
		}
	}
}

// Four records of 10 bytes fill a chunk; with what it costs to know them it holds
// 40 + 4 × 24 = 136 bytes.
func TestMemoryRetains(t *testing.T) {
	m := newMemory(400)
	m.chunkBytes = 40
	var kept []uint64
	for range 16 {
		m.add([]byte("k"), make([]byte, 9), 1)
		kept = append(kept, m.chunks.first())
	}
	// The fourth chunk begins at 3 × 136 + 40 = 448 bytes, so the first leaves.
	want := []uint64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 40, 40, 40}
	if !slices.Equal(kept, want) {
		t.Errorf("kept from %v, want %v", kept, want)
	}
	m.add([]byte("k"), make([]byte, 999), 1) // more than may stay: it does, alone
	if v := m.chunks; len(v) != 1 || m.held != 1000+entryBytes {
		t.Errorf("%d chunks of %d bytes, want one of %d", len(v), m.held, 1000+entryBytes)
	}
}

// A reader keeps what it read while the memory goes on and drops it.
func TestReadDataStaysValid(t *testing.T) {
	s := newTestShard(2 * smallestChunk)
	put(s, at(0), "first")
	f := s.fetch(at(0), 0, 1, nil)
	for range 100 {
		put(s, at(0), string(make([]byte, smallestChunk)))
	}
	if s.memory.chunks.first() == 0 {
		t.Fatal("the first chunk is still there")
	}
	data := f.read().Records[0].Data
	if string(data) != "first" {
		t.Errorf("data read before is now %q", data)
	}
	if grown := append(data, '!'); string(grown) != "first!" || cap(data) != len(data) {
		t.Error("a reader's append would write into the memory")
	}
}
