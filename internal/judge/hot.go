package judge

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"weir/internal/record"
)

// A shard is hot when it takes this much more than an even share and chance
// does not explain it: more standard deviations of a binomial share than this.
const (
	hotFactor     = 1.25
	hotDeviations = 5
)

// HotShard is the shard that took more of a step's records than its share.
type HotShard struct {
	Shard     string  `json:"shard"`
	Share     float64 `json:"share_pct"` // of the records put, throttled ones included
	Even      float64 `json:"even_pct"`  // what each shard would have
	Throttled int64   `json:"throttled"` // records that it refused
	Key       string  `json:"key,omitempty"`
	KeyShare  float64 `json:"key_share_pct,omitzero"` // at least; of the records put
}

// hotShard is nil where no shard was hot, answers named none, or more shards took
// records than the stream has: under a reshard each had them for a time of its
// own, and an even share is of no shard.
func hotShard(d *record.Data, r *record.StepResult) *HotShard {
	if r == nil || d.Run.Pipeline.Shards > 0 && len(r.Shards) > d.Run.Pipeline.Shards {
		return nil
	}
	shards := max(d.Run.Pipeline.Shards, len(r.Shards))
	var put int64
	for _, s := range r.Shards {
		put += s.Put()
	}
	if shards < 2 || put == 0 {
		return nil
	}
	hottest := slices.MaxFunc(slices.Sorted(maps.Keys(r.Shards)), func(a, b string) int {
		return cmp.Compare(r.Shards[a].Put(), r.Shards[b].Put())
	})
	share, even := float64(r.Shards[hottest].Put())/float64(put), 1/float64(shards)
	if share < hotFactor*even || share-even < hotDeviations*math.Sqrt(even*(1-even)/float64(put)) {
		return nil
	}
	h := &HotShard{Shard: hottest, Share: 100 * share, Even: 100 * even, Throttled: r.Shards[hottest].Throttled}
	if key, n, ok := r.Keys.Top(); ok {
		h.Key, h.KeyShare = key, 100*float64(n)/float64(max(put, n))
	}
	return h
}

// String is the finding in words.
func (h HotShard) String() string {
	text := fmt.Sprintf("hot shard %s took %s of the records (even: %s)", h.Shard, percent(h.Share), percent(h.Even))
	if h.Throttled > 0 {
		text += fmt.Sprintf(" and refused %s of them", Count(h.Throttled))
	}
	if h.Key != "" {
		text += fmt.Sprintf("; hottest key %s: %s of the records", h.Key, percent(h.KeyShare))
	}
	return text
}

func percent(v float64) string { return decimals(v, 1) + " %" }

// hotShards are the findings of all steps.
func hotShards(steps []Step) []string {
	var all []string
	for _, s := range steps {
		if s.HotShard != nil {
			all = append(all, fmt.Sprintf("step %s: %v", s.Load(), s.HotShard))
		}
	}
	return all
}
