package wire

import (
	"context"
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

// Wait waits for d; it is false where ctx ended first, also of a d that is 0.
func Wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
