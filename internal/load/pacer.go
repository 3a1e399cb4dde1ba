package load

import (
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

// Pacer cuts a schedule into calls and says when each is due. It is immutable
// and knows no clock: time is the offset from the schedule's start.
//
// Within a step every call carries the same number of records, as many as come
// due within the linger, at least one and at most what a request may hold; the
// last call of a step takes what is left. So no record waits for its call
// longer than the linger, and a call never spans two steps.
type Pacer struct {
	schedule *plan.Schedule
	steps    []pacedStep
	calls    uint64
	maxLate  time.Duration
}

type pacedStep struct {
	rate       float64
	start      time.Duration
	first, end uint64 // slots
	size       uint64 // records a call
	firstCall  uint64
}

// NewPacer lays out the calls of the steps. recordBytes is the largest record
// with its key: a call must fit into a request.
func NewPacer(steps []plan.Step, put plan.Put, recordBytes int) *Pacer {
	p := &Pacer{schedule: plan.NewSchedule(steps), maxLate: put.MaxLate}
	fit := max(1, min(put.MaxRecords, quota.PutRecordsMaxBytes/max(1, recordBytes)))
	for i, step := range steps {
		s := pacedStep{rate: step.Rate, firstCall: p.calls}
		s.first, s.end, s.start = p.schedule.StepRange(i)
		s.size = uint64(min(max(step.Rate*float64(put.Linger)/float64(time.Second), 1), float64(fit)))
		p.calls += (s.end - s.first + s.size - 1) / s.size
		p.steps = append(p.steps, s)
	}
	return p
}

// LargestCall is the number of records of the largest call.
func (p *Pacer) LargestCall() int {
	var largest uint64
	for _, s := range p.steps {
		largest = max(largest, s.size)
	}
	return int(largest)
}

// PeakCalls is the highest number of calls a second that come due.
func (p *Pacer) PeakCalls() float64 {
	var peak float64
	for _, s := range p.steps {
		peak = max(peak, s.rate/float64(s.size))
	}
	return peak
}

// Calls is the number of calls of the whole schedule.
func (p *Pacer) Calls() uint64 { return p.calls }

// Call is the call with that number, which must be below Calls.
func (p *Pacer) Call(number uint64) Call {
	k := sort.Search(len(p.steps), func(i int) bool { return p.steps[i].firstCall > number }) - 1
	s := p.steps[k]
	from := s.first + (number-s.firstCall)*s.size
	to := min(from+s.size, s.end)
	return Call{Number: number, Step: k, From: from, To: to, Due: p.schedule.Due(k, to-1)}
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
