package capacity

import (
	"testing"
	"time"
)

// BenchmarkDay is a day of 2 000 records/s on 4 shards.
func BenchmarkDay(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		simulated(b, scenario(2000, 24*time.Hour))
	}
}

// BenchmarkInternetScale is 10 M records/s on 10 000 shards, in batches of 500.
func BenchmarkInternetScale(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sc := scenario(10e6, time.Minute)
		sc.Pipeline.Shards, sc.Pipeline.BatchSize = 10_000, 1000
		simulated(b, sc)
	}
}

// simulated reports how many times faster than real time a scenario went, and
// its events.
func simulated(b *testing.B, sc Scenario) {
	began := time.Now()
	o, err := Simulate(sc, nil)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	b.ReportMetric(sc.Test.Steps[0].Duration.Seconds()/took.Seconds(), "x-real-time")
	b.ReportMetric(float64(o.Events)/took.Seconds()/1e6, "Mevents/s")
}

// BenchmarkBareQueue is the queue alone at the same scale, as a measure of the
// machine: four events for each shard's second, as many as a simulation can't do
// without (a poll, its answer and the ends of two batches).
func BenchmarkBareQueue(b *testing.B) {
	for b.Loop() {
		var q eventQueue
		for i := range 10_000 {
			q.add(event{at: time.Duration(i) * 100 * time.Microsecond, index: int32(i)})
		}
		began := time.Now()
		const seconds = 60
		for range 4 * 10_000 * seconds {
			e := q.next()
			e.at += time.Second / 4
			q.add(e)
		}
		b.ReportMetric(seconds/time.Since(began).Seconds(), "x-real-time")
	}
}
