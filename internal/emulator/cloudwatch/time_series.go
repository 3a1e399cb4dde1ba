package cloudwatch

import "slices"

// timeSeries is a metric or the result of an expression: values by rising Unix
// second, on the periods of its window. Periods without a value are absent.
type timeSeries struct {
	label  string
	window window
	at     []int64
	values []float64
}

type timedValue struct {
	at    int64
	value float64
}

// order is the points by time, rising or falling.
func (t timeSeries) order(ascending bool) []timedValue {
	points := make([]timedValue, len(t.at))
	for i := range t.at {
		points[i] = timedValue{t.at[i], t.values[i]}
	}
	if !ascending {
		slices.Reverse(points)
	}
	return points
}

// value is the value at a time; false where there is none.
func (t timeSeries) value(at int64) (float64, bool) {
	i, found := slices.BinarySearch(t.at, at)
	if !found {
		return 0, false
	}
	return t.values[i], true
}

// keep appends a point unless it isn't finite: a division by zero has no value.
func (t *timeSeries) keep(at int64, value float64) {
	if finite(value) {
		t.at = append(t.at, at)
		t.values = append(t.values, value)
	}
}

// empty is a series like t without points.
func (t timeSeries) empty() timeSeries { return timeSeries{label: t.label, window: t.window} }

// each is t with every value changed.
func (t timeSeries) each(change func(float64) float64) timeSeries {
	changed := t.empty()
	for i, at := range t.at {
		changed.keep(at, change(t.values[i]))
	}
	return changed
}
