package kinesis

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// lineage is a stream's shards, which splits and merges replace by others. Its
// slices are never changed in place by a reshard, so a request may keep one.
type lineage struct {
	shards    []*shard  // all there ever were, by index: parents before children
	open      []*shard  // in the order of their hash ranges
	partition partition // by the open ones
}

// newShard adds a shard to the stream's.
func (st *stream) newShard(hashes hashRange, parents []*shard, now time.Time) *shard {
	s := newShard(len(st.shards), hashes, now, parents, st.limitFactor, st.memory)
	if st.settings.monitored != 0 {
		s.monitor(st.shardSeries)
	}
	st.shards = append(st.shards, s)
	return s
}

// rerange makes the partition fit the open shards.
func (st *stream) rerange() {
	st.partition = newPartition(st.ranges())
}

// reshard changes the open shards by splits and merges; st.mu is held.
func (st *stream) reshard(change func()) {
	st.open = slices.Clone(st.open)
	change()
	st.rerange()
}

// split divides the i-th open shard at a hash key, which becomes the first of
// its upper child. Call it in reshard.
func (st *stream) split(i int, at hashKey, now time.Time) {
	st.replace(splitting(st.ranges(), i, at), now)
}

// merge joins the i-th open shard and its neighbour above. Call it in reshard.
func (st *stream) merge(i int, now time.Time) { st.replace(merging(st.ranges(), i), now) }

// scale makes the stream n open shards of equal ranges. Call it in reshard.
func (st *stream) scale(n int, now time.Time) {
	for _, r := range scaling(st.ranges(), n) {
		st.replace(r, now)
	}
}

// ranges are the open shards' hash ranges.
func (st *stream) ranges() []hashRange {
	ranges := make([]hashRange, len(st.open))
	for i, s := range st.open {
		ranges[i] = s.hashes
	}
	return ranges
}

// replace closes open shards and opens others in their place.
func (st *stream) replace(r replacement, now time.Time) {
	parents := slices.Clone(st.open[r.at : r.at+r.closed])
	var heirs []*shard
	for _, hashes := range r.ranges {
		heirs = append(heirs, st.newShard(hashes, parents, now))
	}
	for _, p := range parents {
		p.close(now, heirs)
	}
	st.open = slices.Replace(st.open, r.at, r.at+r.closed, heirs...)
}

// shard is the shard of that id, nil where there is none.
func (st *stream) shard(id string) *shard {
	shards := st.all()
	digits, ok := strings.CutPrefix(id, "shardId-")
	index, err := strconv.Atoi(digits)
	if !ok || err != nil || index < 0 || index >= len(shards) || shards[index].id != id {
		return nil
	}
	return shards[index]
}

// all are the shards there ever were.
func (st *stream) all() []*shard {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.shards
}

func (st *stream) openCount() int {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return len(st.open)
}

// kept are the open shards and the closed ones that may still have records.
func (st *stream) kept(now time.Time) (shards []*shard) {
	for _, s := range st.all() {
		if !st.forgets(s, now) {
			shards = append(shards, s)
		}
	}
	return shards
}

// forgets reports whether a shard was closed a retention period ago, and with
// it the last of its records is gone.
func (st *stream) forgets(s *shard, now time.Time) bool {
	closed := s.closedAt()
	return !closed.IsZero() && !now.Before(closed.Add(st.retention()))
}

// lastSequence is the highest sequence number of a closed shard, "" of an open one.
func (s *shard) lastSequence() string {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	if s.closed.IsZero() {
		return ""
	}
	last := sequence{s.sequence.created, s.sequence.shard, s.log.next, max(s.sequence.created, uint64(s.closed.Unix())&low36)}
	return string(last.append(nil))
}
