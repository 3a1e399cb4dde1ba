package report

import (
	"fmt"

	"weir/internal/judge"
	"weir/internal/quota"
)

// remedies are what to do when a resource gives out.
var remedies = map[quota.Resource]string{
	quota.WriteRecords: "Add shards (each takes 1 000 records/s), put several events into one record, or switch the stream to on-demand mode.",
	quota.WriteBytes:   "Add shards (each takes 1 MiB/s), compress the records, or switch the stream to on-demand mode.",
	quota.HotShard:     "Spread the partition keys: one shard takes more than its share. More shards do not help a hot key.",
	quota.ReadLimit:    "Give the readers enhanced fan-out, or fewer of them a shard.",
	quota.Lanes:        "Raise the parallelization factor, let the function take less time a batch, or add shards: the mapping runs shards × parallelization factor batches at once.",
	quota.Concurrency:  "Raise the function's reserved concurrency to at least shards × parallelization factor, or take the reservation away.",
	quota.FunctionTime: "Give the function more memory (CPU grows with it), a smaller batch, or a longer timeout.",
	quota.FunctionFail: "Mend the function's errors; until then set a retry limit, bisection and an on-failure destination, or one bad record blocks its shard until it expires.",
	quota.Delivery:     "Find out why records are missing before anything else: see the ledger.",
	quota.Latency:      "Lower the batching window, or use enhanced fan-out where a poll a second is too slow.",
}

// recommendations follow from what gave out, what came near its limit and how
// the mapping is set.
func (c Campaign) recommendations() Part {
	part := Part{Title: "Recommendations"}
	said := map[quota.Resource]bool{}
	say := func(r quota.Resource, where string) {
		if text := remedies[r]; text != "" && !said[r] {
			said[r] = true
			part.List = append(part.List, fmt.Sprintf("%s (%s): %s", r, where, text))
		}
	}
	for _, s := range c.Searches {
		say(quota.Resource(s.Search.Resource), fmt.Sprintf("%s, at %s records/s", s.Entry, orNone(s.Search.Bracket.High)))
	}
	for _, p := range c.Pieces {
		if k := p.Verdict.Knee; k.Unsustained != nil {
			say(k.Resource, fmt.Sprintf("%s, at %s records/s", p.Entry, rate(*k.Unsustained)))
		}
	}
	for _, w := range c.worstTargets() {
		if w.target.Verdict == judge.Pass && w.target.Limit != nil && *w.target.Limit > 0 && w.target.ID != judge.ThroughputMatch && burden(w.target) > 0.8 {
			part.List = append(part.List, fmt.Sprintf("%s came within a fifth of its limit: %s of %s in %s.", targetNames[w.target.ID], measured(w.target), limit(w.target), w.of))
		}
	}
	part.List = append(part.List, c.settings()...)
	return part
}

// settings are the dangers that lie in the mapping's configuration alone.
func (c Campaign) settings() []string {
	for _, p := range c.Pieces {
		found := p.Data.Run.Pipeline
		if found.Function != "" && found.RetryAttempts < 0 {
			return []string{fmt.Sprintf("The mapping retries a failed batch until its records expire (%d h): one record that always fails stops its shard for that long. Set MaximumRetryAttempts, BisectBatchOnFunctionError and an on-failure destination.", found.RetentionHours)}
		}
	}
	return nil
}
