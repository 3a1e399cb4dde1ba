package cloudwatch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/internal/quota"
)

// operandKind is the type of a value in an expression. CloudWatch's
// documentation writes S, TS and TS[].
type operandKind int

const (
	kindNumber operandKind = iota
	kindText
	kindSeries
	kindArray
)

func (k operandKind) String() string {
	return [...]string{"number", "text", "time series", "array of time series"}[k]
}

// operand is a value in an expression: only the field of its kind is set.
type operand struct {
	kind   operandKind
	number float64
	text   string
	series []timeSeries // a single one for kindSeries
}

func number(n float64) operand            { return operand{kind: kindNumber, number: n} }
func single(t timeSeries) operand         { return operand{kind: kindSeries, series: []timeSeries{t}} }
func severalOf(list []timeSeries) operand { return operand{kind: kindArray, series: list} }

// evaluation computes the queries of one request, each once.
type evaluation struct {
	store   *Store
	in      *getMetricDataInput
	byID    map[string]*metricDataQuery
	done    map[string]operand
	started map[string]bool
}

func newEvaluation(s *Store, in *getMetricDataInput) *evaluation {
	e := &evaluation{store: s, in: in, byID: map[string]*metricDataQuery{}, done: map[string]operand{}, started: map[string]bool{}}
	for i := range in.MetricDataQueries {
		e.byID[in.MetricDataQueries[i].Id] = &in.MetricDataQueries[i]
	}
	return e
}

// results are the queries that return data, in their order; an expression that
// is an array makes several results of one id.
func (e *evaluation) results() ([]namedSeries, error) {
	var all []namedSeries
	for i := range e.in.MetricDataQueries {
		q := &e.in.MetricDataQueries[i]
		value, err := e.query(q.Id)
		if err != nil {
			return nil, err
		}
		if !q.returns() {
			continue
		}
		if value.kind == kindNumber || value.kind == kindText {
			return nil, expressionError(q, fmt.Errorf("it is a %s; a returned expression must be a time series", value.kind))
		}
		for _, one := range value.series {
			all = append(all, namedSeries{q.Id, one.labelled(q, value.kind)})
		}
	}
	return all, nil
}

func (t timeSeries) labelled(q *metricDataQuery, kind operandKind) timeSeries {
	switch {
	case q.Label != "" && kind == kindArray:
		t.label = q.Label + " " + t.label
	case q.Label != "":
		t.label = q.Label
	case q.Expression != "" && kind == kindSeries:
		t.label = q.Id
	}
	return t
}

func expressionError(q *metricDataQuery, err error) error {
	return invalidValue("Error in expression '%s': %v.", q.Id, err)
}

// query computes a query and what it depends on.
func (e *evaluation) query(id string) (operand, error) {
	if value, ok := e.done[id]; ok {
		return value, nil
	}
	q, ok := e.byID[id]
	if !ok {
		return operand{}, fmt.Errorf("the id %s does not exist", id)
	}
	if e.started[id] {
		return operand{}, expressionError(q, errors.New("it depends on itself"))
	}
	e.started[id] = true
	value, err := e.compute(q)
	e.done[id] = value
	return value, err
}

func (e *evaluation) compute(q *metricDataQuery) (operand, error) {
	if q.MetricStat != nil {
		w, err := newWindow(e.in.StartTime, e.in.EndTime, q.MetricStat.Period)
		return single(e.store.readStat(q.MetricStat, w)), err
	}
	parsed, err := parseExpression(q.Expression)
	if err != nil {
		return operand{}, expressionError(q, err)
	}
	value, err := parsed.eval(e)
	if err != nil {
		return operand{}, expressionError(q, err)
	}
	return value, nil
}

func (n numberNode) eval(*evaluation) (operand, error) { return number(float64(n)), nil }

func (n textNode) eval(*evaluation) (operand, error) {
	return operand{kind: kindText, text: string(n)}, nil
}

// keywords are arguments of FILL and SORT; an id begins with a small letter.
var keywords = []string{"REPEAT", "LINEAR", "AVG", "MIN", "MAX", "SUM", "ASC", "DESC"}

func (n idNode) eval(e *evaluation) (operand, error) {
	if slices.Contains(keywords, string(n)) {
		return operand{kind: kindText, text: string(n)}, nil
	}
	return e.query(string(n))
}

