package kinesis

import (
	"sync"
	"time"

	"weir/internal/quota"
)

// controlRates are the calls a second that an account may make, as the API
// reference says of each operation (2026-11-22). Those that hold for a stream or
// a consumer are not enforced.
var controlRates = map[string]int64{
	"AddTagsToStream":       5,
	"CreateStream":          quota.CreateStreamPerSecond,
	"DeleteStream":          5,
	"DescribeLimits":        1,
	"DescribeStream":        10,
	"DescribeStreamSummary": 20,
	"ListStreams":           5,
	"ListTagsForStream":     5,
	"MergeShards":           5,
	"RemoveTagsFromStream":  5,
	"SplitShard":            5,
}

// rates are the account's limits of control operations.
type rates struct {
	mu      sync.Mutex
	buckets map[string]*timedBucket // by operation; nil where they are not kept
}

func newRates() map[string]*timedBucket {
	buckets := make(map[string]*timedBucket)
	for operation, perSecond := range controlRates {
		buckets[operation] = &timedBucket{bucket: newBucket(perSecond, 1)}
	}
	return buckets
}

// take reports whether a call of the operation is within its limit.
func (r *rates) take(operation string, now time.Time) bool {
	b := r.buckets[operation]
	if b == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b.refill(now)
	if !b.has(1) {
		return false
	}
	b.take(1)
	return true
}
