package judge

import (
	"fmt"

	"weir/internal/metrics"
	"weir/internal/record"
)

// knee brackets the rate at which the pipeline stops keeping up, over all
// steps, judged or not.
func knee(d *record.Data, steps []Step) Knee {
	var k Knee
	broke := -1
	for i, s := range steps {
		switch {
		case s.Sustained == nil, s.Shape != "": // a moving rate is no end of a bracket
		case *s.Sustained && (k.Sustained == nil || s.Rate > *k.Sustained):
			k.Sustained = &steps[i].Rate
		case !*s.Sustained && (k.Unsustained == nil || s.Rate < *k.Unsustained):
			k.Unsustained, broke = &steps[i].Rate, i
		}
	}
	if broke >= 0 {
		k.GaveOut = gaveOut(d, steps[broke], judgedWindow(d, broke))
	}
	return k
}

// gaveOut names the resource behind an unsustained step: the first in the
// order of the road whose own metric shows it.
func gaveOut(d *record.Data, s Step, w window) string {
	p := d.Run.Pipeline
	refused, _ := sum(d, metrics.WriteThrottled, w)
	answered, _ := sum(d, metrics.Throttled, w)
	if s.HotShard != nil && s.HotShard.Throttled > 0 {
		return "the write limit of one shard: " + s.HotShard.String()
	}
	if refused = max(refused, answered); refused > 0 {
		return fmt.Sprintf("the shards' write limit (%d open): WriteProvisionedThroughputExceeded %s", p.Shards, Count(int64(refused)))
	}
	if v, _ := sum(d, metrics.Throttles, w); v > 0 {
		return "the function's concurrency: Lambda Throttles " + Count(int64(v))
	}
	if v, _ := sum(d, metrics.ReadThrottled, w); v > 0 {
		return "the read limit of a shard: ReadProvisionedThroughputExceeded " + Count(int64(v))
	}
	failed := map[string]string{}
	for _, t := range s.Targets {
		if t.Verdict == Fail {
			failed[t.ID] = t.Reason
		}
	}
	for _, by := range []struct{ id, what string }{
		{Ledger, "the delivery"},
		{LambdaErrors, "the function"},
		{LambdaDuration, "the function's time"},
		{IteratorAge, "the mapping, which reads more slowly than records arrive"},
		{RecordLatency, "the way from due to processed"},
	} {
		if reason, ok := failed[by.id]; ok {
			return by.what + ": " + reason
		}
	}
	return s.Reason
}
