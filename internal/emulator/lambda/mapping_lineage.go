package lambda

import (
	"container/heap"
	"time"
)

// follow adds a shard that is to be read from first on, or when the mapping is
// done with the last of its parents. A shard that is known already stays as it
// is: of a merge, both parents name the child.
func (m *Mapping) follow(start ShardStart, first time.Duration) {
	if m.known[start.ID] != nil {
		return
	}
	s := &shard{m: m, id: start.ID, index: len(m.shards), from: start.From, nextPoll: first, wake: first}
	s.makeLanes()
	for _, id := range start.Parents {
		if p := m.known[id]; p == nil || !p.done {
			s.waitsFor++
			m.heirs[id] = append(m.heirs[id], s)
		}
	}
	m.shards, m.known[s.id] = append(m.shards, s), s
	if m.wakes != nil {
		heap.Push(&m.wakes, s)
	}
}

// close is the end of what the shard has to read. It ends its tumbling windows
// too: the children begin windows of their own.
func (s *shard) close() {
	s.closed = true
	s.drainedAt = Never
}

// leave marks a closed shard as done once its lanes are empty, and wakes the
// shards that waited for it only.
func (s *shard) leave(now time.Duration) {
	for i := range s.lanes {
		if l := &s.lanes[i]; l.queued > 0 || len(l.pending) > 0 {
			return
		}
	}
	s.done = true
	for _, heir := range s.m.heirs[s.id] {
		if heir.waitsFor--; heir.waitsFor == 0 {
			s.m.wake(heir, now)
			s.m.out.Woken = append(s.m.out.Woken, heir.index)
		}
	}
	delete(s.m.heirs, s.id)
}
