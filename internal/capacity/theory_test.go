package capacity

import (
	"testing"
	"time"
)

// One lane with batches of one record and no latencies is a queue with one
// server. With Poisson arrivals at load ρ and a mean service time S, a record
// waits before its service
//
//	M/M/1 (exponential service)  ρ ÷ (1 − ρ) × S
//	M/D/1 (constant service)     ρ ÷ (2 (1 − ρ)) × S
//
// on average, and where a server that stood idle takes a time D to begin, E[D]
// longer while D is small (D. Gross, C. Harris, "Fundamentals of Queueing
// Theory"): a mapping whose poll interval is 0 polls every 5 ms while it finds
// nothing, so that D is 2.5 ms on average.
func TestSimulateMatchesQueueingTheory(t *testing.T) {
	const service, idle = 100 * time.Millisecond, 2500 * time.Microsecond
	for _, c := range []struct {
		name        string
		exponential bool
		load        float64
		waits       float64 // in services
	}{
		{"M/M/1 at 50 %", true, 0.5, 1},
		{"M/M/1 at 70 %", true, 0.7, 7.0 / 3},
		{"M/D/1 at 50 %", false, 0.5, 0.5},
		{"M/D/1 at 70 %", false, 0.7, 7.0 / 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := scenario(c.load/service.Seconds(), 200_000*service)
			sc.Timing = Timing{PerBatch: service, Exponential: c.exponential}
			sc.Pipeline.Shards, sc.Pipeline.BatchSize, sc.Pipeline.FunctionTimeout = 1, 1, 1000*service
			sc.Pipeline.ShardLimitFactor, sc.Pipeline.RetentionHours = 1000, 0
			sc.Poisson = true
			o, err := Simulate(sc, nil)
			if err != nil {
				t.Fatal(err)
			}
			waited := o.Results[0].FromDue.Mean() - service
			near(t, "wait", waited.Seconds(), c.waits*service.Seconds()+idle.Seconds(), 0.02)
			t.Logf("waited %v, theory %.1f ms", waited, 1000*(c.waits*service.Seconds()+idle.Seconds()))
		})
	}
}
