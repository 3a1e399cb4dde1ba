package plan

import (
	"slices"
	"time"
)

// Steps that are not judged are those that are too short for a verdict where
// metrics have a point a minute, or meant to break what they meet.

// dayRates are a day's hours from midnight on, in records per second: quiet at
// night, a peak before noon and a higher one in the evening.
var dayRates = []float64{
	150, 100, 80, 60, 60, 80, 150, 300, 500, 700, 800, 850,
	750, 700, 650, 650, 700, 800, 950, 1000, 900, 700, 450, 250,
}

// variableSteps are an hour: a day's shape at 90 s an hour, five bursts, seven
// times on and off, and a calm end in which to have recovered.
func variableSteps() []Step {
	steps := StepsAt(dayRates, 90*time.Second)
	burst := []Step{{Rate: 1500, Duration: 10 * time.Second}, {Rate: 100, Duration: 50 * time.Second}}
	onOff := []Step{{Rate: 800, Duration: time.Minute}, {Rate: 1, Duration: time.Minute}} // a step needs a record
	return slices.Concat(steps, slices.Repeat(burst, 5), slices.Repeat(onOff, 7), StepsAt([]float64{100}, 5*time.Minute))
}

// stressSteps rise by about 1.3 from 1 000 records per second to four times the
// 4 000 that four shards take. From 3 000 on random keys make a shard throttle
// now and then; what is above is not judged.
func stressSteps() []Step {
	steps := StepsAt([]float64{1000, 1300, 1700, 2200, 2900, 3800, 4900, 6400, 8300, 10800, 14000, 16000}, EmbeddedStep)
	for i := range steps {
		steps[i].Judged = steps[i].Rate < 3000
	}
	return steps
}

// spikeSteps go from 50 to 500 records per second and back, three times for
// longer, and judge the time after each spike.
func spikeSteps() []Step {
	steps := StepsAt([]float64{50}, 2*time.Minute)
	for _, width := range []time.Duration{10 * time.Second, 30 * time.Second, time.Minute} {
		steps = append(steps, Step{Rate: 500, Duration: width}, Step{Rate: 50, Duration: 2 * time.Minute, Judged: true})
	}
	return steps
}

// StepsWith are the test's steps changed by a user: at other rates, which makes
// judged steps as long as the test's first, and of another length. No rates and
// no length leave the test's own.
func (t Test) StepsWith(rates []float64, length time.Duration) []Step {
	steps := slices.Clone(t.Steps)
	if len(rates) > 0 {
		steps = StepsAt(rates, t.Steps[0].Duration)
	}
	for i := range steps {
		if length > 0 {
			steps[i].Duration = length
		}
	}
	return steps
}
