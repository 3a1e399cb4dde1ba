package cloudwatch

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// function is one function of metric maths ("Using metric math", User Guide,
// read 2026-11-22).
type function struct {
	least, most int
	call        func(e *evaluation, args []operand) (operand, error)
}

// functionNamed finds a function by its name in capitals. It is a switch and not
// a table because METRICS evaluates queries, which look functions up.
func functionNamed(name string) (f function, known bool) {
	switch name {
	case "SUM":
		return function{1, 1, aggregate(sum)}, true
	case "AVG":
		return function{1, 1, mean}, true
	case "MIN":
		return function{1, 1, aggregate(slices.Min[[]float64])}, true
	case "MAX":
		return function{1, 1, aggregate(slices.Max[[]float64])}, true
	case "STDDEV":
		return function{1, 1, aggregate(standardDeviation)}, true
	case "ABS":
		return function{1, 1, pointwise(math.Abs)}, true
	case "CEIL":
		return function{1, 1, pointwise(math.Ceil)}, true
	case "FLOOR":
		return function{1, 1, pointwise(math.Floor)}, true
	case "RUNNING_SUM":
		return function{1, 1, overSeries(runningSum)}, true
	case "DIFF":
		return function{1, 1, overSeries(diff)}, true
	case "RATE":
		return function{1, 1, overSeries(rate)}, true
	case "PERIOD":
		return function{1, 1, period}, true
	case "FILL":
		return function{2, 2, fill}, true
	case "IF":
		return function{2, 3, conditional}, true
	case "METRICS":
		return function{0, 1, metricsOfRequest}, true
	case "LOG":
		return function{1, 1, pointwise(math.Log)}, true
	case "LOG10":
		return function{1, 1, pointwise(math.Log10)}, true
	case "DATAPOINT_COUNT":
		return function{1, 1, aggregate(func(values []float64) float64 { return float64(len(values)) })}, true
	case "SEARCH":
		return function{2, 3, search}, true
	}
	if f, known = arrayFunction(name); known {
		return f, true
	}
	return timeFunction(name)
}

// aggregate makes a number of one series, and of several a series of what they
// have at each time.
func aggregate(f func([]float64) float64) func(*evaluation, []operand) (operand, error) {
	return func(_ *evaluation, args []operand) (operand, error) {
		switch in := args[0]; {
		case in.kind == kindSeries && len(in.series[0].values) == 0:
			return operand{}, errors.New("the time series has no data points")
		case in.kind == kindSeries:
			return number(f(in.series[0].values)), nil
		case in.kind == kindArray && len(in.series) > 0:
			return single(acrossSeries(in.series, f)), nil
		case in.kind == kindArray:
			return operand{}, errors.New("the array has no time series")
		default:
			return operand{}, fmt.Errorf("a %s is not a time series", in.kind)
		}
	}
}

func acrossSeries(list []timeSeries, f func([]float64) float64) timeSeries {
	result := list[0].empty()
	for _, at := range times(list) {
		var values []float64
		for _, t := range list {
			if v, ok := t.value(at); ok {
				values = append(values, v)
			}
		}
		result.keep(at, f(values))
	}
	return result
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// mean is aggregate for AVG, to which a series of an array that has no value is
// 0 at that time.
func mean(e *evaluation, args []operand) (operand, error) {
	in := args[0]
	if in.kind != kindArray || len(in.series) == 0 {
		return aggregate(average)(e, args)
	}
	n := float64(len(in.series))
	return single(acrossSeries(in.series, func(values []float64) float64 { return sum(values) / n })), nil
}

func average(values []float64) float64 { return sum(values) / float64(len(values)) }

// standardDeviation is of the whole population.
func standardDeviation(values []float64) float64 {
	mean, squares := average(values), 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(values)))
}

func pointwise(f func(float64) float64) func(*evaluation, []operand) (operand, error) {
	return func(_ *evaluation, args []operand) (operand, error) {
		switch args[0].kind {
		case kindNumber:
			return number(f(args[0].number)), nil
		case kindText:
			return operand{}, errors.New("a text is not a number")
		}
		return mapSeries(args[0], func(t timeSeries) timeSeries { return t.each(f) }), nil
	}
}

func overSeries(f func(timeSeries) timeSeries) func(*evaluation, []operand) (operand, error) {
	return func(_ *evaluation, args []operand) (operand, error) {
		if args[0].kind != kindSeries && args[0].kind != kindArray {
			return operand{}, fmt.Errorf("a %s is not a time series", args[0].kind)
		}
		return mapSeries(args[0], f), nil
	}
}

func runningSum(t timeSeries) timeSeries {
	total := 0.0
	return t.each(func(v float64) float64 {
		total += v
		return total
	})
}

