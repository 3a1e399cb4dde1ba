package capacity

import (
	"math"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// Figure is one figure of a run, by which a model is held against it.
type Figure struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	// Slack is what the figure may be off by where a ratio says nothing, because
	// it is about zero.
	Slack float64 `json:"slack,omitzero"`
}

// DurationFigure names the mean time of an invocation, which is put into a model
// rather than found by it.
const DurationFigure = "duration avg"

// Figures are what a run showed: throughput, latencies from due, the greatest
// iterator age, records an invocation, throttles and the time of an invocation.
// It wants a run that was carried out whole.
func Figures(d *record.Data) []Figure {
	due := merged(d, func(r record.StepResult) *stats.Histogram { return r.FromDue })
	load := d.Run.LoadEnd.Sub(d.Run.LoadStart).Seconds()
	if n := len(d.Run.Steps); n > 0 {
		load = d.Run.Steps[n-1].End.Sub(d.Run.Steps[0].Start).Seconds()
	}
	var age, throttles, invoked, invocations, millis float64
	for _, p := range d.Series {
		if p.T < d.Run.LoadStart.Unix() {
			continue
		}
		age = max(age, p.V[metrics.IteratorAge])
		throttles += p.V[metrics.WriteThrottled] + p.V[metrics.ReadThrottled] + p.V[metrics.Throttles]
		invoked += p.V[metrics.Invoked]
		invocations += p.V[metrics.Invocations]
		millis += p.V[metrics.Invocations] * p.V[metrics.DurationAvg]
	}
	return []Figure{
		{"throughput", "records/s", float64(d.Ledger.Processed) / load, 0},
		{"e2e p50", "ms", inMillis(due.Quantile(0.5)), 0},
		{"e2e p99", "ms", inMillis(due.Quantile(0.99)), 0},
		{"iterator age max", "ms", age, inMillis(time.Second)}, // a poll interval
		{"records per invocation", "records", invoked / max(invocations, 1), 0},
		{"throttles", "records or calls", throttles, 0.001 * float64(d.Ledger.Offered)},
		{DurationFigure, "ms", millis / max(invocations, 1), 0},
	}
}

func inMillis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// merged is a histogram of all steps.
func merged(d *record.Data, of func(record.StepResult) *stats.Histogram) *stats.Histogram {
	all := new(stats.Histogram)
	for _, r := range d.Steps {
		all.Merge(of(r))
	}
	return all
}

// Deviation is a figure of a model beside a run's.
type Deviation struct {
	Figure
	Model float64 `json:"model"`
	// Error is the model's share above the run's figure, negative below it; nil
	// where the figure is about zero and the model within its slack of it.
	Error *float64 `json:"error"`
}

// Deviations holds a model's figures against a run's, in the order of Figures.
func Deviations(model, run []Figure) []Deviation {
	all := make([]Deviation, len(run))
	for i, f := range run {
		all[i] = Deviation{Figure: f, Model: model[i].Value}
		off := model[i].Value - f.Value
		if f.Slack > 0 && (f.Value <= f.Slack || f.Value == 0) && math.Abs(off) <= f.Slack {
			continue
		}
		all[i].Error = new(off / max(f.Value, f.Slack, math.SmallestNonzeroFloat64))
	}
	return all
}
