package capacity

import (
	"math"
	"time"

	"weir/internal/quota"
)

// fewOverruns is the expected number of shard-seconds over the limit that a
// window may have and still pass for clean: one window in twenty has one.
const fewOverruns = 0.05

// SpreadKnee is the rate at which records with random keys start to be refused
// although the shards have room on average: where the expected number of
// seconds in which some shard gets more than its limit, in a window of that
// length, is 0.05. It takes the records of a second as drawn independently, so
// that a shard's are binomial, and the limit as one of whole seconds. It is at
// most the even-keys limit.
func SpreadKnee(c Config, window time.Duration) float64 {
	most := math.Floor(c.factor() * min(quota.ShardWriteRecordsPerSecond, quota.ShardWriteBytesPerSecond/c.RecordBytes))
	shards := c.shards()
	low, high := 0.0, shards*most
	for high-low > 0.5 {
		rate := (low + high) / 2
		if overruns(rate, shards, most)*window.Seconds() > fewOverruns {
			high = rate
		} else {
			low = rate
		}
	}
	return low
}

// overruns is the expected number of shards that get more than most of a
// second's records.
func overruns(rate, shards, most float64) float64 {
	n := math.Round(rate)
	if shards <= 1 {
		if n > most {
			return 1
		}
		return 0
	}
	return shards * binomialTail(n, 1/shards, most)
}

// binomialTail is P(X > k) of n trials with probability p.
func binomialTail(n, p, k float64) float64 {
	if k >= n {
		return 0
	}
	logN, _ := math.Lgamma(n + 1)
	var tail float64
	for x := k + 1; x <= n; x++ {
		logX, _ := math.Lgamma(x + 1)
		logRest, _ := math.Lgamma(n - x + 1)
		term := math.Exp(logN - logX - logRest + x*math.Log(p) + (n-x)*math.Log1p(-p))
		tail += term
		if term < tail*1e-12 && x > n*p {
			break
		}
	}
	return tail
}
