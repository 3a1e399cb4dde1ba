package capacity

import (
	"math"
	"net/http"
	"slices"
	"time"
)

// failed is a call that failed whole, with that status, so long after now: its
// records are put again where the producer does that, or it is the end of them.
func (s *simulation) failed(c *call, cause string, status int, after time.Duration) {
	for _, p := range c.parcels {
		p.unanswered = p.unanswered || cause == NoAnswer
	}
	if s.again(c, c.parcels, CallEnd{Cause: cause, Status: status}, after) {
		return
	}
	for _, p := range c.parcels {
		s.giveOver(p, cause)
	}
}

// giveOver accounts for records that are not put again. Of those whose answer was
// lost some may be in the stream: the ledger finds them there, the producer
// doesn't know.
func (s *simulation) giveOver(p *parcel, cause string) {
	sec, n, unknown := s.line.at(s.now), float64(p.left), int64(p.store(p.left))
	switch {
	case p.unanswered: // an earlier call may have stored them, whatever the last one said
		p.step.Indeterminate += unknown
		sec.unanswered += n
		return
	case cause == throughputExceeded:
		sec.throttled += n
	default:
		sec.refused += n
	}
	p.step.Rejected[cause] += unknown
}

// rest is a parcel of those n records of another that a shard refused.
func (s *simulation) rest(p *parcel, n int) *parcel {
	q := s.newParcel()
	*q = *p
	q.offset += int32(p.left - n)
	q.left, q.count, q.open = n, 0, 0
	return q
}

// putLeft ends a call that was answered: it puts again what the call's shards
// refused, or gives it over.
func (s *simulation) putLeft(c *call) {
	if len(s.refusedOnce) == 0 {
		if c.turn != nil {
			c.turn(CallEnd{Status: http.StatusOK, OK: true, Calls: c.made})
		}
		return
	}
	end := CallEnd{Cause: throughputExceeded, Status: http.StatusOK, OK: true, Refused: true}
	if s.single() { // the answer is the record's
		end.Status, end.OK, end.Refused = http.StatusBadRequest, false, false
	}
	if !s.again(c, slices.Clone(s.refusedOnce), end, 0) {
		for _, p := range s.refusedOnce {
			s.giveOver(p, throughputExceeded)
			s.settle(p, 0)
		}
	}
	s.refusedOnce = s.refusedOnce[:0]
}

// again has records put again after a pause, in a call of their own, if the
// producer does that.
func (s *simulation) again(c *call, parcels []*parcel, end CallEnd, after time.Duration) bool {
	if c.turn == nil {
		return false
	}
	end.Calls, end.Since, end.Random = c.made, s.now+after-c.first, s.chance.Float64()
	pause, again := c.turn(end)
	if again {
		next := &call{step: c.step, parcels: parcels, turn: c.turn, made: c.made, first: c.first, stretch: c.stretch}
		s.queue.add(event{at: s.now + after + pause, kind: callAgain, index: s.keep(next)})
	}
	return again
}

// abandonCalls ends the calls that are under way, or waiting to be made again,
// when the simulation ends.
func (s *simulation) abandonCalls() {
	for _, c := range s.calls {
		if c == nil {
			continue
		}
		for _, p := range c.parcels {
			p.unanswered = true
			s.giveOver(p, NoAnswer)
		}
	}
}

// repeat makes a call again. The calls of a stretch are spread over as long as
// the first ones were.
func (s *simulation) repeat(c *call) {
	if c.stretch == 0 {
		s.send(c)
		return
	}
	n := 0
	for _, p := range c.parcels {
		n += p.left
	}
	calls := math.Ceil(float64(n) / s.offering.size(s.offering.steps[c.step]))
	s.putOver(c, stretch{step: c.step, first: s.now, last: s.now + c.stretch, calls: int(calls)}, 0)
}
