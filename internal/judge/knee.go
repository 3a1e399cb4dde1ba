package judge

import (
	"fmt"

	"weir/internal/metrics"
	"weir/internal/quota"
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
		k.Utilisation = utilisation(d, broke)
		k.Resource, k.GaveOut = gaveOut(d, steps[broke], judgedWindow(d, broke), k.Utilisation)
	}
	return k
}

// shareOf is how much of a resource was used, 0 where it is not known.
func shareOf(uses []Use, r quota.Resource) float64 {
	for _, u := range uses {
		if u.Resource == r {
			return u.Share
		}
	}
	return 0
}

// gaveOut names the resource behind an unsustained step: the first in the
// order of the road whose own metric shows it.
func gaveOut(d *record.Data, s Step, w window, uses []Use) (quota.Resource, string) {
	if s.HotShard != nil && s.HotShard.Throttled > 0 {
		return quota.HotShard, "the write limit of one shard: " + s.HotShard.String()
	}
	if refused := refusedWrites(d, w); refused > 0 {
		return writeLimit(d, refused, uses)
	}
	if v, _ := sum(d, metrics.Throttles, w); v > 0 {
		return quota.Concurrency, "the function's concurrency: Lambda Throttles " + Count(int64(v))
	}
	if v, _ := sum(d, metrics.ReadThrottled, w); v > 0 {
		return quota.ReadLimit, "the read limit of a shard: ReadProvisionedThroughputExceeded " + Count(int64(v))
	}
	if s.BacklogGrew || shareOf(uses, quota.Lanes) > busyLanes {
		return mappingLimit(d, s, uses)
	}
	return failedTarget(s)
}

// busyLanes is the share of the lanes' time inside invocations above which the
// mapping is at its end: the rest is hand-over and reading.
const busyLanes = 0.7

func refusedWrites(d *record.Data, w window) float64 {
	refused, _ := sum(d, metrics.WriteThrottled, w)
	answered, _ := sum(d, metrics.Throttled, w)
	return max(refused, answered)
}

// hotShare is the share of all shards' write limit below which refusals are one
// shard's: the others had room for more than chance explains.
const hotShare = 0.75

// writeLimit tells which of a shard's two write limits refused, or that it was
// one shard's alone.
func writeLimit(d *record.Data, refused float64, uses []Use) (quota.Resource, string) {
	text := fmt.Sprintf("the shards' write limit (%d open): WriteProvisionedThroughputExceeded %s", d.Run.Pipeline.Shards, Count(int64(refused)))
	records, bytes := shareOf(uses, quota.WriteRecords), shareOf(uses, quota.WriteBytes)
	switch {
	case records == 0 && bytes == 0:
		return quota.WriteRecords, text // an on-demand stream, or nothing was watched
	case max(records, bytes) < hotShare:
		return quota.HotShard, fmt.Sprintf("one shard's write limit: WriteProvisionedThroughputExceeded %s while all %d took %s of theirs",
			Count(int64(refused)), d.Run.Pipeline.Shards, Number(100*max(records, bytes), "%"))
	case bytes > records:
		return quota.WriteBytes, text + ", by bytes: " + useText(uses, quota.WriteBytes)
	}
	return quota.WriteRecords, text + ", by records: " + useText(uses, quota.WriteRecords)
}

// mappingLimit is what a growing backlog shows: the mapping's lanes, or the
// environments reserved for them where those are fewer.
func mappingLimit(d *record.Data, s Step, uses []Use) (quota.Resource, string) {
	p := d.Run.Pipeline
	resource := quota.Lanes
	if p.Concurrency > 0 && p.Concurrency < p.Shards*p.Parallelization {
		resource = quota.Concurrency
	}
	why := s.Reason
	if use := useText(uses, resource); use != "" {
		why = use + "; " + why
	}
	return resource, "the " + string(resource) + ": " + why
}

func useText(uses []Use, r quota.Resource) string {
	for _, u := range uses {
		if u.Resource == r {
			return u.Text + " (" + Number(100*u.Share, "%") + ")"
		}
	}
	return ""
}

// failedTarget names what the failed targets of a step say gave out.
func failedTarget(s Step) (quota.Resource, string) {
	failed := map[string]string{}
	for _, t := range s.Targets {
		if t.Verdict == Fail {
			failed[t.ID] = t.Reason
		}
	}
	for _, by := range []struct {
		id, what string
		resource quota.Resource
	}{
		{Ledger, "the delivery", quota.Delivery},
		{LambdaErrors, "the function", quota.FunctionFail},
		{LambdaDuration, "the function's time", quota.FunctionTime},
		{IteratorAge, "the mapping, which reads more slowly than records arrive", quota.Lanes},
		{RecordLatency, "the way from due to processed", quota.Latency},
	} {
		if reason, ok := failed[by.id]; ok {
			return by.resource, by.what + ": " + reason
		}
	}
	return "", s.Reason
}
