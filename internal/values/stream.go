package values

import (
	"fmt"

	"weir/internal/metrics"
)

func (r *reading) iteratorAge() (finding, error) {
	v, err := r.most(metrics.IteratorAge, "GetRecords.IteratorAgeMilliseconds")
	return finding{value: v, statistic: "Maximum"}, err
}

func (r *reading) incomingRecords() (finding, error) {
	v, err := r.counter(metrics.IncomingRecords, "IncomingRecords")
	f := finding{value: v}
	switch shard, share, shards := r.hottestShard(); {
	case shard != "":
		f.note = fmt.Sprintf("shard %s took %.1f %% (even: %.1f %%)", shard, 100*share, 100/float64(shards))
	case len(r.data.Run.Pipeline.ShardMetrics) == 0:
		f.note = "by shard: not known, enhanced monitoring is off"
	}
	return f, err
}

func (r *reading) incomingBytes() (finding, error) {
	v, err := r.counter(metrics.IncomingBytes, "IncomingBytes")
	return finding{value: v}, err
}

func (r *reading) writesRefused() (finding, error) {
	v, err := r.counter(metrics.WriteThrottled, "WriteProvisionedThroughputExceeded", metrics.IncomingRecords)
	return finding{value: v}, err
}

func (r *reading) readsRefused() (finding, error) {
	v, err := r.counter(metrics.ReadThrottled, "ReadProvisionedThroughputExceeded", metrics.GetRecordsCount, metrics.IteratorAge)
	return finding{value: v}, err
}

// putFailures are of PutRecords only: without a call of it there are none.
func (r *reading) putFailures() (finding, error) {
	throttled, err := r.counter(metrics.PutThrottledRecs, "PutRecords.ThrottledRecords", metrics.PutCalls, metrics.PutOneCalls)
	if err != nil {
		return finding{}, err
	}
	failed, err := r.counter(metrics.PutFailedRecs, "PutRecords.FailedRecords", metrics.PutCalls, metrics.PutOneCalls)
	return finding{value: throttled + failed, note: fmt.Sprintf("throttled %.0f, failed %.0f", throttled, failed)}, err
}

// putSuccess is over the calls of both operations.
func (r *reading) putSuccess() (finding, error) {
	v, err := r.overBothPuts(metrics.PutSuccess, metrics.PutOneSuccess, "PutRecords.Success and PutRecord.Success")
	return finding{value: v, note: fmt.Sprintf("%.4g %% of %.0f calls", 100*v, r.putCalls())}, err
}

func (r *reading) putLatency() (finding, error) {
	v, err := r.overBothPuts(metrics.PutLatencyAvg, metrics.PutOneLatencyAvg, "PutRecords.Latency and PutRecord.Latency")
	most := max(r.sums[metrics.PutLatencyMax].most, r.sums[metrics.PutOneLatencyMax].most)
	return finding{value: v, statistic: "Average", note: fmt.Sprintf("maximum %.3g ms", most)}, err
}

func (r *reading) putCalls() float64 {
	return r.sums[metrics.PutCalls].sum + r.sums[metrics.PutOneCalls].sum
}

// overBothPuts is the mean over the calls of PutRecords and PutRecord.
func (r *reading) overBothPuts(many, one, metric string) (float64, error) {
	var sum, calls float64
	for _, p := range r.data.Series {
		for name, weight := range map[string]string{many: metrics.PutCalls, one: metrics.PutOneCalls} {
			if v, ok := p.V[name]; ok {
				sum, calls = sum+v*p.V[weight], calls+p.V[weight]
			}
		}
	}
	if calls == 0 {
		return 0, unknownf("no point of %s", metric)
	}
	return sum / calls, nil
}

func (r *reading) getLatency() (finding, error) {
	v, err := r.mean(metrics.GetLatencyAvg, metrics.GetCalls, "GetRecords.Latency")
	return finding{value: v, statistic: "Average", note: fmt.Sprintf("maximum %.3g ms", r.sums[metrics.GetLatencyMax].most)}, err
}

func (r *reading) recordsRead() (finding, error) {
	v, err := r.counter(metrics.GetRecordsCount, "GetRecords.Records", metrics.GetCalls)
	return finding{value: v}, err
}
