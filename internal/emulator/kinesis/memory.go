package kinesis

import (
	"slices"
	"sort"
	"sync"
)

// Bounds of a chunk, which is a 256th of what a stream may retain between them.
const (
	smallestChunk = 4 << 10
	largestChunk  = 1 << 20
)

// memory is where a stream's records lie, those of all shards in the order of
// their coming. So a put writes one stretch, however many shards it goes to, and
// what leaves for want of room is the stream's oldest. Shards know their records
// by address. Its lock, the last to be taken, is that of all the shards.
type memory struct {
	retain     int64 // bytes
	chunkBytes int

	mu     sync.Mutex
	chunks view   // not changed in place: who has it keeps it
	active *chunk // the last one, which records go into; nil before the first
	held   int64  // bytes of the chunks, and entryBytes for each record
	swept  uint64 // the end when turned was last true
}

// chunk is a stretch of a memory. Its bytes are written once and never moved or
// used again, so readers may keep slices of them.
type chunk struct {
	first uint64 // address of the first byte
	bytes []byte

	used    int // of bytes; this and the following under the memory's lock
	records int
	newest  int64 // arrival in Unix milliseconds
}

// end is the address after the chunk.
func (c *chunk) end() uint64 { return c.first + uint64(len(c.bytes)) }

// held is the memory that dropping the chunk gives back.
func (c *chunk) held() int64 { return int64(len(c.bytes)) + int64(c.records)*entryBytes }

func newMemory(retain int64) *memory {
	return &memory{retain: retain, chunkBytes: int(min(max(retain/256, smallestChunk), largestChunk))}
}

// add stores a copy of one record and returns its address. m.mu is held.
func (m *memory) add(key, data []byte, arrival int64) (address uint64) {
	size := len(key) + len(data)
	c := m.active
	if c == nil || len(c.bytes)-c.used < size {
		c = m.begin(max(size, m.chunkBytes))
	}
	address = c.first + uint64(c.used)
	c.used += copy(c.bytes[c.used:], key)
	c.used += copy(c.bytes[c.used:], data)
	c.records++
	c.newest = max(c.newest, arrival)
	m.held += entryBytes
	return address
}

// begin makes another chunk the active one. As many of the oldest leave as it
// needs room.
func (m *memory) begin(size int) *chunk {
	kept := m.chunks
	c := &chunk{bytes: make([]byte, size)}
	if m.active != nil {
		c.first = m.active.end()
	}
	m.held += c.held()
	for len(kept) > 0 && m.held > m.retain {
		m.held -= kept[0].held()
		kept = kept[1:]
	}
	m.active = c
	m.chunks = slices.Concat(kept, view{c})
	return c
}

// expire drops the chunks all of whose records arrived before cutoff (Unix
// milliseconds), but for the active one.
func (m *memory) expire(cutoff int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for n < len(m.chunks)-1 && m.chunks[n].newest < cutoff {
		m.held -= m.chunks[n].held()
		n++
	}
	if n > 0 {
		m.chunks = slices.Clone(m.chunks[n:])
	}
}

// turned reports whether as much has come since it was last true as the memory
// retains: time to have all shards forget what has left.
func (m *memory) turned() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.active == nil || m.active.end()-m.swept <= uint64(m.retain) {
		return false
	}
	m.swept = m.active.end()
	return true
}

// view is the chunks that a memory kept at one time, oldest first. Who has it
// may read them, whatever the memory drops.
type view []*chunk

// first is the lowest address in view.
func (v view) first() uint64 {
	if len(v) == 0 {
		return 0
	}
	return v[0].first
}

// chunk is the one that holds an address in view.
func (v view) chunk(address uint64) *chunk {
	return v[sort.Search(len(v), func(i int) bool { return v[i].first > address })-1]
}
