package kinesis

import "sync"

// ages are the segments of a stream's shards in the order in which they were
// begun, so that the oldest is found without asking every shard. Segments that
// have gone by other ways stay listed until their turn comes. Its lock is the
// last to be taken.
type ages struct {
	mu    sync.Mutex
	begun []begun
}

type begun struct {
	shard *shard
	first uint64 // position of the segment's first record
}

func (a *ages) push(s *shard, first uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = append(a.begun, begun{s, first})
}

// pop is the oldest segment; ok is false where there is none.
func (a *ages) pop() (oldest begun, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.begun) == 0 {
		return begun{}, false
	}
	oldest, a.begun = a.begun[0], a.begun[1:]
	return oldest, true
}
