package judge

import (
	"cmp"
	"fmt"
	"slices"

	"weir/internal/metrics"
	"weir/internal/quota"
	"weir/internal/record"
)

// Use is how much of a resource a step took.
type Use struct {
	Resource quota.Resource `json:"resource"`
	Share    float64        `json:"share"` // of what there is; 1 is all of it
	Text     string         `json:"text"`  // the arithmetic
}

// utilisation says how much of each resource with a known limit step i took
// while it was offered, the most used first. What was refused counts as asked
// for.
func utilisation(d *record.Data, i int) []Use {
	w := offeredWindow(d, d.Run.Steps[i])
	seconds := float64(w.to - w.from)
	p := d.Run.Pipeline
	if seconds <= 0 {
		return nil
	}
	var uses []Use
	add := func(r quota.Resource, took, there float64, text string) {
		if there > 0 && took > 0 {
			uses = append(uses, Use{r, took / there, fmt.Sprintf(text, took, there)})
		}
	}
	if p.StreamMode != onDemand {
		factor := cmp.Or(p.ShardLimitFactor, 1)
		asked, _ := sum(d, metrics.Accepted, w)
		refused, _ := sum(d, metrics.Throttled, w)
		bytes, _ := sum(d, metrics.SentBytes, w)
		shards := float64(p.Shards) * factor
		add(quota.WriteRecords, (asked+refused)/seconds, shards*quota.ShardWriteRecordsPerSecond, "%.0f of %.0f records/s")
		add(quota.WriteBytes, bytes/seconds/(1<<20), shards*quota.ShardWriteBytesPerSecond/(1<<20), "%.2f of %.4g MiB/s")
	}
	busy := busySeconds(d, w) / seconds
	lanes := float64(p.Shards * p.Parallelization)
	add(quota.Lanes, busy, lanes, "%.2f of %.0f lanes busy")
	add(quota.Concurrency, busy, float64(p.Concurrency), "%.2f of %.0f reserved environments busy")
	slices.SortStableFunc(uses, func(a, b Use) int { return cmp.Compare(b.Share, a.Share) })
	return uses
}

// onDemand is the StreamMode without shard limits of its own to reckon with.
const onDemand = "ON_DEMAND"

// busySeconds is the time that invocations took in a window, summed.
func busySeconds(d *record.Data, w window) float64 {
	var busy float64
	for _, p := range d.Series {
		if w.holds(p.T) {
			busy += p.V[metrics.Invocations] * p.V[metrics.DurationAvg] / 1000
		}
	}
	return busy
}
