package advice

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/price"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the difference before you keep it")

// What was run carries its rate: the advice keeps it but for a shard too many
// and for the handling of failures.
func TestGive(t *testing.T) {
	a := give(t, madeRun(), Ask{})
	want := Config{
		Mode: price.Provisioned, Shards: 1, RetentionHours: 24,
		BatchSize: 100, Parallelization: 1, RetryAttempts: 2, Bisect: true, MaxAgeSeconds: 12 * 3600, OnFailure: true,
		MemoryMB: 512, TimeoutSeconds: 3,
	}
	if diff := cmp.Diff(want, a.Config); diff != "" {
		t.Error(diff)
	}
	// One lane: 100 records ÷ 0.12 s, and 1 000 records/s into one shard.
	if a.Rate != 100 || !near(a.Knee.Rate, 100/0.12) || !near(a.Predicted.Drain, 100/0.12-100) {
		t.Errorf("rate %g, knee %g, drain %g", a.Rate, a.Knee.Rate, a.Predicted.Drain)
	}
	// A second's 100 records come in one batch, or with one more than the batch
	// holds in two, which is a little under half of the time.
	if p := a.Predicted; p.RecordsPerInvocation < 65 || p.RecordsPerInvocation > 70 || p.BilledMillis < 85 || p.BilledMillis > 90 {
		t.Errorf("%+v", p)
	}
	if len(a.Caveats) != 0 {
		t.Error(a.Caveats)
	}
	for _, s := range a.Settings {
		if s.Why == "" || s.Change != (s.Found != s.Recommended) {
			t.Errorf("%+v", s)
		}
	}
}

// Ten times the rate: 1 250 records/s with the headroom take more than one
// shard, and the lane of each carries 100 ÷ 0.12 s = 833/s.
func TestGiveForAHigherRate(t *testing.T) {
	a := give(t, madeRun(), Ask{Rate: 1000})
	c := a.Config
	if c.Shards != 2 || c.Parallelization != 1 {
		t.Errorf("%+v", c)
	}
	if a.Knee.Rate < 1250 || a.Predicted.LatencyP99Millis >= 2000 {
		t.Errorf("knee %g, latency %g", a.Knee.Rate, a.Predicted.LatencyP99Millis)
	}
	if len(a.Caveats) != 1 || !strings.Contains(a.Caveats[0], "beyond twice the highest rate") {
		t.Error(a.Caveats)
	}
}

func TestShards(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rate   float64
		change func(*measured)
		want   int
	}{
		{"by records", 700, nil, 1},                                       // 875 ÷ 1 000
		{"by records, two", 1500, nil, 2},                                 // 1 875 ÷ 1 000; 750 ± 19 a shard
		{"by bytes", 200, func(m *measured) { m.recordBytes = 10240 }, 3}, // 250 ÷ 102.4
		{"limits of a twentieth", 120, func(m *measured) { m.pipeline.ShardLimitFactor = 0.05 }, 5},
		{"keys dealt", 120, func(m *measured) { m.pipeline.ShardLimitFactor, m.keys.Spec = 0.05, "per-shard" }, 3}, // 150 ÷ 50
		// 30 % under one key: 1 250 × (0.3 + 0.7 ÷ 2) = 812
		{"hot key", 1000, func(m *measured) { m.hot = &judge.HotShard{Share: 65, Even: 50, Key: "k", KeyShare: 30} }, 2},
		// Keys that fall on one shard by a factor of 1.5: 1 250 × 1.5 ÷ 2 = 937
		{"uneven", 1000, func(m *measured) { m.hot = &judge.HotShard{Share: 75, Even: 50} }, 2},
	} {
		m := of(t, madeRun(), tt.rate)
		if tt.change != nil {
			tt.change(&m)
		}
		if got, problem := m.shards(); got != tt.want || problem != "" {
			t.Errorf("%s: %d shards, want %d; %s", tt.name, got, tt.want, problem)
		}
	}
	m := of(t, madeRun(), 4000)
	m.hot = &judge.HotShard{Share: 65, Even: 50, Key: "k", KeyShare: 30} // 5 000 × 0.3 = 1 500
	if _, problem := m.shards(); !strings.Contains(problem, "key k alone has 30.0 %") {
		t.Error(problem)
	}
}

