package capacity

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/quota"
)

// base is a pipeline whose shards give out first: 4 shards, batches of 100 in
// 10 ms.
var base = Config{Shards: 4, RecordBytes: 510, Parallelization: 1, BatchSize: 100, PerBatch: 10 * time.Millisecond}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*Config)
		resource quota.Resource
		rate     float64
	}{
		{"records", func(*Config) {}, quota.WriteRecords, 4000},
		// 4 000 × (1 + 1 ÷ 8)
		{"records over 8 s", func(c *Config) { c.Step = 8 * time.Second }, quota.WriteRecords, 4500},
		{"one shard", func(c *Config) { c.Shards = 1 }, quota.WriteRecords, 1000},
		{"10 KB records", func(c *Config) { c.RecordBytes = 10240 }, quota.WriteBytes, 4 * 102.4},
		{"a new on-demand stream", func(c *Config) { c.OnDemand = true }, quota.WriteRecords, 4000},
		// 4 lanes × 100 ÷ (10 + 100 × 5) ms = 784.3
		{"5 ms a record", func(c *Config) { c.PerRecord = 5 * time.Millisecond }, quota.Lanes, 4 * 100 / 0.51},
		{"and two lanes a shard", func(c *Config) { c.PerRecord, c.Parallelization = 5*time.Millisecond, 2 }, quota.Lanes, 8 * 100 / 0.51},
		{"and ten", func(c *Config) { c.PerRecord, c.Parallelization = 5*time.Millisecond, 10 }, quota.WriteRecords, 4000},
		// 4 × 10 ÷ 20 ms
		{"batches of 10", func(c *Config) { c.BatchSize, c.PerBatch = 10, 20*time.Millisecond }, quota.Lanes, 2000},
		{"one environment", func(c *Config) { c.Concurrency, c.PerBatch = 1, 50*time.Millisecond }, quota.Concurrency, 2000},
		// a batch takes 200 ms ÷ 0.8 and waits 0.2 × 100 + 0.04 × 200 + 0.008 × 400 …
		// = 20 ÷ (1 − 0.4) = 33.3 ms
		{"a fifth fails", func(c *Config) {
			c.PerBatch, c.ErrorRate = 200*time.Millisecond, 0.2
			c.ErrorBackoff, c.MaxBackoff = 100*time.Millisecond, time.Hour
		}, quota.Lanes, 4 * 100 / (0.25 + 0.1/3)},
		// 0.2 × 100 + (0.04 + 0.008 + …) × 150 = 20 + 0.05 × 150 = 27.5 ms
		{"and waits no longer than 150 ms", func(c *Config) {
			c.PerBatch, c.ErrorRate = 200*time.Millisecond, 0.2
			c.ErrorBackoff, c.MaxBackoff = 100*time.Millisecond, 150*time.Millisecond
		}, quota.Lanes, 4 * 100 / 0.2775},
		{"no limits to speak of", func(c *Config) { c.LimitFactor, c.PerBatch = 1000, 0 }, quota.ReadLimit, 4 * (2 << 20) / 510.0},
		// 10 MiB records fill an event alone: 4 lanes × 1 ÷ 1 s
		{"large records", func(c *Config) { c.RecordBytes, c.LimitFactor, c.PerBatch = 10<<20, 1000, time.Second }, quota.ReadLimit, 0.8},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := base
			c.change(&config)
			got := Limits(config)[0]
			if got.Resource != c.resource || math.Abs(got.Rate-c.rate) > c.rate*1e-6 {
				t.Errorf("%s gives out at %g (%s), want %s at %g", got.Resource, got.Rate, got.Why, c.resource, c.rate)
			}
		})
	}
}

func TestBinomialTail(t *testing.T) {
	for _, c := range []struct{ n, p, k, want float64 }{
		{4, 0.5, 4, 0}, {4, 0.5, 3, 1.0 / 16}, {4, 0.5, 1, 11.0 / 16}, {4, 0.5, -1, 1},
	} {
		if got := binomialTail(c.n, c.p, c.k); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("P(X > %g) of %g at %g: %g, want %g", c.k, c.n, c.p, got, c.want)
		}
	}
}

func TestSpreadKnee(t *testing.T) {
	// At 4 shards, 3 800/s: a shard's second has mean 950 and deviation 26.7, so
	// 1 000 is 1.9 of them away: P ≈ 0.03, seven shard-seconds in a minute.
	if n := overruns(3800, 4, 1000) * 60; n < 6 || n > 8 {
		t.Errorf("%g shard-seconds over the limit in a minute at 3 800/s", n)
	}
	got := SpreadKnee(base, time.Minute)
	if over := overruns(got, 4, 1000) * 60; got > 3660 || got < 3600 || math.Abs(over-fewOverruns) > 0.005 {
		t.Errorf("knee at %g/s, where %g shard-seconds are expected", got, over)
	}
	one := base
	one.Shards = 1
	if got := SpreadKnee(one, time.Hour); math.Abs(got-1000) > 1 {
		t.Errorf("one shard has no spread: %g/s", got)
	}
}

func TestSpreadKneeFallsWithTheWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := base
		c.Shards = rapid.IntRange(1, 64).Draw(rt, "shards")
		c.RecordBytes = rapid.Float64Range(100, 20_000).Draw(rt, "bytes")
		short, long := SpreadKnee(c, 10*time.Second), SpreadKnee(c, time.Hour)
		even := Limits(c)[0].Rate
		if long > short || short > even+1 && Limits(c)[0].Resource != quota.Lanes {
			rt.Fatalf("10 s: %g, 1 h: %g, even keys: %g", short, long, even)
		}
	})
}
