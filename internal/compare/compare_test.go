package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// behaviour is what a run of these tests shows: one judged step of 60 s at
// 100 records/s.
type behaviour struct {
	duration float64 // ms
	jitter   float64 // of a second's duration, ms
	failed   float64 // invocations a second, of 4
}

// runOf is the n-th run of a pipeline that behaves so.
func runOf(n int, b behaviour) *record.Data {
	random := rand.New(rand.NewPCG(uint64(n), 99))
	start := time.Unix(1_000_000+int64(1000*n), 0).UTC()
	step := plan.Step{Rate: 100, Duration: time.Minute, Judged: true}
	d := &record.Data{Run: record.Run{
		ID: fmt.Sprintf("run-%02d", n), Test: plan.Test{Name: "t", Steps: []plan.Step{step}}, Status: record.Complete, Started: start,
		Pipeline: record.Pipeline{Kind: "embedded", Profile: "aws", ResolutionS: 1, Shards: 1, FunctionTimeout: 3 * time.Second},
		Steps:    []record.Step{{Rate: 100, Judged: true, Start: start, End: start.Add(time.Minute)}},
	}}
	account := ledger.Account{Offered: 6000, Accepted: 6000, Processed: 6000, Rejected: map[string]int64{}}
	d.Ledger = ledger.Report{Account: account, Closed: true, Steps: []ledger.StepAccount{{Account: account}}}
	d.Steps = []record.StepResult{{FromDue: &stats.Histogram{}, Put: &stats.Histogram{}, Lateness: &stats.Histogram{}}}
	for s := range int64(60) {
		took := b.duration + b.jitter*random.NormFloat64()
		d.Steps[0].FromDue.RecordN(time.Duration((500+took)*float64(time.Millisecond)), 100)
		d.Steps[0].Put.RecordN(8*time.Millisecond, 10)
		d.Series = append(d.Series, record.Point{T: start.Unix() + s, V: map[string]float64{
			metrics.Offered: 100, metrics.Accepted: 100, metrics.Processed: 100, metrics.IncomingRecords: 100, metrics.GetRecordsCount: 100,
			metrics.Calls: 10, metrics.PutP99: 8, metrics.E2EP50: 500 + took, metrics.E2EP99: 500 + took, metrics.IteratorAge: 0,
			metrics.Invocations: 4, metrics.Invoked: 100, metrics.Errors: b.failed,
			metrics.DurationP50: took, metrics.DurationP99: took, metrics.DurationMax: took,
		}})
	}
	return d
}

// runsOf are n runs from the first on, each a little different by itself.
func runsOf(first, n int, b behaviour) []*record.Data {
	var runs []*record.Data
	for i := range n {
		own := b
		own.duration += 0.1 * float64((i*7)%n)
		runs = append(runs, runOf(first+i, own))
	}
	return runs
}

func metric(t *testing.T, c Comparison, id string) Metric {
	t.Helper()
	i := slices.IndexFunc(c.Metrics, func(m Metric) bool { return m.ID == id })
	if i < 0 {
		t.Fatalf("no metric %s", id)
	}
	return c.Metrics[i]
}

var (
	usual  = behaviour{duration: 50, jitter: 0.5}
	slower = behaviour{duration: 55, jitter: 0.5}
	broken = behaviour{duration: 50, jitter: 0.5, failed: 2}
)

func TestRuns(t *testing.T) {
	for _, tt := range []struct {
		name        string
		base, fresh []*record.Data
		o           Options
		verdict     judge.Outcome
		reason      string
		duration    Result
	}{
		{"groups of a slower function", runsOf(1, 7, usual), runsOf(11, 7, slower), Options{}, judge.Fail, "worse: ", Regression},
		{"groups of a faster one", runsOf(1, 7, slower), runsOf(11, 7, usual), Options{}, judge.Pass, "nothing got worse; changed: ", Improvement},
		{"groups of the same", runsOf(1, 7, usual), runsOf(11, 7, usual), Options{}, judge.Pass, "no difference that these runs could prove", Same},
		{"groups of five can't tell them all", runsOf(1, 5, usual), runsOf(11, 5, slower), Options{}, judge.Unknown, "nothing could be told", Unknown},
		{"and can tell one", runsOf(1, 5, usual), runsOf(11, 5, slower), Options{Metrics: []string{"duration_p50"}}, judge.Fail, "worse: Duration p50", Regression},
		{"groups too small", runsOf(1, 2, usual), runsOf(11, 7, slower), Options{Metrics: []string{"duration_p50"}}, judge.Unknown, "2 against 7 runs are too few", ""},
		{"one against one, 10 % slower", runsOf(1, 1, usual), runsOf(11, 1, slower), Options{}, judge.Fail, "worse: Duration p50, Duration p99", Regression},
		{"one against one, 2 % slower", runsOf(1, 1, usual), runsOf(11, 1, behaviour{duration: 51, jitter: 0.2}), Options{}, judge.Pass, "no difference", Same},
		// Seven repeats differ by 0.2 ms (standard deviation); 1 ms is five of them,
		// and t(0.995; 6) = 3.7 times 0.2·√2 reaches 1.05: not told. Three times that is.
		{"one against one with repeats, within their spread", runsOf(1, 1, usual), runsOf(11, 1, behaviour{duration: 50.3, jitter: 0.2}), Options{Repeats: runsOf(21, 7, usual)}, judge.Pass, "no difference", Same},
		{"one against one with repeats, 6 % slower", runsOf(1, 1, usual), runsOf(11, 1, behaviour{duration: 53, jitter: 0.2}), Options{Repeats: runsOf(21, 7, usual)}, judge.Fail, "worse: ", Regression},
		{"one against a group, which shows the spread", runsOf(1, 7, usual), runsOf(11, 1, slower), Options{}, judge.Fail, "worse: ", Regression},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Runs(tt.base, tt.fresh, tt.o)
			if c.Verdict != tt.verdict || !strings.HasPrefix(c.Reason, tt.reason) {
				t.Errorf("%s: %s, want %s: %s…", c.Verdict, c.Reason, tt.verdict, tt.reason)
			}
			if tt.duration == "" {
				return
			}
			if m := metric(t, c, "duration_p50"); m.Result != tt.duration || m.Reason == "" {
				t.Errorf("Duration p50 %s (%s), want %s", m.Result, m.Reason, tt.duration)
			}
		})
	}
}

