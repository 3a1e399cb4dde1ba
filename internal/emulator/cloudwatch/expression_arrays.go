package cloudwatch

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// arrayFunction finds a function over arrays of time series by its name.
func arrayFunction(name string) (f function, known bool) {
	switch name {
	case "FIRST":
		return function{1, 1, pick(func(list []timeSeries) timeSeries { return list[0] })}, true
	case "LAST":
		return function{1, 1, pick(func(list []timeSeries) timeSeries { return list[len(list)-1] })}, true
	case "METRIC_COUNT":
		return function{1, 1, metricCount}, true
	case "REMOVE_EMPTY":
		return function{1, 1, removeEmpty}, true
	case "SLICE":
		return function{2, 3, slice}, true
	case "SORT":
		return function{3, 4, sortSeries}, true
	}
	return function{}, false
}

// arrayOf is the array in an operand; a single series is one of one.
func arrayOf(in operand) ([]timeSeries, error) {
	if in.kind != kindArray && in.kind != kindSeries {
		return nil, fmt.Errorf("a %s is not an array of time series", in.kind)
	}
	return in.series, nil
}

func pick(f func([]timeSeries) timeSeries) func(*evaluation, []operand) (operand, error) {
	return func(_ *evaluation, args []operand) (operand, error) {
		list, err := arrayOf(args[0])
		if err == nil && len(list) == 0 {
			err = errors.New("the array has no time series")
		}
		if err != nil {
			return operand{}, err
		}
		return single(f(list)), nil
	}
}

func metricCount(_ *evaluation, args []operand) (operand, error) {
	list, err := arrayOf(args[0])
	return number(float64(len(list))), err
}

func removeEmpty(_ *evaluation, args []operand) (operand, error) {
	list, err := arrayOf(args[0])
	full := slices.DeleteFunc(slices.Clone(list), func(t timeSeries) bool { return len(t.at) == 0 })
	return severalOf(full), err
}

// slice is SLICE(array, from[, to]).
func slice(_ *evaluation, args []operand) (operand, error) {
	list, err := arrayOf(args[0])
	if err != nil {
		return operand{}, err
	}
	bounds := []int{0, len(list)}
	for i, arg := range args[1:] {
		if arg.kind != kindNumber || arg.number < 0 || arg.number != math.Trunc(arg.number) {
			return operand{}, errors.New("an index must be a whole number from 0")
		}
		bounds[i] = int(min(arg.number, float64(len(list))))
	}
	return severalOf(list[bounds[0]:max(bounds[0], bounds[1])]), nil
}

// sortKeys are what SORT orders by.
var sortKeys = map[string]func([]float64) float64{"AVG": average, "MIN": slices.Min[[]float64], "MAX": slices.Max[[]float64], "SUM": sum}

// sortSeries is SORT(array, function, order[, limit]). Series without points
// come last.
func sortSeries(_ *evaluation, args []operand) (operand, error) {
	list, err := arrayOf(args[0])
	if err != nil {
		return operand{}, err
	}
	key, sign := sortKeys[args[1].text], map[string]int{"ASC": 1, "DESC": -1}[args[2].text]
	switch {
	case key == nil:
		return operand{}, errors.New("the function must be AVG, MIN, MAX or SUM")
	case sign == 0:
		return operand{}, errors.New("the order must be ASC or DESC")
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b timeSeries) int {
		if len(a.values) == 0 || len(b.values) == 0 {
			return cmp.Compare(len(b.values), len(a.values))
		}
		return sign * cmp.Compare(key(a.values), key(b.values))
	})
	if len(args) == 3 {
		return severalOf(sorted), nil
	}
	return slice(nil, []operand{severalOf(sorted), number(0), args[3]})
}
