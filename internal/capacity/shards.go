package capacity

import (
	"math"

	"weir/internal/quota"
)

// Shards is how many shards write a steady, evenly spread rate (records a
// second of recordBytes, data and key) with that share to spare: 0.25 is room
// for a quarter more. It is at least one.
func Shards(rate, recordBytes, headroom float64) int {
	needed := max(rate/quota.ShardWriteRecordsPerSecond, rate*recordBytes/quota.ShardWriteBytesPerSecond)
	return max(1, int(math.Ceil((1+headroom)*needed)))
}