func TestErrorsFromNothing(t *testing.T) {
	c := Runs(runsOf(1, 7, usual), runsOf(11, 7, broken), Options{})
	m := metric(t, c, "errors")
	// 2 of 4 invocations a second; no per cent of a base of 0.
	if m.Result != Regression || *m.Base != 0 || *m.New != 50 || *m.Change != 50 || m.ChangePercent != nil {
		t.Errorf("%+v", m)
	}
	if m := metric(t, c, "put_p99"); m.Result != Same || m.P != nil || m.Reason != "the same in all runs" {
		t.Errorf("what never varied: %+v", m)
	}
}

func TestSinglesSayWhy(t *testing.T) {
	c := Runs(runsOf(1, 1, usual), runsOf(11, 1, slower), Options{})
	if m := metric(t, c, "duration_max"); m.Result != Unknown || !strings.Contains(m.Reason, "a maximum of one run") || m.Interval != nil {
		t.Errorf("a maximum: %+v", m)
	}
	two := Runs(runsOf(1, 1, usual), runsOf(11, 1, behaviour{duration: 51, jitter: 0.2}), Options{})
	m := metric(t, two, "duration_p50")
	// +1 ms with a standard error of 0.5/√60 = 0.065 ms is beyond chance, and
	// still no more than single runs may differ by.
	if !strings.Contains(m.Reason, "give repeats") || m.Interval[0] < 0.5 || m.Interval[1] > 1.5 {
		t.Errorf("2 %%: %+v", m)
	}
	short := runOf(3, slower)
	short.Series = short.Series[:20]
	if m := metric(t, Runs(runsOf(1, 1, usual), []*record.Data{short}, Options{}), "duration_p50"); !strings.Contains(m.Reason, "20 points of one run are too few") {
		t.Errorf("20 seconds: %+v", m)
	}
	one := []*record.Data{runOf(1, usual), runOf(1, usual), runOf(1, usual)}
	m = metric(t, Runs(runsOf(1, 1, usual), runsOf(11, 1, slower), Options{Repeats: one, Metrics: []string{"duration_max"}}), "duration_max")
	if m.Result != Unknown || m.Reason != "the repeats never varied, so they say nothing of the chance of a change" {
		t.Errorf("repeats without spread: %+v", m)
	}
}

func TestDifferentConfigurations(t *testing.T) {
	fresh := runsOf(11, 7, slower)
	for _, d := range fresh {
		d.Run.Pipeline.Shards = 2
	}
	c := Runs(runsOf(1, 7, usual), fresh, Options{})
	want := Difference{What: "shards", Base: "1", New: "2"}
	if c.Verdict != judge.Unknown || len(c.Metrics) != 0 || !slices.Equal(c.Differences, []Difference{want}) {
		t.Errorf("%s, %d metrics, %+v", c.Verdict, len(c.Metrics), c.Differences)
	}
	if c := Runs(runsOf(1, 7, usual), fresh, Options{Force: true}); c.Verdict != judge.Fail || len(c.Notes) != 1 || len(c.Differences) != 1 {
		t.Errorf("by force: %s, %q", c.Verdict, c.Notes)
	}
	mixed := append(runsOf(1, 3, usual), fresh...)
	if c := Runs(mixed, mixed, Options{}); len(c.Differences) != 1 || c.Differences[0].Base != "1 | 2" {
		t.Errorf("mixed groups: %+v", c.Differences)
	}
}

