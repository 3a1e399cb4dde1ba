package capacity

import (
	"math"
	"math/rand/v2"
	"time"

	"weir/internal/plan"
	"weir/internal/quota"
)

// mostGroups is about how many groups of records a simulation puts. Beyond it a
// group stands for a stretch of several calls, not for the part of one call that
// falls to a cell.
const mostGroups = 1_000_000

// longestStretch bounds the stretches: a shard's limits are by the second.
const longestStretch = time.Second

// offering is the generator: the schedule's slots in calls, or in stretches of
// several calls where single ones would cost too much.
type offering struct {
	schedule *plan.Schedule
	steps    []plan.Step
	put      plan.Put
	fit      int           // records that a call may have
	stretch  time.Duration // 0: call by call
	poisson  bool
	chance   *rand.Rand

	step     int
	slot     uint64        // next
	at       time.Duration // how far the step's time has been cut, after its start
	expected float64       // of Poisson: records expected up to the last
}

// stretch is records offered together: slots [from, to) of a step, due from
// first to last.
type stretch struct {
	step        int
	from, to    uint64
	first, last time.Duration
	calls       int
}

func (s *stretch) records() int { return int(s.to - s.from) }

func newOffering(sc *Scenario, cells int, chance *rand.Rand) *offering {
	o := &offering{chance: chance, schedule: plan.NewSchedule(sc.Test.Steps), steps: sc.Test.Steps, put: sc.Test.Put, poisson: sc.Poisson}
	o.fit = max(1, min(o.put.MaxRecords, quota.PutRecordsMaxBytes/max(1, sc.Records.Bytes+quota.MaxPartitionKeyChars)))
	var groups, cellSeconds float64
	for _, step := range o.steps {
		size := o.size(step)
		groups += step.Records() / size * min(size, float64(cells))
		cellSeconds += step.Duration.Seconds() * float64(cells)
	}
	if groups > mostGroups && !sc.Poisson && !sc.CallByCall && len(sc.Faults) == 0 {
		pieces := max(1, math.Floor(mostGroups/cellSeconds)) // a second
		o.stretch = time.Duration(float64(longestStretch) / pieces)
	}
	return o
}

// size is how many records a step's calls have at most.
func (o *offering) size(step plan.Step) float64 {
	if o.poisson {
		return 1
	}
	return math.Floor(min(max(step.Peak()*o.put.Linger.Seconds(), 1), float64(o.fit)))
}

// next is the next stretch; ok is false when all is offered.
func (o *offering) next() (s stretch, ok bool) {
	for ; o.step < len(o.steps); o.step, o.at, o.expected = o.step+1, 0, 0 {
		first, end, start := o.schedule.StepRange(o.step)
		o.slot = max(o.slot, first)
		step := o.steps[o.step]
		for o.slot < end && o.at <= step.Duration {
			s := stretch{step: o.step, from: o.slot, calls: 1}
			switch size := o.size(step); {
			case o.poisson:
				if s, ok := o.atRandom(first, end, start); ok {
					o.slot = min(o.slot+1, end-1) // as many as chance has
					return s, true
				}
				continue
			case o.stretch > 0:
				o.cut(&s, o.stretch, end)
				s.calls = int(math.Ceil(float64(s.records()) / size))
			case step.Shape == nil || size == 1:
				s.to = min(o.slot+uint64(size), end)
			default:
				o.cut(&s, time.Duration(size/step.Peak()*float64(time.Second)), end)
			}
			if o.slot = s.to; s.to > s.from {
				s.first, s.last = o.schedule.Due(o.step, s.from), o.schedule.Due(o.step, s.to-1)
				return s, true
			}
		}
		o.slot = end
	}
	return stretch{}, false
}

// cut ends s so long after what was cut before.
func (o *offering) cut(s *stretch, length time.Duration, end uint64) {
	o.at += length
	s.to = end
	if o.at < o.steps[o.step].Duration {
		s.to = o.schedule.FirstAfter(o.step, o.at)
	}
}

// atRandom is the next record of a Poisson process of the step's rate: unit gaps
// on the axis of the records that the schedule has offered.
func (o *offering) atRandom(first, end uint64, start time.Duration) (s stretch, ok bool) {
	o.expected += o.chance.ExpFloat64()
	if o.expected >= float64(end-first) {
		o.slot = end
		return stretch{}, false
	}
	whole := uint64(o.expected)
	from, to := start, o.schedule.Due(o.step, first+whole)
	if whole > 0 {
		from = o.schedule.Due(o.step, first+whole-1)
	}
	due := from + time.Duration((o.expected-float64(whole))*float64(to-from))
	return stretch{step: o.step, from: o.slot, to: o.slot + 1, first: due, last: due, calls: 1}, true
}

// linger is how long a record of a stretch of calls waits for its call, on
// average.
func (o *offering) linger(step int) time.Duration {
	rate := o.steps[step].Rate
	return time.Duration((o.size(o.steps[step]) - 1) / 2 / rate * float64(time.Second))
}
