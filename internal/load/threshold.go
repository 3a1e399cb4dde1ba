package load

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.k6.io/k6/v2/metrics"

	"weir/internal/load/frame"
	"weir/internal/stats"
)

// threshold is one of a script's thresholds, evaluated on sums and a histogram
// instead of k6's sinks, which keep every value of a trend: its memory does not
// grow with the test. Percentiles are exact to 0.1 % and 0.001 of the metric's
// unit.
type threshold struct {
	metric string            // without its tags
	tags   map[string]string // that a sample must carry
	name   string            // as the script has it, with the tags
	source string
	expression

	seen     bool
	kind     metrics.MetricType
	count    int64
	trues    int64 // values that are not 0
	sum      float64
	min, max float64
	last     float64
	beyond   int64 // values that the histogram can't hold
	values   stats.Histogram
}

// expression is a threshold's text taken apart: p(95)<200.
type expression struct {
	method   string  // count, rate, value, avg, min, max, med or p
	quantile float64 // of p and med
	operator string
	limit    float64
}

var expressionForm = regexp.MustCompile(`^\s*(count|rate|value|avg|min|max|med|p\(\s*[0-9.]+\s*\))\s*(<=|>=|===|==|!=|<|>)\s*([-+0-9.eE]+)\s*$`)

func parseExpression(source string) (expression, error) {
	m := expressionForm.FindStringSubmatch(source)
	if m == nil {
		return expression{}, fmt.Errorf("%q is not of the form p(95)<200", source)
	}
	e := expression{method: m[1], operator: m[2]}
	var err error
	if e.limit, err = strconv.ParseFloat(m[3], 64); err != nil {
		return expression{}, fmt.Errorf("the limit of %q: %w", source, err)
	}
	switch {
	case e.method == "med":
		e.quantile = 0.5
	case strings.HasPrefix(e.method, "p("):
		percent, err := strconv.ParseFloat(strings.Trim(e.method[1:], "() "), 64)
		if err != nil || percent > 100 {
			return expression{}, fmt.Errorf("the percentile of %q is not from 0 to 100", source)
		}
		e.method, e.quantile = "p", percent/100
	}
	return e, nil
}

// newThreshold takes a script's threshold, or says why it can't be evaluated in
// bounded memory.
func newThreshold(name string, t *metrics.Threshold) (*threshold, error) {
	if t.AbortOnFail {
		return nil, fmt.Errorf("threshold %s %s: abortOnFail needs k6's own thresholds", name, t.Source)
	}
	made := &threshold{name: name, source: t.Source, tags: map[string]string{}}
	metric, tags, err := metrics.ParseMetricName(name)
	if err == nil {
		made.metric = metric
		made.expression, err = parseExpression(t.Source)
	}
	if err != nil {
		return nil, fmt.Errorf("threshold on %s: %w", name, err)
	}
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, ":")
		made.tags[strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	return made, nil
}

// newThresholds takes all of a script's thresholds; the error names every one
// that can't be evaluated.
func newThresholds(of map[string]metrics.Thresholds) ([]*threshold, error) {
	var made []*threshold
	var refused []error
	for name, list := range of {
		for _, t := range list.Thresholds {
			m, err := newThreshold(name, t)
			made, refused = append(made, m), append(refused, err)
		}
	}
	return made, errors.Join(refused...)
}

// add counts a sample if the threshold is on it.
func (t *threshold) add(s metrics.Sample) {
	if s.Metric.Name != t.metric {
		return
	}
	for name, want := range t.tags {
		if got, _ := s.Tags.Get(name); got != want {
			return
		}
	}
	t.kind = s.Metric.Type
	if !t.seen {
		t.seen, t.min, t.max = true, s.Value, s.Value
	}
	t.count++
	t.sum += s.Value
	t.min, t.max, t.last = min(t.min, s.Value), max(t.max, s.Value), s.Value
	if s.Value != 0 {
		t.trues++
	}
	if t.method != "p" && t.method != "med" {
		return
	}
	if s.Value < 0 || s.Value > (24*time.Hour).Seconds()*1000 {
		t.beyond++
	}
	t.values.Record(time.Duration(s.Value * float64(time.Millisecond))) // of a trend of times, its own unit
}

// result is the threshold's outcome after a test of that length. What can't be
// told is not passed.
func (t *threshold) result(lasted time.Duration) frame.Threshold {
	r := frame.Threshold{Metric: t.name, Source: t.source}
	value, err := t.value(lasted)
	if err != nil {
		r.Reason = err.Error()
		return r
	}
	r.Value, r.Passed = value, t.holds(value)
	return r
}

// value is what the expression compares.
func (t *threshold) value(lasted time.Duration) (float64, error) {
	if !t.seen && t.method != "count" { // a counter that was never touched is 0
		return 0, errors.New("no data")
	}
	n := float64(t.count)
	switch method := t.method; {
	case method == "count" && (t.kind == metrics.Counter || !t.seen):
		return t.sum, nil
	case method == "rate" && t.kind == metrics.Counter:
		return t.sum / max(lasted.Seconds(), 1e-9), nil
	case method == "rate" && t.kind == metrics.Rate:
		return float64(t.trues) / n, nil
	case method == "value" && t.kind == metrics.Gauge:
		return t.last, nil
	case t.kind != metrics.Trend:
	case method == "avg":
		return t.sum / n, nil
	case method == "min":
		return t.min, nil
	case method == "max":
		return t.max, nil
	case t.beyond > 0:
		return 0, fmt.Errorf("%d values are negative or above 86 400 000: percentiles of those need k6's own thresholds", t.beyond)
	default:
		return float64(t.values.Quantile(t.quantile)) / float64(time.Millisecond), nil
	}
	return 0, fmt.Errorf("%s is no aggregation of a %s", t.method, t.kind)
}

func (t *threshold) holds(value float64) bool {
	switch t.operator {
	case "<":
		return value < t.limit
	case "<=":
		return value <= t.limit
	case ">":
		return value > t.limit
	case ">=":
		return value >= t.limit
	case "!=":
		return value != t.limit
	}
	return value == t.limit
}
