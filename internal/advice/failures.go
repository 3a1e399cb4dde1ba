package advice

import (
	"math"
	"time"

	"weir/internal/price"
	"weir/internal/quota"
)

// Retries that are recommended at least and at most.
const (
	leastRetries = 2
	mostRetries  = 10
)

// harden sets what keeps one bad record from stopping its shard.
func (m measured) harden(c *Config) {
	c.RetryAttempts = m.retries(*c)
	c.Bisect, c.OnFailure = true, true
	// Half of the retention is left to fetch the records that the on-failure
	// document names: it holds their place in the stream, not their data.
	c.RetentionHours = max(c.RetentionHours, quota.DefaultRetentionHours)
	half := time.Duration(c.RetentionHours) * time.Hour / 2
	c.MaxAgeSeconds = int(min(half, quota.MaxRecordAge) / time.Second)
	if p := m.memoryNeeded(); p > c.MemoryMB {
		c.MemoryMB = p
	}
}

// transient is the share of invocations that fail by chance: what the run had,
// and at least what its target allows.
func (m measured) transient() float64 { return min(0.9, max(m.errorRate, m.targets.ErrorRate)) }

// retries are so many that a batch without a bad record is given up less than
// once a month.
func (m measured) retries(c Config) int {
	batches := m.rate * price.MonthHours * 3600 / m.predict(c).RecordsPerInvocation
	n := math.Ceil(math.Log(batches)/-math.Log(m.transient()) - 1)
	return int(min(max(n, leastRetries), mostRetries))
}

// blocked is how long a record that always fails stops its lane: each attempt,
// and the wait after it, doubling. Splitting the batch goes on for as long again
// for each half that holds it.
func (m measured) blocked(c Config) time.Duration {
	attempt := time.Duration(m.service.took(float64(m.fullBatch(c))) * float64(time.Millisecond))
	total := attempt
	for n, wait := 0, firstBackoff; n < c.RetryAttempts; n++ {
		total += wait + attempt
		wait = min(2*wait, mostBackoff)
	}
	return total
}

// memoryNeeded leaves a quarter above the most that was used, in steps of
// 64 MB; 0 where use is not known.
func (m measured) memoryNeeded() int {
	const step = 64
	needed := int(math.Ceil(m.memoryUsed*1.25/step)) * step
	return min(needed, quota.MaxMemoryMB)
}
