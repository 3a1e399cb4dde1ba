package capacity

import (
	"math"
	"math/rand/v2"
	"time"

	"weir/internal/emulator/wire"
)

// sampler draws from a wire.Latency with what doesn't change computed once.
type sampler struct{ median, sigma float64 }

func newSampler(l wire.Latency) sampler {
	const z99 = 2.3263478740408408 // the standard normal's 99th percentile
	if l.Median <= 0 || l.P99 <= l.Median {
		return sampler{median: float64(max(l.Median, 0))}
	}
	return sampler{float64(l.Median), math.Log(float64(l.P99)/float64(l.Median)) / z99}
}

func (s sampler) sample(r *rand.Rand) time.Duration {
	if s.sigma == 0 {
		return time.Duration(s.median)
	}
	return time.Duration(s.median * math.Exp(s.sigma*r.NormFloat64()))
}
