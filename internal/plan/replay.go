package plan

import (
	"sort"
	"time"
)

// ReplayStep is a judged step whose records fall due at moments, which rise and
// are counted from its start. It lasts until the second after the last. Text is
// what a report calls it.
func ReplayStep(text string, moments []time.Duration) Step {
	length := moments[len(moments)-1].Truncate(time.Second) + time.Second
	return shaped(Shape{Text: text, Moments: moments}, length)
}

// Replayed are steps read back from their JSON form, with the moments of the
// payload file again; nil moments change nothing.
func Replayed(steps []Step, moments []time.Duration) []Step {
	if moments == nil || len(steps) != 1 || steps[0].Shape == nil {
		return steps
	}
	return []Step{ReplayStep(steps[0].Shape.Text, moments)}
}

// timetable is a curve by the moment of each record.
type timetable []time.Duration

func (t timetable) records(at time.Duration) float64 {
	return float64(sort.Search(len(t), func(i int) bool { return t[i] > at }))
}

func (t timetable) reached(n float64) time.Duration {
	return t[min(max(int(n+slack)-1, 0), len(t)-1)]
}

// busiestSecond is the largest number of moments less than a second apart.
func busiestSecond(moments []time.Duration) (most int) {
	first := 0
	for i, at := range moments {
		for at-moments[first] >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
