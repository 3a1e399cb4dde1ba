package values

import (
	"strings"
	"testing"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

func times(d time.Duration, n int64) *stats.Histogram {
	h := new(stats.Histogram)
	h.RecordN(d, n)
	return h
}

// small is a run of ten seconds at 100 records/s of 500 bytes and two of drain,
// in two points. Of 1 000 offered records the stream refused 40 and took 960.
//
//	                     second 1000   second 1001
//	PutRecords calls          3             1
//	PutRecord calls           0             4
//	GetRecords calls          2             2
//	invocations               6            10
func small() *record.Data {
	start := time.Unix(1000, 0)
	d := &record.Data{Run: record.Run{
		Status: record.Complete, LoadStart: start, LoadEnd: start.Add(10 * time.Second), Ended: start.Add(12 * time.Second),
		Test:  plan.Test{Name: "baseline-500b", Targets: plan.DefaultTargets},
		Steps: []record.Step{{Judged: true, Rate: 100, Start: start, End: start.Add(10 * time.Second)}},
		Pipeline: record.Pipeline{
			Kind: "embedded", Region: "us-east-1", StreamMode: "PROVISIONED", Stream: "s", Shards: 2, ResolutionS: 1,
			Function: "f", FunctionTimeout: 2 * time.Second, FunctionMemoryMB: 128, Mapping: "m",
			BatchSize: 100, Parallelization: 2, MappingEventCount: true, Probe: true,
			ShardMetrics: []string{"IncomingRecords"},
		},
		Reading: record.Reading{MetricCalls: 3, Metrics: 120, LogCalls: 2, LogLines: 32, LogBytes: 4000},
		Reports: &record.Reports{
			Lines: 16, ColdStarts: 2, Billed: 320 * time.Millisecond, MaxMemoryMB: 64,
			Duration: times(15*time.Millisecond, 16), Init: times(200*time.Millisecond, 2),
		},
	}}
	d.Ledger.Closed = true
	d.Ledger.Account = ledger.Account{
		Offered: 1000, Accepted: 960, Processed: 960, Rejected: map[string]int64{"ProvisionedThroughputExceededException": 40},
		Duplicates: ledger.Duplicates{Mapping: 5},
	}
	d.Steps = []record.StepResult{{
		FromDue: times(700*time.Millisecond, 960), FromArrive: times(650*time.Millisecond, 960),
		Put: times(12*time.Millisecond, 8), Lateness: times(3*time.Millisecond, 8),
	}}
	d.Series = []record.Point{
		{T: 1000, V: map[string]float64{
			metrics.IteratorAge: 250, metrics.IncomingRecords: 600, metrics.IncomingBytes: 300_000, metrics.WriteThrottled: 40, metrics.ReadThrottled: 2,
			metrics.PutThrottledRecs: 40, metrics.PutFailedRecs: 1,
			metrics.PutCalls: 3, metrics.PutSuccess: 1, metrics.PutLatencyAvg: 10, metrics.PutLatencyMax: 14,
			metrics.GetCalls: 2, metrics.GetLatencyAvg: 6, metrics.GetLatencyMax: 9, metrics.GetRecordsCount: 600,
			metrics.Invocations: 6, metrics.Errors: 1, metrics.Throttles: 3, metrics.DurationMax: 30, metrics.DurationAvg: 20,
			metrics.Concurrent: 2, metrics.LambdaAgeMax: 800, metrics.LambdaAgeAvg: 300,
			metrics.Polled: 600, metrics.Invoked: 600, metrics.FailedInvoke: 100, metrics.Dropped: 7, metrics.DeadLettered: 3,
			metrics.Backlog: 100, metrics.NotSent: 0, metrics.K6Dropped: 2,
			metrics.ShardIncoming + "shardId-000000000000": 500, metrics.ShardIncoming + "shardId-000000000001": 100,
		}},
		{T: 1001, V: map[string]float64{
			metrics.IteratorAge: 100, metrics.IncomingRecords: 360, metrics.IncomingBytes: 180_000, metrics.WriteThrottled: 0,
			metrics.PutCalls: 1, metrics.PutSuccess: 0, metrics.PutLatencyAvg: 20, metrics.PutLatencyMax: 20,
			metrics.PutOneCalls: 4, metrics.PutOneSuccess: 0.75, metrics.PutOneLatencyAvg: 5, metrics.PutOneLatencyMax: 8,
			metrics.GetCalls: 2, metrics.GetLatencyAvg: 8, metrics.GetLatencyMax: 8, metrics.GetRecordsCount: 360,
			metrics.Invocations: 10, metrics.DurationMax: 40, metrics.DurationAvg: 10,
			metrics.Concurrent: 3, metrics.LambdaAgeMax: 900, metrics.LambdaAgeAvg: 500,
			metrics.Polled: 312, metrics.Invoked: 400,
			metrics.Backlog: 20,
			metrics.ShardIncoming + "shardId-000000000000": 300, metrics.ShardIncoming + "shardId-000000000001": 60,
		}},
		{T: 1011, V: map[string]float64{metrics.Backlog: 0, metrics.IteratorAge: 0}},
	}
	return d
}

// Each of the 33, by the arithmetic beside it.
func TestEveryMetricHasItsValue(t *testing.T) {
	want := map[string]struct {
		value float64
		note  string // contained
	}{
		"K1":  {250, ""},
		"K2":  {960, "shard shardId-000000000000 took 83.3 % (even: 50.0 %)"}, // 800 of 960
		"K3":  {480_000, ""},
		"K4":  {40, ""},
		"K5":  {2, ""},
		"K6":  {41, "throttled 40, failed 1"},
		"K7":  {(3*1 + 1*0 + 4*0.75) / 8, "75 % of 8 calls"},
		"K8":  {(3*10 + 1*20 + 4*5) / 8.0, "maximum 20 ms"},
		"K9":  {(2*6 + 2*8) / 4.0, "maximum 9 ms"},
		"K10": {960, ""},
		"L1":  {40, "2 % of the timeout of 2s; by REPORT lines p50 15"},
		"L2":  {1, "6.25 % of invocations"}, // 1 of 16
		"L3":  {3, ""},
		"L4":  {16, ""},
		"L5":  {3, "of 4: shards"},                                  // 2 × 2
		"L6":  {900, "average 425 ms"},                              // (6 × 300 + 10 × 500) ÷ 16
		"L7":  {200, "cold starts: 2 of 16 invocations (12.5 %)"},   // within the histogram's 0.1 %
		"L8":  {64, "50 % of 128 MB"},                               // 64 ÷ 128
		"E1":  {700, "from arrival p99 650"},                        // within 0.1 %
		"E2":  {912.0 / 960, "912 of 960"},                          // (600 + 312) ÷ 960
		"E3":  {90, "at the end 0"},                                 // 100 - 7 dropped - 3 on the destination
		"E4":  {1000 / 16.0, "62.5 % of the batch size of 100"},     // (600 + 400) ÷ 16
		"E5":  {7, "failed invocations had 100, the on-failure"},    //
		"E6":  {0, "duplicates: by the mapping 5"},                  //
		"E7":  {2, ""},                                              // 1012 - 1010
		"C1":  {2*0.015 + 960*0.014e-6, "1 h of 2 shards"},          // a begun hour; a unit for each record
		"C2":  {16*0.2e-6 + 16*0.020*0.125*0.0000166667, "20 ms"},   // 320 ms ÷ 16 billed, 128 MB
		"C3":  {0, "USD for 960 records"},                           // (C1 + C2 + C4) ÷ 960 × 10⁶: below
		"C4":  {120*0.00001 + 4e-6*0.5 + 9*0.3/730 + 2*0.3/730, ""}, // 3 + 6 custom metrics and 2 of shards, an hour
		"G1":  {960, "96 % of 1000 offered"},
		"G2":  {12, "of 8 calls"},
		"G3":  {40, "ProvisionedThroughputExceededException 40"},
		"G4":  {0, "dropped iterations 2"},
	}
	c3 := want["C3"]
	c3.value = (want["C1"].value + want["C2"].value + want["C4"].value) / 960 * 1e6
	want["C3"] = c3

	all := Of(small())
	if len(all) != 33 || len(want) != 33 {
		t.Fatalf("%d figures and %d expectations, want 33 of each", len(all), len(want))
	}
	for _, f := range all {
		w := want[f.ID]
		switch {
		case f.Value == nil:
			t.Errorf("%s is unknown: %s", f.ID, f.Note)
		case !near(*f.Value, w.value) || !strings.Contains(f.Note, w.note):
			t.Errorf("%s = %g (%s), want %g (…%s)", f.ID, *f.Value, f.Note, w.value, w.note)
		}
	}
}

// near is equality within the histograms' three digits.
func near(a, b float64) bool { return max(a, b)-min(a, b) <= 1.1e-3*max(a, b) }

// What was not seen is unknown, with the reason; a counter is zero only where
// something of the same activity was seen.
func TestWhatIsNotKnown(t *testing.T) {
	without := func(names ...string) func(*record.Data) {
		return func(d *record.Data) {
			for _, p := range d.Series {
				for _, name := range names {
					delete(p.V, name)
				}
			}
		}
	}
	for _, tt := range []struct {
		id     string
		change func(*record.Data)
		known  bool
		value  float64
		note   string
	}{
		{"K1", without(metrics.IteratorAge), false, 0, "no point of GetRecords.IteratorAgeMilliseconds"},
		{"K4", without(metrics.WriteThrottled), true, 0, ""},
		{"K4", without(metrics.WriteThrottled, metrics.IncomingRecords), false, 0, "no point of WriteProvisionedThroughputExceeded"},
		{"K7", without(metrics.PutCalls), true, 0.75, ""}, // PutRecord's alone
		{"L2", without(metrics.Errors), true, 0, ""},
		{"L2", without(metrics.Errors, metrics.Invocations), false, 0, "no point of Errors"},
		{"L2", func(d *record.Data) { d.Run.Pipeline.Function = "" }, false, 0, "there is no function"},
		{"L7", func(d *record.Data) { d.Run.Reports = nil }, false, 0, "no REPORT line"},
		{"L7", func(d *record.Data) { d.Run.Reports.ColdStarts, d.Run.Reports.Init = 0, nil }, true, 0, "cold starts: 0 of 16"},
		{"L8", func(d *record.Data) { d.Run.Reports.MaxMemoryMB = 0 }, false, 0, "has no memory of its own"},
		{"E1", func(d *record.Data) { d.Steps = nil }, false, 0, "no point of the probe's RecordProcessingLatency"},
		{"E2", without(metrics.Polled), false, 0, "nor of the probe's RecordsReceived"},
		{"E2", without(metrics.IncomingRecords), false, 0, "no point of IncomingRecords"},
		{"E3", without(metrics.Backlog), false, 0, "what was processed is not known"},
		{"E5", func(d *record.Data) { d.Run.Pipeline.MappingEventCount = false }, false, 0, "EventCount metrics are off"},
		{"E6", func(d *record.Data) { d.Ledger.Unexplained = 3 }, false, 0, "the account is not closed: 3 unexplained"},
		// Of 14 records 10 were given up; those the mapping filters wait for nobody either.
		{"E7", func(d *record.Data) { d.Series[2].V[metrics.Backlog] = 14 }, false, 0, "not drained when the run ended: backlog 4"},
		{"E7", func(d *record.Data) {
			d.Series[1].V[metrics.FilteredOut], d.Series[1].V[metrics.Backlog], d.Series[2].V[metrics.Backlog] = 4, 21, 14
		}, true, 2, ""},
		{"E7", func(d *record.Data) { d.Series[2].V[metrics.IteratorAge] = 1000 }, false, 0, "not drained"}, // over its target
		{"C1", func(d *record.Data) { d.Run.Pipeline.Region = "eu-west-1" }, false, 0, "no price of kinesis/shard-hour for region eu-west-1"},
		{"C2", func(d *record.Data) { d.Run.Pipeline.FunctionMemoryMB = 0 }, false, 0, "memory are not known"},
		// (6 × 20 + 10 × 10) ÷ 16 = 13.75 ms, billed as 14
		{"C2", func(d *record.Data) { d.Run.Reports = nil }, true, 16*0.2e-6 + 16*0.014*0.125*0.0000166667, "without cold starts"},
		{"G1", func(d *record.Data) { d.Run.Watched = true }, false, 0, "the load was not weir's"},
		{"G2", func(d *record.Data) { d.Steps = nil }, false, 0, "no call was answered"},
	} {
		d := small()
		tt.change(d)
		for _, f := range Of(d) {
			if f.ID != tt.id {
				continue
			}
			if (f.Value != nil) != tt.known || tt.known && !near(*f.Value, tt.value) || !strings.Contains(f.Note, tt.note) {
				t.Errorf("%s: %+v, want known %t, %g, …%s", tt.id, f, tt.known, tt.value, tt.note)
			}
			if strings.HasSuffix(f.Source, " ") {
				t.Errorf("%s: the source %q ends in the middle", tt.id, f.Source)
			}
		}
	}
}

func TestAdvice(t *testing.T) {
	d := small()
	if got := Advice(d); len(got) != 0 {
		t.Errorf("advice where all is on: %v", got)
	}
	d.Run.Pipeline.MappingEventCount, d.Run.Pipeline.ShardMetrics = false, nil
	got := strings.Join(Advice(d), "\n")
	// 6 × 0.30; 3 metrics × 2 shards × 0.30
	for _, part := range []string{"--uuid m --metrics-config Metrics=EventCount (1.80 USD a month", "--stream-name s", "(1.80 USD a month for 2 shards)"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q does not say %q", got, part)
		}
	}
}