// diff is each value less the one before it; the first has none.
func diff(t timeSeries) timeSeries {
	result := t.empty()
	for i := 1; i < len(t.at); i++ {
		result.keep(t.at[i], t.values[i]-t.values[i-1])
	}
	return result
}

// rate is diff by the seconds between the two points.
func rate(t timeSeries) timeSeries {
	result := t.empty()
	for i := 1; i < len(t.at); i++ {
		result.keep(t.at[i], (t.values[i]-t.values[i-1])/float64(t.at[i]-t.at[i-1]))
	}
	return result
}

func period(_ *evaluation, args []operand) (operand, error) {
	if args[0].kind != kindSeries {
		return operand{}, fmt.Errorf("a %s is not a time series", args[0].kind)
	}
	return number(float64(args[0].series[0].window.period)), nil
}

func metricsOfRequest(e *evaluation, args []operand) (operand, error) {
	if len(args) == 0 {
		return e.metrics("")
	}
	if args[0].kind != kindText {
		return operand{}, fmt.Errorf("a %s is not a text", args[0].kind)
	}
	return e.metrics(args[0].text)
}

// fill gives every period of the request a value, also of a series that has
// none at all.
func fill(_ *evaluation, args []operand) (operand, error) {
	in, with := args[0], args[1]
	if in.kind != kindSeries && in.kind != kindArray {
		return operand{}, fmt.Errorf("a %s is not a time series", in.kind)
	}
	for _, t := range in.series {
		if err := t.window.bounded(); err != nil {
			return operand{}, err
		}
	}
	gap, err := gapFiller(with)
	if err != nil {
		return operand{}, err
	}
	return mapSeries(in, func(t timeSeries) timeSeries { return t.filled(gap) }), nil
}

// gapFiller is the value of a time at which the series has none, given the
// number of its points before that time; false leaves the gap.
func gapFiller(with operand) (func(t timeSeries, at int64, before int) (float64, bool), error) {
	switch {
	case with.kind == kindNumber:
		return func(timeSeries, int64, int) (float64, bool) { return with.number, true }, nil
	case with.kind == kindSeries:
		return func(_ timeSeries, at int64, _ int) (float64, bool) { return with.series[0].value(at) }, nil
	case with.kind == kindText && with.text == "REPEAT":
		return repeat, nil
	case with.kind == kindText && with.text == "LINEAR":
		return interpolate, nil
	}
	return nil, errors.New("the second argument must be a number, a time series, REPEAT or LINEAR")
}

func (t timeSeries) filled(gap func(t timeSeries, at int64, before int) (float64, bool)) timeSeries {
	result := t.empty()
	before := 0
	for at := t.window.from; at < t.window.to; at += t.window.period {
		if before < len(t.at) && t.at[before] == at {
			result.keep(at, t.values[before])
			before++
		} else if value, ok := gap(t, at, before); ok {
			result.keep(at, value)
		}
	}
	return result
}

func repeat(t timeSeries, _ int64, before int) (float64, bool) {
	if before == 0 {
		return 0, false
	}
	return t.values[before-1], true
}

func interpolate(t timeSeries, at int64, before int) (float64, bool) {
	if before == 0 || before == len(t.at) {
		return 0, false
	}
	from, to := t.at[before-1], t.at[before]
	share := float64(at-from) / float64(to-from)
	return t.values[before-1] + share*(t.values[before]-t.values[before-1]), true
}

// conditional is IF(condition, then[, else]). With a series as the condition it
// decides at each of its times. A branch that is a series without a value there
// counts as 0, but an else that stands beside a number leaves a gap, as no else
// does ("Using IF expressions", User Guide, read 2026-11-22).
func conditional(_ *evaluation, args []operand) (operand, error) {
	condition, branches := args[0], args[1:]
	for _, b := range branches {
		if b.kind == kindText || b.kind == kindArray {
			return operand{}, fmt.Errorf("a branch can't be a %s", b.kind)
		}
	}
	otherwise := len(branches) == 2
	if !otherwise {
		branches = append(branches, single(timeSeries{}))
	}
	switch condition.kind {
	case kindNumber:
		return branches[branch(condition.number)], nil
	case kindSeries:
		return single(choose(condition.series[0], branches, otherwise)), nil
	}
	return operand{}, fmt.Errorf("a %s is not a condition", condition.kind)
}

func choose(condition timeSeries, branches []operand, otherwise bool) timeSeries {
	result := condition.empty()
	for i, at := range condition.at {
		n := branch(condition.values[i])
		chosen := branches[n]
		if chosen.kind == kindNumber {
			result.keep(at, chosen.number)
		} else if value, ok := chosen.series[0].value(at); ok {
			result.keep(at, value)
		} else if n == 0 || otherwise && branches[0].kind == kindSeries {
			result.keep(at, 0)
		}
	}
	return result
}

// branch is 0 for true and 1 for false.
func branch(condition float64) int {
	if condition != 0 {
		return 0
	}
	return 1
}
