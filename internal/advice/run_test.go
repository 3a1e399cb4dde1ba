package advice

import (
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/record"
)

// madeRun offered 100/s of 500 bytes for 10 s to 2 shards and a function that
// takes 20 ms a batch and 1 ms a record.
func madeRun() *record.Data {
	start := time.Unix(1000, 0)
	d := &record.Data{Run: record.Run{
		ID: "a-run", Status: record.Complete,
		Test: plan.Test{Name: "baseline-500b", Keys: plan.Keys{Pool: 1000}},
		Pipeline: record.Pipeline{
			Kind: "aws", Region: "us-east-1", ResolutionS: 1, Stream: "orders", StreamMode: "PROVISIONED", Shards: 2, RetentionHours: 24,
			Function: "consumer", FunctionTimeout: 3 * time.Second, FunctionMemoryMB: 512,
			BatchSize: 100, Parallelization: 1, RetryAttempts: -1,
		},
		Steps: []record.Step{{Rate: 100, Judged: true, Start: start, End: start.Add(10 * time.Second)}},
	}}
	for s := range 10 {
		batch := 40 + 4*float64(s%6) // 40 to 60
		took := 20 + batch
		d.Series = append(d.Series, record.Point{T: 1000 + int64(s), V: map[string]float64{
			metrics.Offered: 100, metrics.IncomingRecords: 100, metrics.IncomingBytes: 50000,
			metrics.Invocations: 2, metrics.Invoked: 2 * batch, metrics.DurationAvg: took, metrics.DurationMax: took + 10,
		}})
	}
	return d
}

// of measures a run for a rate with a quarter to spare.
func of(t *testing.T, d *record.Data, rate float64) measured {
	t.Helper()
	m, err := measure(d, judge.Verdict{}, Ask{Rate: rate, Headroom: DefaultHeadroom, Prices: price.List()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func give(t *testing.T, d *record.Data, ask Ask) Advice {
	t.Helper()
	ask.Headroom, ask.Prices = DefaultHeadroom, price.List()
	a, err := Give(d, judge.Judge(d, judge.Options{}), ask)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