func (n arrayNode) eval(e *evaluation) (operand, error) {
	var list []timeSeries
	for _, element := range n {
		value, err := element.eval(e)
		if err != nil {
			return operand{}, err
		}
		if value.kind != kindSeries && value.kind != kindArray {
			return operand{}, fmt.Errorf("an array can't hold a %s", value.kind)
		}
		if list = append(list, value.series...); len(list) > quota.GetMetricDataMaxQueries {
			return operand{}, fmt.Errorf("an array can't hold more than %d time series", quota.GetMetricDataMaxQueries)
		}
	}
	return severalOf(list), nil
}

func (n callNode) eval(e *evaluation) (operand, error) {
	f, known := functionNamed(n.name)
	if !known {
		return operand{}, fmt.Errorf("the embedded CloudWatch has no function %s", n.name)
	}
	var args []operand
	for _, arg := range n.args {
		value, err := arg.eval(e)
		if err != nil {
			return operand{}, err
		}
		args = append(args, value)
	}
	if len(args) < f.least || len(args) > f.most {
		return operand{}, fmt.Errorf("%s takes from %d to %d arguments, not %d", n.name, f.least, f.most, len(args))
	}
	value, err := f.call(e, args)
	if err != nil {
		return operand{}, fmt.Errorf("%s: %w", n.name, err)
	}
	return value, nil
}

func (n binaryNode) eval(e *evaluation) (operand, error) {
	left, err := n.left.eval(e)
	if err != nil {
		return operand{}, err
	}
	right, err := n.right.eval(e)
	if err != nil {
		return operand{}, err
	}
	return combine(left, right, binaryOperators[n.operator])
}

var binaryOperators = map[string]func(a, b float64) float64{
	"+":  func(a, b float64) float64 { return a + b },
	"-":  func(a, b float64) float64 { return a - b },
	"*":  func(a, b float64) float64 { return a * b },
	"/":  func(a, b float64) float64 { return a / b },
	"^":  math.Pow,
	"==": func(a, b float64) float64 { return truth(a == b) },
	"!=": func(a, b float64) float64 { return truth(a != b) },
	"<":  func(a, b float64) float64 { return truth(a < b) },
	"<=": func(a, b float64) float64 { return truth(a <= b) },
	">":  func(a, b float64) float64 { return truth(a > b) },
	">=": func(a, b float64) float64 { return truth(a >= b) },
	"&&": func(a, b float64) float64 { return truth(a != 0 && b != 0) },
	"||": func(a, b float64) float64 { return truth(a != 0 || b != 0) },
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// combine applies an operator: a number meets every point, two series meet
// where both have one, an array meets a series element by element.
func combine(left, right operand, f func(a, b float64) float64) (operand, error) {
	switch {
	case left.kind == kindText || right.kind == kindText, left.kind == kindArray && right.kind == kindArray:
		return operand{}, fmt.Errorf("unsupported operand types %s and %s", left.kind, right.kind)
	case left.kind == kindNumber && right.kind == kindNumber:
		return number(f(left.number, right.number)), nil
	case left.kind == kindNumber:
		return mapSeries(right, func(t timeSeries) timeSeries {
			return t.each(func(v float64) float64 { return f(left.number, v) })
		}), nil
	case right.kind == kindNumber:
		return mapSeries(left, func(t timeSeries) timeSeries {
			return t.each(func(v float64) float64 { return f(v, right.number) })
		}), nil
	case right.kind == kindArray:
		return mapSeries(right, func(t timeSeries) timeSeries {
			joined := join(left.series[0], t, f)
			joined.label = t.label
			return joined
		}), nil
	}
	return mapSeries(left, func(t timeSeries) timeSeries { return join(t, right.series[0], f) }), nil
}

func mapSeries(o operand, change func(timeSeries) timeSeries) operand {
	changed := make([]timeSeries, len(o.series))
	for i, t := range o.series {
		changed[i] = change(t)
	}
	return operand{kind: o.kind, series: changed}
}

func join(a, b timeSeries, f func(a, b float64) float64) timeSeries {
	joined := a.empty()
	for i, at := range a.at {
		if other, ok := b.value(at); ok {
			joined.keep(at, f(a.values[i], other))
		}
	}
	return joined
}

// metrics are the request's metric queries, not its expressions, whose id
// contains part.
func (e *evaluation) metrics(part string) (operand, error) {
	var list []timeSeries
	for i := range e.in.MetricDataQueries {
		q := &e.in.MetricDataQueries[i]
		if q.MetricStat == nil || !strings.Contains(q.Id, part) {
			continue
		}
		value, err := e.query(q.Id)
		if err != nil {
			return operand{}, err
		}
		list = append(list, value.series...)
	}
	return severalOf(list), nil
}

// times are the times at which at least one of the series has a point.
func times(list []timeSeries) []int64 {
	var all []int64
	for _, t := range list {
		all = append(all, t.at...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
