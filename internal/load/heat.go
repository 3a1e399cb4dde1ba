package load

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"weir/internal/load/frame"
	"weir/internal/producer"
)

// heat counts an interval's records by shard and by partition key.
type heat struct {
	shards map[string]*frame.ShardLoad
	counts []int64  // by the lane of the key
	names  []string // of the keys, likewise
}

// topKeys is how many keys a frame names.
const topKeys = 4

// answered counts a record at the shard that its answer names, if it does.
func (h *heat) answered(o *producer.Outcome) {
	switch o.Fate {
	case producer.Accepted:
		h.shard(o.ShardID).Accepted++
	case producer.Rejected:
		if id := refusingShard(o.Message); id != "" {
			h.shard([]byte(id)).Throttled++
		}
	}
}

func (h *heat) shard(id []byte) *frame.ShardLoad {
	if s := h.shards[string(id)]; s != nil { // a look-up that does not allocate
		return s
	}
	if h.shards == nil {
		h.shards = map[string]*frame.ShardLoad{}
	}
	s := &frame.ShardLoad{ID: string(id)}
	h.shards[s.ID] = s
	return s
}

// refusingShard is the shard that a refusal names; empty where it names none.
// Kinesis says "Rate exceeded for shard shardId-000000000002 in stream …"
// (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html, the
// example of an answer with failures, read 2026-11-22).
func refusingShard(message string) string {
	_, rest, ok := strings.Cut(message, "for shard ")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, " ")
	return id
}

// put counts a record under its key. Of keys that share a lane, which takes a
// pool of more than there are lanes, the first gives the name.
func (h *heat) put(lane uint32, key string) {
	for n := int(lane) + 1; len(h.counts) < n; {
		h.counts = slices.Grow(h.counts, n-len(h.counts))[:n]
		h.names = slices.Grow(h.names, n-len(h.names))[:n]
	}
	if h.counts[lane]++; h.counts[lane] == 1 {
		h.names[lane] = key
	}
}

// frames are the shards in order of their names and the most used keys, the
// first in front.
func (h *heat) frames() (shards []frame.ShardLoad, keys []frame.KeyLoad) {
	for _, id := range slices.Sorted(maps.Keys(h.shards)) {
		shards = append(shards, *h.shards[id])
	}
	for lane, n := range h.counts {
		if n == 0 || len(keys) == topKeys && n <= keys[topKeys-1].Records {
			continue
		}
		keys = append(keys[:min(len(keys), topKeys-1)], frame.KeyLoad{Key: h.names[lane], Records: n})
		slices.SortStableFunc(keys, func(a, b frame.KeyLoad) int { return cmp.Compare(b.Records, a.Records) })
	}
	return shards, keys
}
