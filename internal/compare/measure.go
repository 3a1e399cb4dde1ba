package compare

import (
	"slices"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// Sides of a metric that are better.
const (
	lower  = "lower"
	higher = "higher"
)

// measure is a metric that is compared.
type measure struct {
	id, name, unit, better string
	// parts are the seconds' contributions to Σnum/Σden; nil for a maximum, of
	// which one run shows no spread.
	parts partsOf
	// value is the run's figure, where it is more exact than Σnum/Σden.
	value func(r reading) (v float64, known bool)
}

// partsOf makes one second's contribution to a figure; ok is false where the
// second has none.
type partsOf func(v map[string]float64) (p part, ok bool)

// part is a second's contribution to a figure that is Σnum/Σden.
type part struct{ num, den float64 }

// measures are the compared metrics in the order of a table.
var measures = []measure{
	{"put_p99", "put p99", "ms", lower, weighted(metrics.PutP99, metrics.Calls), latency(0.99, putTime)},
	{"e2e_p50", "end to end p50", "ms", lower, weighted(metrics.E2EP50, metrics.Processed), latency(0.5, fromDue)},
	{"e2e_p99", "end to end p99", "ms", lower, weighted(metrics.E2EP99, metrics.Processed), latency(0.99, fromDue)},
	{"iterator_age_max", "iterator age max", "ms", lower, nil, largest(func(s judge.Step) *float64 { return s.IteratorAgeMax })},
	{"duration_p50", "Duration p50", "ms", lower, weighted(metrics.DurationP50, metrics.Invocations), nil},
	{"duration_p99", "Duration p99", "ms", lower, weighted(metrics.DurationP99, metrics.Invocations), nil},
	{"duration_max", "Duration max", "ms", lower, nil, largest(targetValue(judge.LambdaDuration))},
	{"errors", "function errors", "%", lower, ratio(100, metrics.Invocations, metrics.Errors), nil},
	{"throttles", "throttles per 1 000 records", "", lower, throttleParts, throttleShare},
	{"accepted_share", "accepted", "%", higher, ratio(100, metrics.Offered, metrics.Accepted), acceptedShare},
	{"records_per_invocation", "records per invocation", "", "", batchParts, nil},
	{"throughput", "processed per second", "", higher, throughputParts, throughput},
}

// IDs are the names of the compared metrics, in order.
func IDs() []string {
	ids := make([]string, len(measures))
	for i, m := range measures {
		ids[i] = m.id
	}
	return ids
}

// choose are the measures of those IDs, all of none.
func choose(ids []string) []measure {
	if len(ids) == 0 {
		return measures
	}
	var chosen []measure
	for _, m := range measures {
		if slices.Contains(ids, m.id) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// of is the run's figure.
func (m *measure) of(r reading) (v float64, known bool) {
	if m.value != nil {
		return m.value(r)
	}
	return quotient(r.parts(m.parts))
}

// quotient is Σnum/Σden, not known without a divisor.
func quotient(parts []part) (q float64, known bool) {
	var sum part
	for _, p := range parts {
		sum.num += p.num
		sum.den += p.den
	}
	if sum.den == 0 {
		return 0, false
	}
	return sum.num / sum.den, true
}

// weighted is the mean of a second's value, each weighing as much as it counts.
func weighted(value, weight string) partsOf {
	return func(v map[string]float64) (part, bool) {
		x, ok := v[value]
		return part{x * v[weight], v[weight]}, ok && v[weight] > 0
	}
}

// ratio is a count per another; a missing count is none where the other has a
// point.
func ratio(scale float64, per, count string) partsOf {
	return func(v map[string]float64) (part, bool) {
		n, ok := v[per]
		return part{scale * v[count], n}, ok
	}
}

func throttleParts(v map[string]float64) (part, bool) {
	n, ok := v[metrics.Offered]
	refused := max(v[metrics.WriteThrottled], v[metrics.Throttled]) + v[metrics.ReadThrottled] + v[metrics.Throttles]
	return part{1000 * refused, n}, ok
}

func batchParts(v map[string]float64) (part, bool) {
	n, ok := v[metrics.Invoked] // missing where the mapping doesn't publish it
	return part{n, v[metrics.Invocations]}, ok
}

func throughputParts(v map[string]float64) (part, bool) {
	_, ok := v[metrics.Offered] // a second of the load, in which nothing may have been processed
	return part{v[metrics.Processed], 1}, ok
}

// throughput is not known without the probe, which counts what was processed.
func throughput(r reading) (float64, bool) {
	if !slices.ContainsFunc(r.data.Series, func(p record.Point) bool { return p.V[metrics.Processed] > 0 }) {
		return 0, false
	}
	return quotient(r.parts(throughputParts))
}

func latency(q float64, of func(*record.StepResult) *stats.Histogram) func(reading) (float64, bool) {
	return func(r reading) (float64, bool) {
		var merged stats.Histogram
		for _, s := range r.steps {
			if result := r.data.Step(s.Index); result != nil {
				merged.Merge(of(result))
			}
		}
		return float64(merged.Quantile(q).Microseconds()) / 1000, merged.Count() > 0
	}
}

func putTime(r *record.StepResult) *stats.Histogram { return r.Put }
func fromDue(r *record.StepResult) *stats.Histogram { return r.FromDue }

// largest is the largest of the steps' values.
func largest(of func(judge.Step) *float64) func(reading) (float64, bool) {
	return func(r reading) (most float64, known bool) {
		for _, s := range r.steps {
			if v := of(s); v != nil {
				most, known = max(most, *v), true
			}
		}
		return most, known
	}
}

func targetValue(id string) func(judge.Step) *float64 {
	return func(s judge.Step) *float64 {
		for _, t := range s.Targets {
			if t.ID == id {
				return t.Value
			}
		}
		return nil
	}
}

func throttleShare(r reading) (float64, bool) {
	var refused float64
	for _, s := range r.steps {
		v := targetValue(judge.Throttles)(s)
		if v == nil {
			return 0, false
		}
		refused += *v
	}
	return 1000 * refused / float64(r.offered()), r.offered() > 0
}

func acceptedShare(r reading) (float64, bool) {
	var accepted int64
	for _, s := range r.steps {
		accepted += s.Accepted
	}
	return 100 * float64(accepted) / float64(r.offered()), r.offered() > 0
}