// A window that keeps records longer than their latency may be goes, however
// much it saves; one that doesn't stays.
func TestWindowFollowsTheLatency(t *testing.T) {
	d := madeRun()
	d.Run.Pipeline.BatchingWindow = 5 * time.Second
	if c := give(t, d, Ask{}).Config; c.WindowSeconds != 0 {
		t.Errorf("window %d s for a limit of 2 s", c.WindowSeconds)
	}
	d.Run.Test.Targets = plan.DefaultTargets
	d.Run.Test.Targets.RecordLatency = time.Minute
	if c := give(t, d, Ask{}).Config; c.WindowSeconds < 5 {
		t.Errorf("window %d s for a limit of a minute", c.WindowSeconds)
	}
	d.Run.Test.Targets.RecordLatency = 500 * time.Millisecond
	if a := give(t, d, Ask{}); !a.Config.FanOut || a.Predicted.LatencyP99Millis >= 500 {
		t.Errorf("for a limit of half a second: fan-out %t, %g ms", a.Config.FanOut, a.Predicted.LatencyP99Millis)
	}
}

// A batch that takes longer than the target's share of the timeout needs a
// longer one: (2 000 + 20 + 100 + 10 ms) × 1.25 ÷ 0.5 = 5.3 s.
func TestTimeout(t *testing.T) {
	d := madeRun()
	for _, p := range d.Series {
		p.V[metrics.DurationAvg] += 2000
		p.V[metrics.DurationMax] += 2000
	}
	d.Run.Test.Targets = plan.DefaultTargets
	d.Run.Test.Targets.RecordLatency = 20 * time.Second
	if c := give(t, d, Ask{Rate: 10}).Config; c.TimeoutSeconds != 6 {
		t.Errorf("timeout %d s", c.TimeoutSeconds)
	}
}

func TestRetries(t *testing.T) {
	for failed, want := range map[float64]int{0: 2, 1: 6, 10: mostRetries} { // of 20 invocations
		m := of(t, madeRun(), 100)
		m.errorRate = failed / 20
		// 3.9 million batches a month: 0.001^(n+1), 0.05^(n+1), 0.5^(n+1)
		if got := m.retries(m.found()); got != want && !(failed == 1 && got == 5) {
			t.Errorf("%g of 20 failed: %d retries, want %d", failed, got, want)
		}
	}
}

func TestGiveNeedsFigures(t *testing.T) {
	for _, missing := range []string{metrics.Invocations, metrics.IncomingBytes, metrics.DurationAvg} {
		d := madeRun()
		for _, p := range d.Series {
			delete(p.V, missing)
		}
		if _, err := Give(d, judge.Verdict{}, Ask{Prices: price.List()}); !errors.Is(err, ErrNothing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	d := madeRun()
	d.Run.Pipeline.Region = "eu-west-1"
	if _, err := Give(d, judge.Verdict{}, Ask{Prices: price.List()}); err == nil || !strings.Contains(err.Error(), "eu-west-1") {
		t.Errorf("without prices: %v", err)
	}
}

func TestSnippets(t *testing.T) {
	d := madeRun()
	d.Run.Test.Targets = plan.DefaultTargets
	d.Run.Test.Targets.RecordLatency = 500 * time.Millisecond // for fan-out
	d.Run.Pipeline.Stream = `or"${ders}`
	a := give(t, d, Ask{})
	for name, write := range map[string]func(*bytes.Buffer) error{
		"template.yaml": func(b *bytes.Buffer) error { return a.CloudFormation(b) },
		"pipeline.tf":   func(b *bytes.Buffer) error { return a.Terraform(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.String())
		if strings.HasSuffix(name, ".yaml") {
			var template struct {
				Resources map[string]struct{ Type string } `yaml:"Resources"`
			}
			if err := yaml.Unmarshal(b.Bytes(), &template); err != nil || len(template.Resources) != 4+len(a.Alarms) {
				t.Errorf("%d resources, %v", len(template.Resources), err)
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// The flags are what weir run takes; the embedded pipeline's limits stay.
func TestFlags(t *testing.T) {
	d := madeRun()
	d.Run.Pipeline.ShardLimitFactor, d.Run.Pipeline.Concurrency = 0.5, 1
	got := strings.Join(give(t, d, Ask{}).Flags(), " ")
	want := "--shards 1 --batch-size 100 --batching-window 0s --parallelization-factor 1 --memory 512 --timeout 3s --retry-attempts 2 " +
		"--bisect --on-failure-dir on-failure --reserved-concurrency 1 --shard-limit-factor 0.5"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
