package values_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/observe"
	"weir/internal/pipeline"
	"weir/internal/pipeline/local"
	"weir/internal/record"
	"weir/internal/values"
)

// broken is an embedded pipeline with something wrong, which somebody else
// loads: 200 records of 100 bytes in four calls.
type broken struct {
	name   string
	change func(*local.Options)
	order  string           // a fault, ordered before the load
	key    func(int) string // of record i; nil: its own
	shards bool             // shard-level metrics are on
	done   map[string]func(float64) bool
	moved  map[string]func(float64) bool // what must have moved, and how far
}

func is(want float64) func(float64) bool     { return func(v float64) bool { return v == want } }
func above(least float64) func(float64) bool { return func(v float64) bool { return v > least } }

// What is broken moves the metrics that tell of it, and a sound pipeline none of
// them: read by the same client as an account's.
func TestBrokenPipelinesMoveTheRightMetrics(t *testing.T) {
	sound := map[string]func(float64) bool{
		"K2": is(200), "K4": is(0), "K5": is(0), "K6": is(0), "K7": is(1), "K10": is(200),
		"L2": is(0), "L3": is(0), "E2": is(1), "E5": is(0),
	}
	all := is(200)
	for _, tt := range []broken{
		{name: "sound", done: map[string]func(float64) bool{"E2": is(1), "L4": above(0)}, moved: sound},
		{
			name: "every invocation fails, and is tried once", change: func(o *local.Options) { o.Work.ErrorRate, o.RetryAttempts = 1, 0 },
			done:  map[string]func(float64) bool{"E5": all},
			moved: map[string]func(float64) bool{"L2": above(0), "E5": all, "K10": all}, // dropped
		},
		{
			name: "half of the records are throttled", order: "throttle=0.5@0s",
			done:  map[string]func(float64) bool{"E2": is(1)},
			moved: map[string]func(float64) bool{"K4": above(60), "K6": above(60), "K2": func(v float64) bool { return v < 140 }},
		},
		{
			name: "a slow function", change: func(o *local.Options) { o.Work.PerBatch = 300 * time.Millisecond },
			done:  map[string]func(float64) bool{"E2": is(1), "L4": above(3)},
			moved: map[string]func(float64) bool{"L1": above(299), "E1": above(299), "C2": above(0)},
		},
		{
			name: "one hot shard", key: func(int) string { return "same" }, shards: true,
			done:  map[string]func(float64) bool{"E2": is(1)},
			moved: map[string]func(float64) bool{"K2": all},
		},
		{
			name: "no concurrency to spare", change: func(o *local.Options) { o.Concurrency, o.Work.PerBatch = 1, 150*time.Millisecond },
			done:  map[string]func(float64) bool{"L3": above(0)},
			moved: map[string]func(float64) bool{"L3": above(0), "L5": is(1)},
		},
		{
			// The shards keep no more than a few records: what the stalled mapping has
			// not read when the next come is gone.
			name: "small retention", change: func(o *local.Options) { o.RetainBytes = 8 << 10 }, order: "pause-shard:0=reads@0s+700ms",
			key:   func(int) string { return "same" },
			done:  map[string]func(float64) bool{"K10": above(0)},
			moved: map[string]func(float64) bool{"E2": func(v float64) bool { return v < 1 }, "K2": all},
		},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.play(t) })
	}
}

func (b broken) play(t *testing.T) {
	o := local.Defaults()
	o.Profile, o.Shards = local.InstantProfile, 2
	o.Work.PerBatch, o.Work.PerRecord, o.BatchSize = time.Millisecond, 0, 25
	if b.change != nil {
		b.change(&o)
	}
	p, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if b.order != "" {
		if _, err := p.Order(b.order); err != nil {
			t.Fatal(err)
		}
	}
	a := p.Address()
	a.Settle = 0
	if b.shards {
		enable(t, a)
	}
	from := time.Now().Truncate(time.Minute)
	b.load(t, a)
	b.await(t, a, from)
}

func enable(t *testing.T, a pipeline.Address) {
	t.Helper()
	_, err := a.Clients().Kinesis.EnableEnhancedMonitoring(t.Context(), &kinesis.EnableEnhancedMonitoringInput{
		StreamName: &a.Stream, ShardLevelMetrics: []types.MetricsName{types.MetricsNameIncomingRecords},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b broken) load(t *testing.T, a pipeline.Address) {
	t.Helper()
	key := b.key
	if key == nil {
		key = func(i int) string { return fmt.Sprint("key-", i) }
	}
	client := a.Clients().Kinesis
	for call := range 4 {
		var entries []types.PutRecordsRequestEntry
		for i := range 50 {
			entries = append(entries, types.PutRecordsRequestEntry{Data: make([]byte, 100), PartitionKey: new(key(50*call + i))})
		}
		if _, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: &a.Stream, Records: entries}); err != nil {
			t.Fatal(err)
		}
	}
}

// await reads the window until what marks the end is there, and then looks.
func (b broken) await(t *testing.T, a pipeline.Address, from time.Time) {
	t.Helper()
	var d *record.Data
	var got map[string]values.Figure
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var err error
		if d, err = observe.Window(t.Context(), a, from, time.Now().Add(time.Minute).Truncate(time.Minute), true); err != nil {
			t.Fatal(err)
		}
		got = map[string]values.Figure{}
		for _, f := range values.Of(d) {
			got[f.ID] = f
		}
		if holds(got, b.done) == "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 20 s still not: %s", holds(got, b.done))
		}
	}
	if wrong := holds(got, b.moved); wrong != "" {
		t.Error(wrong)
	}
	if want := "took 100.0 % (even: 50.0 %)"; b.shards && got["K2"].Note[len(got["K2"].Note)-len(want):] != want {
		t.Errorf("K2: %s", got["K2"].Note)
	}
}

// holds names the first metric that is not as wanted.
func holds(got map[string]values.Figure, wanted map[string]func(float64) bool) string {
	for id, holds := range wanted {
		switch f := got[id]; {
		case f.Value == nil:
			return fmt.Sprintf("%s is unknown: %s", id, f.Note)
		case !holds(*f.Value):
			return fmt.Sprintf("%s = %g (%s)", id, *f.Value, f.Note)
		}
	}
	return ""
}
