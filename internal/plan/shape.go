package plan

import (
	"math"
	"slices"
	"sort"
	"time"
)

// Shape is how the rate moves within a step. It is one of Stretches, Sine and
// Moments.
type Shape struct {
	Text      string    `json:"text"`               // as the user wrote it
	Stretches []Stretch `json:"stretches,omitzero"` // one after another; after the last the first again
	Sine      *Sine     `json:"sine,omitzero"`
	// Moments are when each record falls due after the step's start, in order.
	// They are the payload file's own and are read from it again where they are
	// needed: see Replayed.
	Moments []time.Duration `json:"-"`
}

// Stretch is a time in which the rate, in records per second, goes straight
// from one value to another.
type Stretch struct {
	Length time.Duration `json:"length_ns"`
	From   float64       `json:"from"`
	To     float64       `json:"to"`
}

// Sine is a rate that swings about its mean, rising first.
type Sine struct {
	Mean      float64       `json:"mean"`
	Amplitude float64       `json:"amplitude"` // at most Mean
	Period    time.Duration `json:"period_ns"`
}

// Records is how many records the step offers, before rounding: the integral
// of its rate.
func (s Step) Records() float64 { return curveOf(s).records(s.Duration) }

// Peak is the step's highest rate.
func (s Step) Peak() float64 {
	switch {
	case s.Shape == nil:
		return s.Rate
	case s.Shape.Sine != nil:
		return s.Shape.Sine.Mean + s.Shape.Sine.Amplitude
	case s.Shape.Moments != nil:
		return float64(busiestSecond(s.Shape.Moments))
	}
	peak := 0.0
	for _, t := range s.Shape.Stretches {
		peak = max(peak, t.From, t.To)
	}
	return peak
}

// slack is the part of a record that binary fractions may hide: whole products
// of rate and time stay whole.
const slack = 1e-6

// curve is the number of records of a step offered up to a moment, and its
// inverse. Both count from the step's start.
type curve interface {
	records(t time.Duration) float64
	// reached is the first moment at which n records, above 0, have been offered.
	reached(n float64) time.Duration
}

func curveOf(s Step) curve {
	switch {
	case s.Shape == nil:
		return flat(s.Rate)
	case s.Shape.Sine != nil:
		return *s.Shape.Sine
	case s.Shape.Moments != nil:
		return timetable(s.Shape.Moments)
	}
	return newStraight(s.Shape.Stretches)
}

// flat is a constant rate.
type flat float64

func (r flat) records(t time.Duration) float64 { return float64(r) * t.Seconds() }

func (r flat) reached(n float64) time.Duration { return seconds(n / float64(r)) }

// straight are stretches, repeated, with the sums of what stands before each.
type straight struct {
	stretches []Stretch
	starts    []time.Duration // one more than stretches: the last is the period
	before    []float64       // likewise: the last is a period's records
}

func newStraight(stretches []Stretch) straight {
	s := straight{stretches: stretches, starts: []time.Duration{0}, before: []float64{0}}
	for i, t := range stretches {
		s.starts = append(s.starts, s.starts[i]+t.Length)
		s.before = append(s.before, s.before[i]+t.records(t.Length))
	}
	return s
}

func (s straight) records(t time.Duration) float64 {
	last := len(s.stretches)
	periods := t / s.starts[last]
	t -= periods * s.starts[last]
	i := sort.Search(last-1, func(i int) bool { return s.starts[i+1] > t })
	return float64(periods)*s.before[last] + s.before[i] + s.stretches[i].records(t-s.starts[i])
}

func (s straight) reached(n float64) time.Duration {
	last := len(s.stretches)
	periods := wholeBefore(n, s.before[last])
	n -= periods * s.before[last]
	i := sort.Search(last-1, func(i int) bool { return s.before[i+1] >= n-slack })
	return time.Duration(periods)*s.starts[last] + s.starts[i] + s.stretches[i].reached(n-s.before[i])
}

// wholeBefore is how many periods, of so many records each, have passed before
// the n-th record is reached: it may be the last of its period.
func wholeBefore(n, period float64) float64 { return max(math.Ceil((n-slack)/period)-1, 0) }

func (t Stretch) slope() float64 { return (t.To - t.From) / t.Length.Seconds() }

func (t Stretch) records(at time.Duration) float64 {
	x := at.Seconds()
	return x * (t.From + t.slope()*x/2)
}

// reached solves From·x + slope·x²/2 = n for x, in the form that loses no
// digits where slope or From is 0.
func (t Stretch) reached(n float64) time.Duration {
	n = max(n, 0)
	root := math.Sqrt(max(t.From*t.From+2*t.slope()*n, 0))
	if t.From+root == 0 {
		return 0
	}
	return min(seconds(2*n/(t.From+root)), t.Length)
}

func (s Sine) records(t time.Duration) float64 {
	periods := t / s.Period
	offered, _ := s.within((t - periods*s.Period).Seconds())
	return float64(periods)*s.Mean*s.Period.Seconds() + offered
}

// reached has no closed form. Within the period that holds it Newton's steps
// close in on it; one that leaves the bracket known so far halves that instead.
func (s Sine) reached(n float64) time.Duration {
	periods := wholeBefore(n, s.Mean*s.Period.Seconds())
	n -= periods * s.Mean * s.Period.Seconds()
	low, high := 0.0, s.Period.Seconds()
	at := min(max(n/s.Mean, low), high)
	for range 100 { // halving alone takes 60 at most
		offered, rate := s.within(at)
		if offered < n {
			low = at
		} else {
			high = at
		}
		next := at - (offered-n)/rate
		if !(next > low && next < high) { // written so that NaN, of a rate of 0, halves
			next = (low + high) / 2
		}
		step := math.Abs(next - at)
		if at = next; step < 1e-10 {
			break
		}
	}
	return time.Duration(periods)*s.Period + seconds(at)
}

// within is what was offered so many seconds into a period, and the rate there.
func (s Sine) within(at float64) (offered, rate float64) {
	period := s.Period.Seconds()
	sin, cos := math.Sincos(2 * math.Pi * at / period)
	return s.Mean*at + s.Amplitude*period/(2*math.Pi)*(1-cos), s.Mean + s.Amplitude*sin
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// shaped is a judged step of a shape; its Rate is the mean.
func shaped(shape Shape, length time.Duration) Step {
	s := Step{Duration: length, Judged: true, Shape: &shape}
	s.Rate = s.Records() / length.Seconds()
	return s
}

// cutAt are stretches cut where the step ends, so that the record of a run
// holds no more than was carried out.
func cutAt(stretches []Stretch, length time.Duration) []Stretch {
	end := time.Duration(0)
	for i, t := range stretches {
		if end += t.Length; end >= length {
			cut := t
			cut.Length -= end - length
			cut.To = t.From + t.slope()*cut.Length.Seconds()
			return append(slices.Clone(stretches[:i]), cut)
		}
	}
	return stretches
}
