package cloudwatch

import (
	"errors"
	"fmt"
	"time"

	"weir/internal/quota"
)

// timeFunction finds a function of timestamps by its name.
func timeFunction(name string) (f function, known bool) {
	switch name {
	case "MINUTE":
		return function{1, 1, byClock(func(t time.Time) int { return t.Minute() })}, true
	case "HOUR":
		return function{1, 1, byClock(func(t time.Time) int { return t.Hour() })}, true
	case "DAY":
		return function{1, 1, byClock(func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 })}, true // Monday is 1
	case "DATE":
		return function{1, 1, byClock(time.Time.Day)}, true
	case "MONTH":
		return function{1, 1, byClock(func(t time.Time) int { return int(t.Month()) })}, true
	case "YEAR":
		return function{1, 1, byClock(time.Time.Year)}, true
	case "EPOCH":
		return function{1, 1, byClock(func(t time.Time) int { return int(t.Unix()) })}, true
	case "DIFF_TIME":
		return function{1, 1, overSeries(diffTime)}, true
	case "TIME_SERIES":
		return function{1, 1, constant}, true
	}
	return function{}, false
}

// byClock gives every period of a series' window, with a point or without, a
// value by its time in UTC.
func byClock(f func(time.Time) int) func(*evaluation, []operand) (operand, error) {
	return func(_ *evaluation, args []operand) (operand, error) {
		if args[0].kind != kindSeries {
			return operand{}, fmt.Errorf("a %s is not a time series", args[0].kind)
		}
		t, err := everyPeriod(args[0].series[0].empty(), func(at int64) float64 { return float64(f(time.Unix(at, 0).UTC())) })
		return single(t), err
	}
}

func everyPeriod(t timeSeries, value func(at int64) float64) (timeSeries, error) {
	if err := t.window.bounded(); err != nil {
		return t, err
	}
	for at := t.window.from; at < t.window.to; at += t.window.period {
		t.keep(at, value(at))
	}
	return t, nil
}

// bounded refuses a window of more periods than one answer has points.
func (w window) bounded() error {
	if (w.to-w.from)/w.period >= quota.GetMetricDataMaxPoints {
		return fmt.Errorf("the request is over more than %d periods", quota.GetMetricDataMaxPoints)
	}
	return nil
}

// diffTime is the seconds between each point and the one before it.
func diffTime(t timeSeries) timeSeries {
	result := t.empty()
	for i := 1; i < len(t.at); i++ {
		result.keep(t.at[i], float64(t.at[i]-t.at[i-1]))
	}
	return result
}

// constant is TIME_SERIES(n), over the periods of the request's first metric, or
// of a minute where it has none.
func constant(e *evaluation, args []operand) (operand, error) {
	if args[0].kind != kindNumber {
		return operand{}, errors.New("the argument must be a number")
	}
	period := int64(60)
	for i := range e.in.MetricDataQueries {
		if m := e.in.MetricDataQueries[i].MetricStat; m != nil {
			period = m.Period
			break
		}
	}
	w, err := newWindow(e.in.StartTime, e.in.EndTime, period)
	if err != nil {
		return operand{}, err
	}
	t, err := everyPeriod(timeSeries{window: w}, func(int64) float64 { return args[0].number })
	return single(t), err
}
