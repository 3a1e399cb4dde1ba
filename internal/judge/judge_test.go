package judge

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// The run of these tests: two judged steps of 10 s at 100 and 200 records/s
// from second 1000, then 3 s of drain.
//
//	second      1000 … 1009   1010 … 1019   1020 … 1022
//	step        0             1             (its drain)
//	offered     100 a second  200 a second  0
//	invocations 4 a second    8 a second    0
const t0 = 1000

func healthy() *record.Data {
	d := &record.Data{Run: record.Run{
		Format: 1, ID: "run", Test: plan.Test{Name: "baseline-500b"}, Status: record.Complete,
		Pipeline: record.Pipeline{
			Kind: "embedded", Profile: "aws", ResolutionS: 1, Stream: "s", Shards: 1,
			Function: "f", FunctionTimeout: 3 * time.Second, MappingEventCount: true, Probe: true,
		},
	}}
	d.Ledger.Closed = true
	for i, rate := range []float64{100, 200} {
		from := time.Unix(int64(t0+10*i), 0).UTC()
		d.Run.Steps = append(d.Run.Steps, record.Step{Index: i, Rate: rate, Judged: true, Start: from, End: from.Add(10 * time.Second)})
		n := int64(10 * rate)
		account := ledger.Account{Offered: n, Accepted: n, Processed: n, Attempted: n, Rejected: map[string]int64{}}
		d.Ledger.Steps = append(d.Ledger.Steps, ledger.StepAccount{Step: i, Rate: rate, Account: account})
		d.Steps = append(d.Steps, record.StepResult{
			Index: i, FromDue: times(600*time.Millisecond, n), Put: times(8*time.Millisecond, n), Lateness: times(2*time.Millisecond, n),
		})
		for s := range 10 {
			d.Series = append(d.Series, record.Point{T: int64(t0 + 10*i + s), V: map[string]float64{
				metrics.IncomingRecords: rate, metrics.Polled: rate, metrics.IteratorAge: 0, metrics.GetRecordsCount: rate,
				metrics.Invocations: rate / 25, metrics.DurationMax: 40, metrics.Backlog: rate,
			}})
		}
	}
	for s := range 3 {
		d.Series = append(d.Series, record.Point{T: int64(t0 + 20 + s), V: map[string]float64{metrics.IteratorAge: 0}})
	}
	d.Ledger.Account = ledger.Account{Offered: 3000, Accepted: 3000, Processed: 3000, Attempted: 3000, Rejected: map[string]int64{}}
	return d
}

func times(d time.Duration, n int64) *stats.Histogram {
	h := &stats.Histogram{}
	h.RecordN(d, n)
	return h
}

// set gives a series a value at one second.
func set(d *record.Data, second int64, series string, v float64) {
	i := slices.IndexFunc(d.Series, func(p record.Point) bool { return p.T == second })
	d.Series[i].V[series] = v
}

// without removes a series from all seconds from a moment on.
func without(d *record.Data, series string, from int64) {
	for _, p := range d.Series {
		if p.T >= from {
			delete(p.V, series)
		}
	}
}

func find(t *testing.T, v Verdict, id string) Target {
	t.Helper()
	i := slices.IndexFunc(v.Targets, func(t Target) bool { return t.ID == id })
	if i < 0 {
		t.Fatalf("no target %s", id)
	}
	return v.Targets[i]
}

