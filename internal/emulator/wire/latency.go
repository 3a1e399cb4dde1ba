package wire

import (
	"math"
	"math/rand/v2"
	"time"
)

// Latency is a log-normal delay given by its median and its 99th percentile.
// The zero value adds none; with a P99 not above the median every delay is the
// median.
type Latency struct{ Median, P99 time.Duration }

// z99 is the standard normal distribution's 99th percentile.
const z99 = 2.3263478740408408

// Sample draws one delay.
func (l Latency) Sample(r *rand.Rand) time.Duration {
	if l.Median <= 0 {
		return 0
	}
	if l.P99 <= l.Median {
		return l.Median
	}
	sigma := math.Log(float64(l.P99)/float64(l.Median)) / z99
	return time.Duration(float64(l.Median) * math.Exp(sigma*r.NormFloat64()))
}
