package observe

import (
	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// heat is what a second's records met by shard and by partition key.
type heat struct {
	shards map[string]record.ShardLoad
	keys   map[string]int64
}

func (h *heat) add(f frame.StepFrame) {
	if h.shards == nil {
		h.shards, h.keys = map[string]record.ShardLoad{}, map[string]int64{}
	}
	addShards(h.shards, f.Shards)
	for _, k := range f.Keys {
		h.keys[k.Key] += k.Records
	}
}

// addHeat adds a frame to a step's totals.
func addHeat(r *record.StepResult, f frame.StepFrame) {
	if r.Shards == nil && len(f.Shards) > 0 {
		r.Shards = map[string]record.ShardLoad{}
	}
	if r.Keys == nil && len(f.Keys) > 0 {
		r.Keys = stats.Frequent{}
	}
	addShards(r.Shards, f.Shards)
	for _, k := range f.Keys {
		r.Keys.Add(k.Key, k.Records)
	}
}

func addShards(to map[string]record.ShardLoad, from []frame.ShardLoad) {
	for _, s := range from {
		load := to[s.ID]
		load.Accepted += s.Accepted
		load.Throttled += s.Throttled
		to[s.ID] = load
	}
}

// name puts the figures of the hottest shard and key into a second's values and
// returns their names; nil where no shard was named.
func (h *heat) name(values map[string]float64) map[string]string {
	var hottest string
	var all int64
	for id, s := range h.shards {
		all += s.Put()
		if most := h.shards[hottest].Put(); s.Put() > most || s.Put() == most && id < hottest {
			hottest = id
		}
	}
	if all == 0 {
		return nil
	}
	names := map[string]string{metrics.HotShard: hottest}
	values[metrics.HotShardShare] = 100 * float64(h.shards[hottest].Put()) / float64(all)
	values[metrics.HotShardThrottled] = float64(h.shards[hottest].Throttled)
	if key, n, ok := stats.Frequent(h.keys).Top(); ok {
		names[metrics.HotKey] = key
		values[metrics.HotKeyShare] = 100 * float64(n) / float64(max(all, n))
	}
	return names
}