func TestHealthyRunPasses(t *testing.T) {
	v := Judge(healthy(), Options{})
	if v.Overall != Pass || ExitCode(v) != 0 {
		t.Fatalf("%s: %s", v.Overall, v.Reason)
	}
	var got []string
	for _, target := range v.Targets {
		got = append(got, target.ID+" "+string(target.Verdict)+": "+target.Reason)
	}
	want := []string{
		"iterator_age pass: at most 0 ms behind, limit 1 000 ms",
		"lambda_duration pass: longest invocation 40 ms, limit 1 500 ms (50 % of the timeout of 3 000 ms)",
		"lambda_errors pass: 0 of 120 invocations failed (0 %), limit 0.1 %", // 10 s × 4 + 10 s × 8
		"throttles pass: WriteProvisionedThroughputExceeded 0, ReadProvisionedThroughputExceeded 0, Lambda Throttles 0",
		"throughput_match pass: polled 3 000 of 3 000 incoming records", // 10 s × 100 + 10 s × 200
		"record_latency pass: p99 600 ms over 3 000 records, limit 2 000 ms",
		"ledger pass: 3 000 offered, 3 000 accepted, 0 lost, 0 unexplained",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if k := v.Knee; k.Sustained == nil || *k.Sustained != 200 || k.Unsustained != nil || k.GaveOut != "" {
		t.Errorf("knee %+v", k)
	}
}

// One change to a healthy run, and what becomes of one target.
func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*record.Data)
		id     string
		want   Outcome
		value  float64 // of a known one
		reason string  // contained
	}{
		{
			"age just below the limit", func(d *record.Data) { set(d, t0+3, metrics.IteratorAge, 999) },
			IteratorAge, Pass, 999, "at most 999 ms",
		},
		{
			"age at the limit", func(d *record.Data) { set(d, t0+3, metrics.IteratorAge, 1000) },
			IteratorAge, Fail, 1000, "at most 1 000 ms behind",
		},
		{
			"age of the drain is the last step's", func(d *record.Data) { set(d, t0+22, metrics.IteratorAge, 4000) },
			IteratorAge, Fail, 4000, "",
		},
		{
			"age in the warm-up does not count", func(d *record.Data) {
				d.Run.Steps[0].Warmup = 2 * time.Second
				set(d, t0+1, metrics.IteratorAge, 4000)
			},
			IteratorAge, Pass, 0, "",
		},
		{
			"age missing in the second step", func(d *record.Data) { without(d, metrics.IteratorAge, t0+10) },
			IteratorAge, Unknown, 0, "no point of it for 13 s from 00:16:50 on",
		},
		{
			"Lambda's age stands beside it with its floor", func(d *record.Data) {
				d.Run.Pipeline.BatchingWindow = 2 * time.Second
				set(d, t0+3, metrics.LambdaAgeMax, 2900)
			},
			IteratorAge, Pass, 0, "Lambda's IteratorAge at most 2 900 ms, in health up to about 3 000 ms", // 1 s poll + 2 s window
		},

		{
			"duration at half the timeout", func(d *record.Data) { set(d, t0+3, metrics.DurationMax, 1500) },
			LambdaDuration, Fail, 1500, "longest invocation 1 500 ms, limit 1 500 ms", // 0.5 × 3 000 ms
		},
		{
			"duration without timeout", func(d *record.Data) { d.Run.Pipeline.FunctionTimeout = 0 },
			LambdaDuration, Unknown, 40, "timeout is not known",
		},
		{
			"duration missing", func(d *record.Data) { without(d, metrics.DurationMax, 0) },
			LambdaDuration, Unknown, 0, "no point of Duration",
		},

		{
			"one error of 120", func(d *record.Data) { set(d, t0+3, metrics.Errors, 1) },
			LambdaErrors, Fail, 100.0 / 120, "1 of 120 invocations failed (0.833 %)",
		},
		{
			// 1 of 40 in the first step, 0 of 19 960 in the second: 0.005 % of all.
			"an error in one step is not diluted by the other", func(d *record.Data) {
				set(d, t0+3, metrics.Errors, 1)
				set(d, t0+13, metrics.Invocations, 19960-9*8)
			},
			LambdaErrors, Fail, 0.005, "step 100 records/s: 1 of 40 invocations failed (2.5 %)",
		},
		{
			"no invocations", func(d *record.Data) { without(d, metrics.Invocations, 0) },
			LambdaErrors, Unknown, 0, "no invocation in the window",
		},

		{
			"writes refused", func(d *record.Data) {
				set(d, t0+13, metrics.WriteThrottled, 15000)
				set(d, t0+14, metrics.WriteThrottled, 893)
			},
			Throttles, Fail, 15893, "WriteProvisionedThroughputExceeded 15 893, ReadProvisionedThroughputExceeded 0, Lambda Throttles 0",
		},
		{
			"writes refused as the generator was told", func(d *record.Data) { set(d, t0+13, metrics.Throttled, 7) },
			Throttles, Fail, 7, "WriteProvisionedThroughputExceeded 7",
		},
		{
			"reads refused", func(d *record.Data) { set(d, t0+13, metrics.ReadThrottled, 2) },
			Throttles, Fail, 2, "ReadProvisionedThroughputExceeded 2",
		},
		{
			"invocations refused", func(d *record.Data) { set(d, t0+13, metrics.Throttles, 3) },
			Throttles, Fail, 3, "Lambda Throttles 3",
		},
		{
			"a counter whose activity was not seen is unknown", func(d *record.Data) { without(d, metrics.Invocations, 0) },
			Throttles, Unknown, 0, "Lambda Throttles unknown",
		},
		{
			"a known refusal fails beside an unknown one", func(d *record.Data) {
				without(d, metrics.Invocations, 0)
				set(d, t0+13, metrics.WriteThrottled, 1)
			},
			Throttles, Fail, 1, "WriteProvisionedThroughputExceeded 1",
		},

		{
			"polled three too few of 3 000", func(d *record.Data) { set(d, t0+3, metrics.Polled, 97) },
			ThroughputMatch, Pass, 0.999, "polled 2 997 of 3 000", // 1 - 0.999 = the tolerance
		},
		{
			"polled four too few of 3 000", func(d *record.Data) {
				set(d, t0+3, metrics.Polled, 96)
				d.Ledger.Processed, d.Ledger.InFlight = 2996, 4
			},
			ThroughputMatch, Fail, 2996.0 / 3000, "polled 2 996",
		},
		{
			"the drain makes up for a late poll", func(d *record.Data) {
				set(d, t0+19, metrics.Polled, 0)
				set(d, t0+22, metrics.Polled, 200)
			},
			ThroughputMatch, Pass, 1, "",
		},
		{
			"polled twice", func(d *record.Data) { set(d, t0+3, metrics.Polled, 200) },
			ThroughputMatch, Unknown, 3100.0 / 3000, "may count a polled record again",
		},
		{
			"event counts are off", func(d *record.Data) {
				without(d, metrics.Polled, 0)
				d.Run.Pipeline.MappingEventCount = false
			},
			ThroughputMatch, Unknown, 0, "switch on its EventCount metrics",
		},
		{
			"event counts are late", func(d *record.Data) { without(d, metrics.Polled, 0) },
			ThroughputMatch, Unknown, 0, "no point of PolledEventCount",
		},
		{
			"nothing came in", func(d *record.Data) { without(d, metrics.IncomingRecords, 0) },
			ThroughputMatch, Unknown, 0, "no point of IncomingRecords",
		},

		{
			// 16 of 1 000 records are slow: more than 1 % of the first step, so its
			// p99 fails; of all 3 000 they are 0.5 %, and the merged p99 is 600 ms.
			"slow records of one step are not diluted", func(d *record.Data) {
				d.Steps[0].FromDue = times(600*time.Millisecond, 984)
				d.Steps[0].FromDue.RecordN(3*time.Second, 16)
			},
			RecordLatency, Fail, 600, "step 100 records/s: p99 3 000 ms over 1 000 records",
		},
		{
			"no record was seen", func(d *record.Data) { d.Steps = nil },
			RecordLatency, Unknown, 0, "no record with a token was seen processed",
		},
		{
			"a script's own records", func(d *record.Data) { d.Steps, d.Ledger.NoToken = nil, d.Ledger.Accepted },
			RecordLatency, Unknown, 0, "no record carries a token, so that when each was due is not known: Stream of k6/x/kinesis puts records with one, and --judge capacity judges without latency",
		},

		{
			"a lost record", func(d *record.Data) {
				for _, a := range []*ledger.Account{&d.Ledger.Account, &d.Ledger.Steps[0].Account} {
					a.Processed, a.Lost, a.LostIDs = a.Processed-1, 1, []ledger.ID{{Producer: 3, Sequence: 421}}
				}
			},
			Ledger, Fail, 1, "1 of 3 000 accepted records are lost: producer 3 sequence 421",
		},
		{
			"records that the mapping gave up", func(d *record.Data) { d.Ledger.Processed, d.Ledger.Expired = 2988, 12 },
			Ledger, Fail, 0, "12 of 3 000 accepted records were never processed",
		},
		{
			"an unexplained record", func(d *record.Data) {
				d.Ledger.Processed, d.Ledger.Unexplained, d.Ledger.Reasons = 2999, 1, []string{"log lines of shard 0 are missing"}
			},
			Ledger, Unknown, 0, "1 records are unexplained: log lines of shard 0 are missing",
		},
		{
			"sums that disagree", func(d *record.Data) { d.Ledger.Processed = 2990 },
			Ledger, Unknown, 0, "the account's sums disagree",
		},
		{
			"an open account", func(d *record.Data) { d.Ledger.Closed = false },
			Ledger, Unknown, 0, "the account was not closed",
		},
		{
			"a run that ended before its drain", func(d *record.Data) {
				d.Run.Status = record.Running
				for _, p := range d.Series {
					delete(p.V, metrics.Polled)
				}
				d.Series[0].V[metrics.Polled] = 1
			},
			ThroughputMatch, Unknown, 1.0 / 3000, "before its drain",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := healthy()
			tt.change(d)
			v := Judge(d, Options{})
			got := find(t, v, tt.id)
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s, %s; want %s, …%s", got.Verdict, got.Reason, tt.want, tt.reason)
			}
			if got.Value != nil && !near(*got.Value, tt.value) {
				t.Errorf("value %v, want %v", *got.Value, tt.value)
			}
			if got.Value == nil && tt.want != Unknown {
				t.Error("a known verdict without value")
			}
			if v.Overall != tt.want {
				t.Errorf("overall %s (%s), want the changed target's %s", v.Overall, v.Reason, tt.want)
			}
		})
	}
}

