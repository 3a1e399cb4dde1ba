package advice

import (
	"math"
	"time"

	"weir/internal/capacity"
	"weir/internal/quota"
)

// z99 is the standard normal's 99 % quantile.
const z99 = 2.326

const (
	// calls are the put, the read and the hand-over of a record, ms: what the
	// embedded pipeline's model gives them at the slow end.
	calls = 80
	// pushed is the delivery to a mapping with enhanced fan-out, ms: 70 on
	// average (streams/latest/dev/enhanced-consumers, 2026-11-22).
	pushed = 70
)

// wait is how long records gather before their batch is cut, ms.
func (c Config) wait() float64 {
	gather := float64(quota.PollInterval / time.Millisecond)
	if c.FanOut {
		gather = pushed
	}
	return gather + 1000*float64(c.WindowSeconds)
}

// gathered are the records that a lane finds when it cuts its batches, the mean
// at the rate.
func (m measured) gathered(c Config) float64 {
	return m.rate * c.wait() / 1000 / float64(c.lanes())
}

// fullBatch is the batch of a mapping that is behind.
func (m measured) fullBatch(c Config) int { return min(c.BatchSize, m.fits()) }

// fits are the records that an invocation's event holds: each as base64 with
// about 400 bytes about it.
func (m measured) fits() int {
	return max(1, int(quota.InvocationPayloadBytes/(math.Ceil(m.recordBytes/3)*4+400)))
}

// predict is how the configuration behaves at the rate.
func (m measured) predict(c Config) Predicted {
	perInvocation := recordsPerInvocation(m.gathered(c), float64(m.fullBatch(c)))
	p := Predicted{
		RecordsPerInvocation: perInvocation, BilledMillis: math.Ceil(m.service.took(perInvocation)),
		LatencyP99Millis: 0.99*c.wait() + calls + m.busy(c, m.rate),
	}
	for _, l := range capacity.Limits(m.limits(c)) {
		if l.Resource != quota.WriteRecords && l.Resource != quota.WriteBytes {
			p.Drain = l.Rate - m.rate // the lowest limit of the way out
			break
		}
	}
	return p
}

// busy is how long, in ms, a lane works off what it finds at a cut at that
// rate, of a hundred cuts the second longest: keys fall on lanes by chance.
func (m measured) busy(c Config, rate float64) float64 {
	most := m.gathered(c) * rate / m.rate * m.skew(c.Shards)
	most += z99 * math.Sqrt(most)
	full := float64(m.fullBatch(c))
	whole := math.Floor(most / full)
	took := whole * m.service.took(full)
	if rest := most - whole*full; rest > 0 {
		took += m.service.took(max(1, rest))
	}
	return took
}

// poissonMost is the mean above which a Poisson distribution is taken as
// normal: e to its negative is still a number.
const poissonMost = 500

// recordsPerInvocation is the mean batch where a lane finds a Poisson number of
// records with that mean and cuts them into batches of at most full.
func recordsPerInvocation(mean, full float64) float64 {
	if mean > poissonMost {
		return normalBatches(mean, full)
	}
	var batches float64
	probability := math.Exp(-mean) // of finding k
	for k := 1.0; k < mean+12*math.Sqrt(mean)+12; k++ {
		probability *= mean / k
		batches += probability * math.Ceil(k/full)
	}
	return mean / batches
}

func normalBatches(mean, full float64) float64 {
	deviation := math.Sqrt(mean)
	sure := max(0, math.Floor((mean-6*deviation)/full))
	batches := sure
	for n := sure; ; n++ { // the chance that a batch after n is needed
		more := 0.5 * math.Erfc((n*full+0.5-mean)/deviation/math.Sqrt2)
		batches += more
		if more < 1e-9 {
			return mean / batches
		}
	}
}
