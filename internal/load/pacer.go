package load

import (
	"math"
	"slices"
	"sort"
	"time"

	"weir/internal/plan"
	"weir/internal/quota"
)

// Call is a run of consecutive slots of one step that travel in one request.
type Call struct {
	Number   uint64 // from 0, in order of due times
	Step     int
	From, To uint64        // half-open range of slots
	Due      time.Duration // after the schedule's start: when its last record is due
}

// Empty reports that nothing comes due in the call's time: it needs no request.
func (c Call) Empty() bool { return c.From == c.To }

// Pacer cuts a schedule into calls and says when each is due. It is immutable
// and knows no clock: time is the offset from the schedule's start.
//
// Within a step of constant rate every call carries the same number of records,
// as many as come due within the linger, at least one and at most what a request
// may hold; the last call of a step takes what is left. Where the rate moves,
// every call takes what comes due in the same length of time, which may be
// nothing; where records have moments of their own, what comes due within the
// linger of its first. So no record waits for its call longer than the linger, and a call
// never spans two steps.
type Pacer struct {
	schedule *plan.Schedule
	steps    []pacedStep
	calls    uint64
	turns    uint64
	maxLate  time.Duration
}

type pacedStep struct {
	first, end uint64        // slots
	size       uint64        // records a call, or one of the next two:
	every      time.Duration // time whose records a call takes
	cuts       []uint64      // first slots of the calls, and the end
	firstCall  uint64
	endCall    uint64
	largest    uint64  // records of a call
	perSecond  float64 // calls, at the most
	turn       uint64  // calls a turn
	firstTurn  uint64
}

// maxTurns bounds the turns of a second: k6 spends some four microseconds on an
// iteration whatever it does, which at one call each would leave a machine that
// can't keep up nothing to keep up with.
const maxTurns = 2000

// NewPacer lays out the calls of the steps. recordBytes is the largest record
// with its key: a call must fit into a request.
func NewPacer(steps []plan.Step, put plan.Put, recordBytes int) *Pacer {
	p := &Pacer{schedule: plan.NewSchedule(steps), maxLate: put.MaxLate}
	fit := max(1, min(put.MaxRecords, quota.PutRecordsMaxBytes/max(1, recordBytes)))
	for i, step := range steps {
		s := pacedStep{firstCall: p.calls, firstTurn: p.turns}
		s.first, s.end, _ = p.schedule.StepRange(i)
		size := min(max(step.Peak()*put.Linger.Seconds(), 1), float64(fit))
		switch {
		case step.Shape != nil && step.Shape.Moments != nil:
			s.cuts = cut(s.first, step.Shape.Moments, put.Linger, fit)
			p.calls += uint64(len(s.cuts) - 1)
			s.largest, s.perSecond = uint64(fit), 1/put.Linger.Seconds()
		case step.Shape == nil || size == 1:
			s.size = uint64(size)
			s.largest, s.perSecond = s.size, step.Peak()/float64(s.size)
			p.calls += (s.end - s.first + s.size - 1) / s.size
		default:
			// One nanosecond less, so that no rounding puts one record too many into
			// a full request.
			s.every = max(time.Duration(size/step.Peak()*float64(time.Second))-1, 1)
			p.calls += uint64((step.Duration + s.every - 1) / s.every)
			s.largest, s.perSecond = uint64(math.Ceil(size)), 1/s.every.Seconds()
		}
		s.endCall = p.calls
		calls := s.endCall - s.firstCall
		s.turn = max(1, uint64(math.Ceil(float64(calls)/(maxTurns*step.Duration.Seconds()))))
		p.turns += (calls + s.turn - 1) / s.turn
		p.steps = append(p.steps, s)
	}
	return p
}

// cut groups records with moments of their own into calls: as many as fall due
// within the linger, at most fit. It returns the first slot of each call and the
// end of the last.
func cut(first uint64, moments []time.Duration, linger time.Duration, fit int) []uint64 {
	cuts, from := []uint64{first}, 0
	for i, at := range moments {
		if at-moments[from] > linger || i-from == fit {
			cuts, from = append(cuts, first+uint64(i)), i
		}
	}
	return append(cuts, first+uint64(len(moments)))
}

