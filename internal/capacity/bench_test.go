//go:build unix

package capacity

import (
	"syscall"
	"testing"
	"time"
)

// The benchmarks report how many times faster than real time a simulation goes
// by the processor time it takes, which a busy machine changes less than the
// time of day; memory by -benchmem is all that was ever allocated.

// BenchmarkDay is a day of 2 000 records/s on 4 shards, which is to take less
// than a second: more than 86 400 times real time.
func BenchmarkDay(b *testing.B) {
	sc := scenario(2000, 24*time.Hour)
	for b.Loop() {
		report(b, sc.Test.Steps[0].Duration, func() {
			if _, err := Simulate(sc, nil); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkInternetScale is 10 M records/s on 10 000 shards, in batches of 1 000.
func BenchmarkInternetScale(b *testing.B) {
	sc := scenario(10e6, time.Minute)
	sc.Pipeline.Shards, sc.Pipeline.BatchSize = 10_000, 1000
	for b.Loop() {
		report(b, sc.Test.Steps[0].Duration, func() {
			if _, err := Simulate(sc, nil); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkBareQueue is the queue alone at that scale, as a measure of the
// machine: four events for each shard's second, where a simulation has a poll,
// its answer and the ends of its batches.
func BenchmarkBareQueue(b *testing.B) {
	const shards, length = 10_000, time.Minute
	for b.Loop() {
		var q eventQueue
		for i := range shards {
			q.add(event{at: time.Duration(i) * 100 * time.Microsecond, index: int32(i)})
		}
		report(b, length, func() {
			for range 4 * shards * int(length.Seconds()) {
				e := q.next()
				e.at += time.Second / 4
				q.add(e)
			}
		})
	}
}

func report(b *testing.B, virtual time.Duration, do func()) {
	before := processorTime(b)
	do()
	b.ReportMetric(virtual.Seconds()/(processorTime(b)-before).Seconds(), "x-real-time")
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