// near is equality within the histograms' three digits.
func near(a, b float64) bool { return a-b <= 1e-3*b+1e-9 && b-a <= 1e-3*b+1e-9 }

func TestExitCodes(t *testing.T) {
	for o, want := range map[Outcome]int{Pass: 0, Fail: 99, Unknown: 98, "": 98} {
		if got := ExitCode(Verdict{Overall: o}); got != want {
			t.Errorf("%q: %d, want %d", o, got, want)
		}
	}
}

func TestTargetsAreTheAskedOnesOrTheTests(t *testing.T) {
	d := healthy()
	d.Run.Test.Targets = plan.Targets{IteratorAge: time.Second, DurationShare: 0.01, ErrorRate: 0.1, RecordLatency: time.Second}
	// 1 % of 3 000 ms is 30 ms, and the function took 40 ms.
	if got := find(t, Judge(d, Options{}), LambdaDuration).Verdict; got != Fail {
		t.Errorf("by the test's targets: %s", got)
	}
	if got := find(t, Judge(d, Options{Targets: plan.DefaultTargets}), LambdaDuration).Verdict; got != Pass {
		t.Errorf("by the asked targets: %s", got)
	}
}

func TestRunsThatDidNotEndByThemselves(t *testing.T) {
	for _, tt := range []struct {
		status  record.Status
		overall Outcome
		note    string
	}{
		{record.Running, Pass, "cut short"},
		{record.Interrupted, Pass, "ended early (disk full)"},
		{record.Failed, Unknown, "failed (disk full)"}, // part of what it was to do was never done
	} {
		d := healthy()
		d.Run.Status, d.Run.Reason = tt.status, "disk full"
		v := Judge(d, Options{})
		if v.Overall != tt.overall || len(v.Notes) != 1 || !strings.Contains(v.Notes[0], tt.note) {
			t.Errorf("%s: %s, notes %q", tt.status, v.Overall, v.Notes)
		}
	}
}

