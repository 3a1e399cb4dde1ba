package report

import (
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

func TestGeneratorHealth(t *testing.T) {
	if got := generatorHealth(&record.Data{}); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	var late stats.Histogram
	late.RecordN(time.Millisecond, 99)
	late.Record(40 * time.Millisecond)
	d := &record.Data{
		Run: record.Run{Host: record.Host{CPUs: 2}},
		Series: []record.Point{
			{V: map[string]float64{metrics.ChildCPU: 0.5, metrics.ChildRSS: 120e6, metrics.ChildGCms: 3, metrics.Goroutines: 40, metrics.Sockets: 12, metrics.K6Dropped: 2}},
			{V: map[string]float64{metrics.ChildCPU: 1.25, metrics.ChildRSS: 90e6, metrics.ChildGCms: 7.5, metrics.Goroutines: 30, metrics.Sockets: 9, metrics.K6Dropped: 5}},
			{V: map[string]float64{metrics.Processed: 1}},
		},
		Steps: []record.StepResult{{Lateness: &late}, {}},
	}
	// The garbage collector's pauses are a running total: the last is the largest.
	const want = "CPU at most 1.25 of 2 cores, memory at most 120 MB, garbage collection paused it for 7.5 ms in all, " +
		"40 goroutines, 12 sockets, calls started late by 1 ms at p50, 1 ms at p99, 40 ms at most, " +
		"7 iterations dropped by k6 and so never offered"
	if got := generatorHealth(d); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
