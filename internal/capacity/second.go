package capacity

import (
	"time"

	"weir/internal/emulator/kinesis"
	"weir/internal/metrics"
	"weir/internal/record"
)

// second gathers what a second of virtual time showed.
type second struct {
	at int64 // seconds from the load's start

	offered, accepted, throttled, refused, unanswered float64
	sentBytes, calls, tries, retries                  float64
	stored                                            float64 // distinct records, acknowledged or not

	incoming, incomingBytes, writeThrottled float64
	putCalls, putSuccess, putLatency        float64 // as the stream counts them

	reads, readThrottled, readRecords, readLatency, iteratorAge float64

	invocations, errors, throttles, concurrent, lambdaAge, coldStarts, initMax float64
	polled, invoked, failedInvoke, dropped, deadLettered                       float64
	processed                                                                  float64 // distinct records
	records, batches                                                           float64 // of deliveries that ended well

	put, duration, fromDue, fromArrival *durations
	shards                              []shardCount // by number
}

// shardCount is what a shard did with the records put to it.
type shardCount struct{ accepted, throttled int64 }

func newSecond(shards int) *second {
	return &second{
		put: newDurations(), duration: newDurations(), fromDue: newDurations(), fromArrival: newDurations(),
		shards: make([]shardCount, shards),
	}
}

// reset makes it an empty second of that time, with its memory.
func (s *second) reset(at int64) {
	put, duration, fromDue, fromArrival, shards := s.put, s.duration, s.fromDue, s.fromArrival, s.shards
	for _, d := range []*durations{put, duration, fromDue, fromArrival} {
		d.reset()
	}
	clear(shards)
	*s = second{at: at, put: put, duration: duration, fromDue: fromDue, fromArrival: fromArrival, shards: shards}
}

// mostSeries is about how many series a point has.
const mostSeries = 48

// point is the second as a live run would have recorded it. A series that
// nothing contributed to is missing.
func (s *second) point(start time.Time, backlog float64) record.Point {
	v := make(map[string]float64, mostSeries)
	v[metrics.Backlog] = backlog
	s.generator(v)
	s.stream(v)
	s.function(v)
	p := record.Point{T: start.Unix() + s.at, V: v}
	if name, ok := s.hottest(v); ok {
		p.N = map[string]string{metrics.HotShard: name}
	}
	return p
}

func (s *second) generator(v map[string]float64) {
	if s.offered == 0 && s.calls == 0 {
		return
	}
	v[metrics.Offered], v[metrics.Accepted], v[metrics.NotSent] = s.offered, s.accepted, 0
	v[metrics.Throttled], v[metrics.Rejected] = s.throttled, s.throttled+s.refused
	v[metrics.Indeterminate] = s.unanswered
	v[metrics.SentBytes], v[metrics.Calls] = s.sentBytes, s.calls
	v[metrics.Tries], v[metrics.Retries] = s.tries, s.retries
	quantiles(v, s.put, quantile{metrics.PutP50, 0.5}, quantile{metrics.PutP99, 0.99}, quantile{metrics.PutMax, 1})
}

// stream are CloudWatch's series of the stream.
func (s *second) stream(v map[string]float64) {
	if s.putCalls > 0 {
		v[metrics.WriteThrottled] = s.writeThrottled
		v[metrics.PutThrottledRecs], v[metrics.PutFailedRecs] = s.writeThrottled, 0
		v[metrics.PutSuccess] = s.putSuccess / s.putCalls
		v[metrics.PutLatencyAvg] = s.putLatency / s.putCalls
	}
	if s.incoming > 0 {
		v[metrics.IncomingRecords], v[metrics.IncomingBytes] = s.incoming, s.incomingBytes
	}
	if s.reads > 0 {
		v[metrics.ReadThrottled], v[metrics.GetRecordsCount] = s.readThrottled, s.readRecords
		v[metrics.GetLatencyAvg] = s.readLatency / s.reads
		if s.reads > s.readThrottled {
			v[metrics.IteratorAge] = s.iteratorAge
		}
	}
}

// function are the mapping's and the function's series.
func (s *second) function(v map[string]float64) {
	if s.polled > 0 {
		v[metrics.Polled] = s.polled
	}
	for _, c := range []struct {
		series string
		n      float64
	}{
		{metrics.FailedInvoke, s.failedInvoke},
		{metrics.Dropped, s.dropped},
		{metrics.DeadLettered, s.deadLettered},
		{metrics.ColdStarts, s.coldStarts},
		{metrics.InitMax, s.initMax},
		{metrics.Concurrent, s.concurrent},
	} {
		if c.n > 0 {
			v[c.series] = c.n
		}
	}
	if s.throttles > 0 || s.invocations > 0 {
		v[metrics.Throttles] = s.throttles
	}
	if s.invocations > 0 {
		v[metrics.Invocations], v[metrics.Errors] = s.invocations, s.errors
		v[metrics.Invoked], v[metrics.LambdaAgeMax] = s.invoked, s.lambdaAge
		v[metrics.DurationAvg] = float64(s.duration.mean()) / float64(time.Millisecond)
		quantiles(v, s.duration, quantile{metrics.DurationP50, 0.5}, quantile{metrics.DurationP95, 0.95},
			quantile{metrics.DurationP99, 0.99}, quantile{metrics.DurationMax, 1})
	}
	if s.batches > 0 {
		v[metrics.Processed], v[metrics.BatchMean] = s.processed, s.records/s.batches
	}
	quantiles(v, s.fromDue, quantile{metrics.E2EP50, 0.5}, quantile{metrics.E2EP95, 0.95},
		quantile{metrics.E2EP99, 0.99}, quantile{metrics.E2EMax, 1})
	quantiles(v, s.fromArrival, quantile{metrics.ArriveP99, 0.99})
	if p99, ok := v[metrics.E2EP99]; ok {
		v[metrics.RecordLatencyP99] = p99
	}
}

// hottest puts the share of the shard that was put most to into v and returns
// its name; false where none was put to.
func (s *second) hottest(v map[string]float64) (name string, ok bool) {
	var all, most int64
	hottest := 0
	for shard, n := range s.shards {
		put := n.accepted + n.throttled
		all += put
		if put > most {
			hottest, most = shard, put
		}
	}
	if all == 0 {
		return "", false
	}
	v[metrics.HotShardShare] = 100 * float64(most) / float64(all)
	v[metrics.HotShardThrottled] = float64(s.shards[hottest].throttled)
	return kinesis.ShardID(hottest), true
}

// quantile names the series of a quantile.
type quantile struct {
	series string
	q      float64
}

// quantiles puts rising quantiles of d into v, in milliseconds.
func quantiles(v map[string]float64, d *durations, of ...quantile) {
	if d.total == 0 {
		return
	}
	qs, values := make([]float64, len(of)), make([]float64, len(of))
	for i, q := range of {
		qs[i] = q.q
	}
	d.quantiles(qs, values)
	for i, q := range of {
		v[q.series] = values[i]
	}
}