// What kill -9 leaves: no steps.json, no ledger.json, a step without end.
func TestRunCutShortIsJudgedOnWhatThereIs(t *testing.T) {
	d := healthy()
	d.Run.Status, d.Steps, d.Ledger = record.Running, nil, ledger.Report{}
	d.Run.Steps[1].End = time.Time{}
	for i := range 20 {
		set(d, int64(t0+i), metrics.Offered, 100)
		set(d, int64(t0+i), metrics.Accepted, 100)
	}
	v := Judge(d, Options{})
	if v.Overall != Unknown {
		t.Errorf("%s: %s", v.Overall, v.Reason)
	}
	if got := find(t, v, LambdaErrors).Verdict; got != Pass {
		t.Errorf("errors were seen to the last point: %s", got)
	}
	// Offered from the series: 10 s × 100 each.
	if v.Steps[1].Offered != 1000 || v.Steps[1].Window[1].Unix() != t0+23 {
		t.Errorf("%+v", v.Steps[1])
	}
}

func TestScriptsOwnFindings(t *testing.T) {
	d := healthy()
	d.Run.K6Exceptions = 2
	if v := Judge(d, Options{}); v.Overall != Fail || !strings.Contains(v.Reason, "2 iterations of the script threw") {
		t.Errorf("exceptions: %s, %s", v.Overall, v.Reason)
	}
	d = healthy()
	d.Run.K6Exit = 99
	if v := Judge(d, Options{}); v.Overall != Fail || v.Reason != "thresholds of the script failed" {
		t.Errorf("thresholds: %s, %s", v.Overall, v.Reason)
	}
}

