package metrics

import (
	"time"

	"weir/internal/quota"
)

// AgeFloor is how long a record in a quiet shard may wait for its function in
// perfect health: one base poll of the shard and the batching window. Lambda's
// IteratorAge sits near it; GetRecords.IteratorAgeMilliseconds is 0 when the
// mapping has caught up.
func AgeFloor(batchingWindow time.Duration) time.Duration {
	return quota.PollInterval + batchingWindow
}
