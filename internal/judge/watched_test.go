package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
)

// window of five minutes from second 600 with one point a minute, of a pipeline
// that somebody else loads with 6 000 records a minute.
func watchedRun() *record.Data {
	d := &record.Data{Run: record.Run{
		ID: "orders", Watched: true, Status: record.Complete, Test: plan.Test{Name: "window"},
		Pipeline: record.Pipeline{
			Kind: "aws", Stream: "orders", Function: "f", ResolutionS: 60, FunctionTimeout: 10 * time.Second, MappingEventCount: true,
		},
		Steps: []record.Step{{Judged: true, Start: time.Unix(600, 0), End: time.Unix(900, 0)}},
	}}
	for t := int64(600); t < 900; t += 60 {
		d.Series = append(d.Series, record.Point{T: t, V: map[string]float64{
			metrics.IncomingRecords: 6000, metrics.Polled: 6000, metrics.GetRecordsCount: 6000, metrics.IteratorAge: 20,
			metrics.Invocations: 300, metrics.Errors: 0, metrics.Throttles: 0, metrics.DurationMax: 80,
			metrics.WriteThrottled: 0, metrics.ReadThrottled: 0, metrics.RecordLatencyP99: 900,
		}})
	}
	return d
}

func TestWatchedWindow(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*record.Data)
		overall Outcome
		reason  string
	}{
		{"healthy", func(*record.Data) {}, Pass, "every target held in the window"},
		{"a slow function", func(d *record.Data) { set(d, 720, metrics.DurationMax, 5000) }, Fail, "lambda_duration: longest invocation 5 000 ms"},
		{"no probe", func(d *record.Data) { without(d, metrics.RecordLatencyP99, 0) }, Unknown, "record_latency: no point of the probe's"},
		{"one slow minute", func(d *record.Data) { set(d, 720, metrics.RecordLatencyP99, 2000) }, Fail, "p99 of the worst of 5 periods 2 000 ms"},
		{
			// 30 000 came in; 0.1 % of them and two seconds of 100 a second are 230.
			"the last two seconds not read yet", func(d *record.Data) { set(d, 840, metrics.Polled, 5770) },
			Pass, "every target held",
		},
		{
			"one more than that", func(d *record.Data) { set(d, 840, metrics.Polled, 5769) },
			Unknown, "polled 29 769 of 30 000",
		},
		{
			// 30 000 came in, and 29 000 were read: less than a minute's worth apart.
			"read after the window", func(d *record.Data) { set(d, 840, metrics.Polled, 5000) },
			Unknown, "around the window's ends",
		},
		{
			"a minute and more not read", func(d *record.Data) { without(d, metrics.Polled, 780) },
			Fail, "throughput_match: polled 18 000 of 30 000",
		},
		{"EventCount is off", func(d *record.Data) {
			without(d, metrics.Polled, 0)
			d.Run.Pipeline.MappingEventCount = false
		}, Unknown, "switch on its EventCount metrics"},
		{"nothing came", func(d *record.Data) { d.Series = nil }, Unknown, "a missing age is unknown"},
		{"five minutes without an age", func(d *record.Data) {
			d.Run.Steps[0].End = time.Unix(1200, 0)
		}, Unknown, "no point of it for 300 s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := watchedRun()
			tt.change(d)
			v := Judge(d, Options{})
			if v.Overall != tt.overall || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("%s (%s), want %s (…%s)", v.Overall, v.Reason, tt.overall, tt.reason)
			}
			var ids []string
			for _, target := range v.Targets {
				ids = append(ids, target.ID)
			}
			want := []string{IteratorAge, LambdaDuration, LambdaErrors, Throttles, ThroughputMatch, RecordLatency}
			if !slices.Equal(ids, want) || len(v.Steps) != 0 {
				t.Errorf("targets %v and %d steps, want %v and none", ids, len(v.Steps), want)
			}
		})
	}
}