// A threshold that could not be told is not passed, and does not hide one that
// failed.
func TestThresholdsOfAScript(t *testing.T) {
	passed := record.Threshold{Metric: "checks", Source: "rate==1", Value: 1, Passed: true}
	unknown := record.Threshold{Metric: "own_trend", Source: "p(95)<5", Reason: "no data"}
	failed := record.Threshold{Metric: "kinesis_put_duration", Source: "p(99)<5", Value: 7.25}
	for _, tt := range []struct {
		of     []record.Threshold
		want   Outcome
		reason string
	}{
		{[]record.Threshold{passed}, Pass, ""},
		{[]record.Threshold{passed, unknown}, Unknown, "threshold own_trend p(95)<5: no data"},
		{[]record.Threshold{unknown, failed}, Fail, "threshold kinesis_put_duration p(99)<5: 7.25"},
	} {
		d := healthy()
		d.Run.Thresholds = tt.of
		if v := Judge(d, Options{}); v.Overall != tt.want || tt.reason != "" && v.Reason != tt.reason {
			t.Errorf("%v: %s, %s; want %s, %s", tt.of, v.Overall, v.Reason, tt.want, tt.reason)
		}
	}
}

func TestNoStepNoVerdict(t *testing.T) {
	v := Judge(&record.Data{Run: record.Run{Format: 1}}, Options{})
	if v.Overall != Unknown || v.Reason != "no judged step was carried out" {
		t.Errorf("%s, %s", v.Overall, v.Reason)
	}
	for _, target := range v.Targets {
		if target.Verdict == Pass {
			t.Errorf("%s passes without data: %s", target.ID, target.Reason)
		}
	}
}

// The keys that users' programs read.
func TestJSONKeys(t *testing.T) {
	data, err := json.Marshal(Judge(healthy(), Options{}))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Run, Test, Pipeline, Profile, Overall *string
		Targets                               []map[string]any
		Steps                                 []map[string]any
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Run == nil || got.Test == nil || got.Pipeline == nil || got.Profile == nil || got.Overall == nil {
		t.Errorf("a key is missing: %s", data)
	}
	requireKeys(t, got.Targets[0], "id", "verdict", "value", "unit", "limit", "statistic", "source", "resolution_s", "window", "reason")
	requireKeys(t, got.Steps[0], "rate", "judged", "sustained", "reason", "offered", "accepted", "e2e_ms")
	requireKeys(t, got.Steps[0]["e2e_ms"].(map[string]any), "p50", "p99", "max")
	if diff := cmp.Diff([]any{"1970-01-01T00:16:40Z", "1970-01-01T00:17:03Z"}, got.Targets[0]["window"]); diff != "" {
		t.Error(diff) // 1 000 s and 1 023 s after the epoch
	}
}

func requireKeys(t *testing.T, m map[string]any, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if _, ok := m[k]; !ok {
			t.Errorf("no key %q in %v", k, m)
		}
	}
}

// Who reads a pass by targets that somebody loosened is told so.
func TestTargetsOfOnesOwnAreNamed(t *testing.T) {
	loose := plan.DefaultTargets
	loose.RecordLatency = time.Minute
	for name, tt := range map[string]struct {
		test    plan.Targets
		options Options
		want    string
	}{
		"weir's own":           {plan.DefaultTargets, Options{}, ""},
		"none in the record":   {plan.Targets{}, Options{}, ""},
		"of the test":          {loose, Options{}, "processed < 1m0s"},
		"when judged again":    {plan.DefaultTargets, Options{Targets: loose}, "processed < 1m0s"},
		"back to weir's own":   {loose, Options{Targets: plan.DefaultTargets}, ""},
		"where none of counts": {loose, Options{Capacity: true}, ""},
	} {
		for _, watched := range []bool{false, true} {
			d := healthy()
			d.Run.Test.Targets, d.Run.Watched = tt.test, watched
			if watched && tt.options.Capacity {
				continue // a window has nothing else
			}
			notes := Judge(d, tt.options).Notes
			if told := len(notes) > 0; told != (tt.want != "") || told && !strings.Contains(notes[0], tt.want) {
				t.Errorf("%s, watched %v: notes %q, want %q", name, watched, notes, tt.want)
			}
		}
	}
}
