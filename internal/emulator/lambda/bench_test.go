package lambda

import (
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkMapping drives the state machine alone in virtual time: per record,
// at 1 000 records a second in batches of 100.
func BenchmarkMapping(b *testing.B) {
	now := traceStart
	m := NewMapping(MappingOptions{BatchSize: 100, Parallelization: 2, RetryAttempts: -1, PollInterval: time.Second}, []ShardStart{{ID: "shard"}}, now)
	position, invoked := uint64(0), 0
	b.ReportAllocs()
	var invokes []Invoke
	for b.Loop() {
		if invoked > 0 {
			invoked--
			continue
		}
		for invoked == 0 {
			a := m.Step(now)
			invokes = append(invokes[:0], a.Invokes...)
			switch {
			case len(a.Reads) > 0:
				groups := make([]Group, 1000)
				for i := range groups {
					groups[i] = Group{Count: 1, Bytes: 1000, LaneHash: uint32(position), First: position, Last: position, LastArrival: now}
					position++
				}
				m.AddRead(now, 0, ReadResult{Groups: groups, Next: position})
			case len(invokes) == 0:
				now = a.Next
			}
			for _, i := range invokes {
				invoked += len(i.Batch)
				m.Finish(now, i, Outcome{})
			}
		}
	}
}

// BenchmarkDelivery runs the whole server over 64 shards with a work model that
// takes no time: per record, ledger lines included.
func BenchmarkDelivery(b *testing.B) {
	s := newStream(64)
	const perShard = 20000
	for i := range s.shards {
		s.put(i, perShard)
	}
	var processed atomic.Int64
	for b.Loop() {
		server := New(Config{Source: s, Series: func(_, name, _ string, _ ...string) func(time.Time, float64, int) {
			counted := name == "InvokedEventCount"
			return func(_ time.Time, value float64, _ int) {
				if counted {
					processed.Add(int64(value))
				}
			}
		}})
		if err := server.CreateFunction(FunctionConfig{Name: "f", Work: &WorkModel{}}); err != nil {
			b.Fatal(err)
		}
		processed.Store(0)
		if _, err := server.CreateMapping(orders(500)); err != nil {
			b.Fatal(err)
		}
		for processed.Load() < 64*perShard {
			time.Sleep(time.Millisecond)
		}
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(64*perShard*b.N)/b.Elapsed().Seconds(), "records/s")
}
