package kinesis

import (
	"math"
	"sync"
	"time"

	"weir/internal/quota"
)

// onDemandDelay is how long after a minute of new peak traffic the capacity for
// the double of it is there. AWS promises the double of the last 30 days' peak,
// and throttles traffic that more than doubles within 15 minutes
// (streams/latest/dev/how-do-i-size-a-stream, 2026-11-22).
const onDemandDelay = 15 * time.Minute

// demand is an on-demand stream's traffic and the shards that it earns. Peaks
// never age, as if the 30 days were not over.
type demand struct {
	most int // shards

	mu      sync.Mutex
	minute  time.Time // the one under way
	bytes   float64   // of it
	records float64
	ordered int // shards for the highest minute so far
	growths []growth
}

type growth struct {
	at     time.Time
	shards int
}

func newDemand(region string) *demand {
	most := quota.OnDemandWriteBytesPerSecond
	switch region {
	case "us-east-1", "us-west-2", "eu-west-1":
		most = quota.OnDemandWriteBytesPerSecondLargest
	}
	return &demand{most: min(most/quota.ShardWriteBytesPerSecond, quota.MaxShardsPerStream), ordered: onDemandShards}
}

// add counts what was accepted at now and returns the shards that the stream is
// due, 0 where nothing is new.
func (d *demand) add(now time.Time, t tally) (shards int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if minute := now.Truncate(time.Minute); minute.After(d.minute) {
		d.endMinute()
		d.minute, d.bytes, d.records = minute, 0, 0
	}
	d.bytes += float64(t.bytes)
	d.records += float64(t.accepted)
	for len(d.growths) > 0 && !now.Before(d.growths[0].at) {
		shards, d.growths = d.growths[0].shards, d.growths[1:]
	}
	return shards
}

// endMinute orders shards for the double of a minute that was a new peak.
func (d *demand) endMinute() {
	second := time.Minute.Seconds()
	load := max(d.bytes/second/quota.ShardWriteBytesPerSecond, d.records/second/quota.ShardWriteRecordsPerSecond)
	if want := min(int(math.Ceil(2*load)), d.most); want > d.ordered {
		d.ordered = want
		d.growths = append(d.growths, growth{d.minute.Add(time.Minute + onDemandDelay), want})
	}
}

// grow gives an on-demand stream the shards that it is due.
func (st *stream) grow(shards int, now time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.settings.OnDemand && shards > len(st.open) {
		st.reshard(func() { st.scale(shards, now) })
	}
}