// LargestCall is the number of records of the largest call.
func (p *Pacer) LargestCall() int {
	var largest uint64
	for _, s := range p.steps {
		largest = max(largest, s.largest)
	}
	return int(largest)
}

// PeakCalls is the highest number of calls a second that come due.
func (p *Pacer) PeakCalls() float64 {
	var peak float64
	for _, s := range p.steps {
		peak = max(peak, s.perSecond)
	}
	return peak
}

// Calls is the number of calls of the whole schedule.
func (p *Pacer) Calls() uint64 { return p.calls }

// Turns is the number of turns of the whole schedule.
func (p *Pacer) Turns() uint64 { return p.turns }

// CallsOf is the number of calls in the turns of a share.
func (p *Pacer) CallsOf(s *share) uint64 {
	var calls uint64
	end := p.turns
	for _, step := range slices.Backward(p.steps) {
		calls += (s.of(end) - s.of(step.firstTurn)) * step.turn
		if end > step.firstTurn && s.takes(end-1) { // a step's last turn may be short
			calls -= (end-step.firstTurn)*step.turn - (step.endCall - step.firstCall)
		}
		end = step.firstTurn
	}
	return calls
}

// Turn is a half-open range of calls, of one step, that one k6 iteration carries
// out one after the other. The number must be below Turns.
func (p *Pacer) Turn(number uint64) (from, to uint64) {
	k := sort.Search(len(p.steps), func(i int) bool { return p.steps[i].firstTurn > number }) - 1
	s := p.steps[k]
	from = s.firstCall + (number-s.firstTurn)*s.turn
	return from, min(from+s.turn, s.endCall)
}

// Call is the call with that number, which must be below Calls.
func (p *Pacer) Call(number uint64) Call {
	k := sort.Search(len(p.steps), func(i int) bool { return p.steps[i].firstCall > number }) - 1
	from, to := p.slots(k, number)
	c := Call{Number: number, Step: k, From: from, To: to}
	if !c.Empty() {
		c.Due = p.schedule.Due(k, to-1)
	}
	return c
}

// slots is the range of slots of a call of step k.
func (p *Pacer) slots(k int, number uint64) (from, to uint64) {
	s := p.steps[k]
	n := number - s.firstCall
	switch {
	case s.cuts != nil:
		return s.cuts[n], s.cuts[n+1]
	case s.every == 0:
		return s.first + n*s.size, min(s.first+(n+1)*s.size, s.end)
	}
	from, to = p.schedule.FirstAfter(k, time.Duration(n)*s.every), s.end
	if number+1 < s.endCall {
		to = p.schedule.FirstAfter(k, time.Duration(n+1)*s.every)
	}
	return from, to
}

// Due is when a slot of a step is due.
func (p *Pacer) Due(step int, slot uint64) time.Duration { return p.schedule.Due(step, slot) }

// Left is how long a call may still wait to be started at an instant before it
// counts as not sent. Zero or less: it must not be started any more.
func (p *Pacer) Left(c Call, at time.Duration) time.Duration { return c.Due + p.maxLate - at }

// DueBy is the number of slots due at an instant or before.
func (p *Pacer) DueBy(at time.Duration) uint64 {
	var due uint64
	for k, s := range p.steps {
		slots := int(s.end - s.first)
		n := sort.Search(slots, func(i int) bool { return p.schedule.Due(k, s.first+uint64(i)) > at })
		due += uint64(n)
		if n < slots {
			break
		}
	}
	return due
}

// Slots is the number of slots of the whole schedule.
func (p *Pacer) Slots() uint64 { return p.schedule.Slots() }

// Duration is the schedule's length.
func (p *Pacer) Duration() time.Duration { return p.schedule.Duration() }