func TestRunsLeftOut(t *testing.T) {
	late, cut, unjudged := runOf(1, usual), runOf(2, usual), runOf(3, usual)
	late.Steps[0].Lateness.RecordN(time.Second, 100)
	cut.Run.Status = record.Running
	unjudged.Run.Steps[0].Judged = false
	c := Runs([]*record.Data{late, cut, unjudged}, runsOf(11, 1, usual), Options{})
	if c.Verdict != judge.Unknown || len(c.Base.Runs) != 0 || c.Reason != "a side has no run that can be compared" {
		t.Errorf("%s: %s", c.Verdict, c.Reason)
	}
	for i, want := range []string{"bound by the generator", "it did not end by itself", "it has no judged step"} {
		if l := c.Base.LeftOut[i]; !strings.Contains(l.Reason, want) {
			t.Errorf("%s left out: %s, want %s", l.Run, l.Reason, want)
		}
	}
}

// What shapes the load or the pipeline is part of the configuration: runs that
// differ in it are not taken for the same thing.
func TestWhatMakesConfigurationsDiffer(t *testing.T) {
	for what, change := range map[string]func(*record.Run){
		"steps": func(r *record.Run) { // of the same mean
			r.Test.Steps = []plan.Step{{Rate: 100, Duration: time.Minute, Judged: true, Shape: &plan.Shape{Text: "ramp:50..150"}}}
		},
		"retry of failed puts":        func(r *record.Run) { r.Test.Put.Retry = "kpl-like" },
		"encoding of calls":           func(r *record.Run) { r.Encodings = []record.Encoding{{Chosen: "cbor"}} },
		"shard limit factor":          func(r *record.Run) { r.Pipeline.ShardLimitFactor = 0.1 },
		"faults":                      func(r *record.Run) { r.Faults = []string{"throttle=0.3@10s"} },
		"bisecting of failed batches": func(r *record.Run) { r.Pipeline.Bisect = true },
	} {
		one, other := runOf(1, usual), runOf(2, usual)
		change(&other.Run)
		if c := Runs([]*record.Data{one}, []*record.Data{other}, Options{}); len(c.Differences) != 1 || c.Differences[0].What != what {
			t.Errorf("%s: %+v", what, c.Differences)
		}
	}
}

func TestRepeatsOfAnotherConfiguration(t *testing.T) {
	repeats := runsOf(21, 4, usual)
	repeats[0].Run.Pipeline.Shards = 8
	repeats[1].Run.Status = record.Failed
	c := Runs(runsOf(1, 1, usual), runsOf(11, 1, slower), Options{Repeats: repeats})
	want := []string{"repeat left out: run-22: it did not end by itself", "1 repeats left out: their configuration is another"}
	if !slices.Equal(c.Notes, want) || !strings.Contains(c.Method, "is not known") {
		t.Errorf("%q, %s", c.Notes, c.Method)
	}
}

func TestRunsNeeded(t *testing.T) {
	// 2/C(2k,k): 0.79 % for 5, 0.22 % for 6, 0.058 % for 7, 0.016 % for 8.
	for n, want := range map[int]int{1: 5, 2: 6, 4: 6, 5: 7, 12: 7, 17: 7, 18: 8} {
		if got := runsNeeded(n); got != want {
			t.Errorf("%d metrics need %d runs a side, want %d", n, got, want)
		}
	}
}

func TestHistory(t *testing.T) {
	ids := []string{"duration_p50", "errors"}
	worse := append(runsOf(1, 9, usual), runsOf(10, 9, slower)...)
	back := append(slices.Clone(worse), runsOf(19, 9, usual)...)
	other := append(runsOf(1, 9, usual), runOf(10, usual))
	other[3].Run.Pipeline.Shards = 2
	for _, tt := range []struct {
		name    string
		runs    []*record.Data
		verdict judge.Outcome
		reason  string
		changes []string
	}{
		{"nine runs", runsOf(1, 9, usual), judge.Unknown, "9 runs that can be compared are too few", nil},
		{"no change", runsOf(1, 20, usual), judge.Pass, "no change over 20 runs", nil},
		{"worse from the tenth on", worse, judge.Fail, "worse: Duration p50 since run-10", []string{"run-10"}},
		{"in whatever order they are given", append(slices.Clone(worse[9:]), worse[:9]...), judge.Fail, "worse: Duration p50 since run-10", []string{"run-10"}},
		{"and mended again", back, judge.Pass, "the last change of every metric was not for the worse", []string{"run-10", "run-19"}},
		{"another configuration among them", other, judge.Unknown, "the runs' configurations differ", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := Over(tt.runs, Options{Metrics: ids})
			var at []string
			for _, m := range h.Metrics {
				for _, c := range m.Changes {
					at = append(at, c.Run)
				}
			}
			if h.Verdict != tt.verdict || !strings.HasPrefix(h.Reason, tt.reason) || !slices.Equal(at, tt.changes) {
				t.Errorf("%s: %s, changes at %v; want %s: %s…, %v", h.Verdict, h.Reason, at, tt.verdict, tt.reason, tt.changes)
			}
		})
	}
}
