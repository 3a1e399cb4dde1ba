package advice

import (
	"math"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// service is how long an invocation takes, by the records in its batch.
type service struct {
	points    int     // of the series it rests on
	perBatch  float64 // ms; with fitted
	perRecord float64 // ms; with fitted
	fitted    bool
	mean      float64 // records of a batch
	millis    float64 // of an invocation, the mean
	most      float64 // records in the largest batches seen, a point's mean
	extra     float64 // ms that the longest invocation took above the rest of its size
}

// What it takes to tell a batch's time from its records': so many points, and a
// slope whose standard error leaves the part of the records in a mean batch's
// time known to this share of that time.
const (
	leastPoints = 5
	mostError   = 0.2
)

// fit draws the least-squares line of time over batch size through the series'
// points, each weighted by its invocations.
func fit(series []record.Point) service {
	var s service
	var n, b, d, bb, bd, dd, longest float64
	for _, p := range series {
		weight, took, ok := p.V[metrics.Invocations], p.V[metrics.DurationAvg], false
		size := p.V[metrics.BatchMean]
		if size == 0 && weight > 0 {
			size = p.V[metrics.Invoked] / weight
		}
		if ok = weight > 0 && took > 0 && size > 0; !ok {
			continue
		}
		s.points++
		n, b, d = n+weight, b+weight*size, d+weight*took
		bb, bd, dd = bb+weight*size*size, bd+weight*size*took, dd+weight*took*took
		s.most = max(s.most, size)
		longest = max(longest, p.V[metrics.DurationMax])
	}
	if s.points == 0 {
		return s
	}
	s.mean, s.millis = b/n, d/n
	spread, with := bb/n-s.mean*s.mean, bd/n-s.mean*s.millis
	if s.points >= leastPoints && spread > 1e-6*s.mean*s.mean {
		slope := max(0, with/spread)
		left := max(0, dd/n-s.millis*s.millis-slope*with)
		wrong := math.Sqrt(left / spread / float64(s.points-2))
		s.fitted = wrong*s.mean <= mostError*s.millis
		s.perRecord = min(slope, s.millis/s.mean) // a batch takes no negative time
		s.perBatch = s.millis - s.perRecord*s.mean
	}
	s.extra = max(0, longest-s.took(s.most))
	return s
}

// took is the time of an invocation with that batch, in ms. Where batch and
// records could not be told apart, larger batches are taken to need all of it
// for their records, and smaller ones half of it whatever they hold.
func (s service) took(batch float64) float64 {
	switch {
	case s.fitted:
		return s.perBatch + batch*s.perRecord
	case batch > s.mean:
		return s.millis * batch / s.mean
	}
	return s.millis * (1 + batch/s.mean) / 2
}

// longest is the longest that an invocation with that batch will take, ms.
func (s service) longest(batch float64) float64 { return s.took(batch) + s.extra }

// split is took at that batch as a time per batch and one per record.
func (s service) split(batch float64) (perBatch, perRecord time.Duration) {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	switch {
	case s.fitted:
		return ms(s.perBatch), ms(s.perRecord)
	case batch > s.mean:
		return 0, ms(s.millis / s.mean)
	}
	return ms(s.millis / 2), ms(s.millis / s.mean / 2)
}
