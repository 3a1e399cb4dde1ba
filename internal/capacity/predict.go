// Package capacity says what a pipeline can take from its configuration alone,
// before any load.
package capacity

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/internal/quota"
)

// Config is the pipeline and the records it is to carry.
type Config struct {
	OnDemand bool // a new on-demand stream: four shards' worth until it has grown
	Shards   int
	// LimitFactor multiplies the shards' write limits; 0 is AWS's own.
	LimitFactor float64
	RecordBytes float64 // data and partition key, the mean
	// Step is how long a rate is offered, where a shard that stood idle before has
	// a second's worth of writes saved up, as the embedded one has; 0: for good.
	Step            time.Duration
	Parallelization int // 0: no mapping, the stream's side only
	BatchSize       int
	// PerBatch and PerRecord are the time of an invocation, hand-over included.
	PerBatch, PerRecord time.Duration
	Concurrency         int     // reserved; 0: none
	ErrorRate           float64 // share of invocations that fail, in 0 to 1
	// ErrorBackoff is the mapping's wait before it tries a failed batch again; it
	// doubles with each failure in a row, up to MaxBackoff.
	ErrorBackoff, MaxBackoff time.Duration
}

// Limit is the rate at which one resource gives out when the load is spread
// evenly, in records per second.
type Limit struct {
	Resource quota.Resource `json:"resource"`
	Rate     float64        `json:"rate"`
	Why      string         `json:"why"` // the arithmetic
}

// Limits are the pipeline's limits, the lowest first: its predicted knee and
// what gives out there.
func Limits(c Config) []Limit {
	shards := c.shards()
	saved, savedText := 1.0, ""
	if c.Step > 0 {
		saved += time.Second.Seconds() / c.Step.Seconds()
		savedText = fmt.Sprintf(", and a second's worth saved up over %v", c.Step)
	}
	limits := []Limit{
		{
			quota.WriteRecords, shards * quota.ShardWriteRecordsPerSecond * c.factor() * saved,
			fmt.Sprintf("%g shards × %g records/s%s", shards, quota.ShardWriteRecordsPerSecond*c.factor(), savedText),
		},
		{
			quota.WriteBytes, shards * quota.ShardWriteBytesPerSecond * c.factor() / c.RecordBytes * saved,
			fmt.Sprintf("%g shards × %g MiB/s ÷ %g B%s", shards, c.factor(), c.RecordBytes, savedText),
		},
	}
	if c.Parallelization > 0 {
		limits = append(limits, Limit{
			quota.ReadLimit, shards * quota.ShardReadBytesPerSecond / c.RecordBytes,
			fmt.Sprintf("%g shards × 2 MiB/s ÷ %g B", shards, c.RecordBytes),
		})
		limits = append(limits, c.invocations(shards))
	}
	slices.SortStableFunc(limits, func(a, b Limit) int { return cmp.Compare(a.Rate, b.Rate) })
	return limits
}

func (c Config) shards() float64 {
	if c.OnDemand {
		return 4 // 4 MB/s at birth: streams/latest/dev/how-do-i-size-a-stream, 2026-11-22
	}
	return float64(c.Shards)
}

func (c Config) factor() float64 {
	if c.LimitFactor > 0 {
		return c.LimitFactor
	}
	return 1
}

// invocations is what the mapping and the function carry: concurrent batches
// over the time of one, failed ones and the wait after them counted.
func (c Config) invocations(shards float64) Limit {
	l := Limit{Resource: quota.Lanes}
	at := shards * float64(c.Parallelization)
	what := fmt.Sprintf("%g lanes", at)
	if c.Concurrency > 0 && float64(c.Concurrency) < at {
		l.Resource, at = quota.Concurrency, float64(c.Concurrency)
		what = fmt.Sprintf("%d environments", c.Concurrency)
	}
	batch := c.largestBatch()
	took := c.PerBatch.Seconds() + batch*c.PerRecord.Seconds()
	// A batch is tried until it succeeds: on average 1 ÷ (1 − e) times.
	once := took/(1-c.ErrorRate) + c.waits().Seconds()
	l.Rate = at * batch / once
	l.Why = fmt.Sprintf("%s × %g records ÷ %.4g s a batch", what, batch, once)
	if c.ErrorRate > 0 {
		l.Why += fmt.Sprintf(" with %.3g %% of the invocations failing", 100*c.ErrorRate)
	}
	return l
}

// waits is the mean time that a batch spends waiting for its next try: the k-th
// wait comes with the chance of k failures in a row.
func (c Config) waits() time.Duration {
	var sum float64
	wait, chance := float64(c.ErrorBackoff), c.ErrorRate
	for chance > 1e-15 && chance < 1 {
		sum += chance * wait
		wait, chance = min(2*wait, float64(c.MaxBackoff)), chance*c.ErrorRate
	}
	return time.Duration(sum)
}

// eventBytes is what a record's place in the event holds besides its data:
// sequence number, ARNs, times.
const eventBytes = 400

// largestBatch is the batch of a mapping that is behind: as many records as it
// may hold, or as fit in the event.
func (c Config) largestBatch() float64 {
	inEvent := math.Floor(quota.InvocationPayloadBytes / (math.Ceil(c.RecordBytes/3)*4 + eventBytes))
	return max(1, min(float64(c.BatchSize), inEvent))
}
