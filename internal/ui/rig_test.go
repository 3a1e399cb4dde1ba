package ui

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/report"
	"weir/internal/stats"
)

// rig writes a run directory as weir run does, by the second of the run's own
// time.
type rig struct {
	t      *testing.T
	w      *record.Writer
	run    record.Run
	steps  []record.StepResult
	ledger ledger.Report
	second int64
}

// begin makes a run with steps of so many seconds at each rate.
func begin(t *testing.T, root, test string, start time.Time, length time.Duration, rates ...float64) *rig {
	t.Helper()
	w, err := record.Create(root, test, start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	r := &rig{t: t, w: w, run: record.Run{
		ID: w.ID(), Status: record.Running, Started: start, LoadStart: start, PID: os.Getpid(), Version: "v0.1.0", Command: []string{"weir", "run", test},
		Test: plan.Test{Name: test, Kind: plan.Kind(test), Payload: plan.Payload{Bytes: 500}, Put: plan.DefaultPut, Targets: plan.DefaultTargets},
		Pipeline: record.Pipeline{
			Kind: "embedded", Profile: "aws", Region: "us-east-1", ResolutionS: 1, Stream: "orders", StreamMode: "PROVISIONED", Shards: 2,
			RetentionHours: 24, Function: "consumer", FunctionTimeout: 3 * time.Second, FunctionMemoryMB: 128, BatchSize: 100, Parallelization: 1,
			RetryAttempts: -1, MappingEventCount: true, Probe: true,
		},
		Host: record.Host{OS: "linux", Arch: "amd64", CPUs: 2},
	}}
	r.ledger.Rejected = map[string]int64{}
	for i, rate := range rates {
		at := start.Add(time.Duration(i) * length)
		r.run.Steps = append(r.run.Steps, record.Step{Index: i, Rate: rate, Judged: true, Start: at, End: at.Add(length)})
		r.run.Test.Steps = append(r.run.Test.Steps, plan.Step{Rate: rate, Duration: length, Judged: true})
		r.steps = append(r.steps, record.StepResult{
			Index: i, FromDue: &stats.Histogram{}, Put: &stats.Histogram{}, Lateness: &stats.Histogram{},
			Shards: map[string]record.ShardLoad{"shardId-000000000000": {}, "shardId-000000000001": {}},
		})
		r.ledger.Steps = append(r.ledger.Steps, ledger.StepAccount{Step: i, Rate: rate, Account: ledger.Account{Rejected: map[string]int64{}}})
	}
	r.save()
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// save writes what a checkpoint writes.
func (r *rig) save() {
	r.t.Helper()
	r.must(r.w.WriteLedger(r.ledger))
	r.must(r.w.WriteSteps(r.steps))
	r.must(r.w.WriteRun(r.run))
}

// append writes so many seconds of a step's series.
func (r *rig) append(step, seconds int, latency time.Duration) {
	r.t.Helper()
	rate := r.run.Steps[step].Rate
	ms := float64(latency.Milliseconds())
	for range seconds {
		wave := 1 + 0.2*math.Sin(float64(r.second)/3)
		r.must(r.w.AppendPoints([]record.Point{{T: r.run.LoadStart.Unix() + r.second, V: map[string]float64{
			metrics.Offered: rate, metrics.Accepted: rate, metrics.IncomingRecords: rate, metrics.GetRecordsCount: rate, metrics.IncomingBytes: 500 * rate,
			metrics.IteratorAge: 40 * wave, metrics.LambdaAgeMax: 0.8 * ms * wave, metrics.Invocations: 4, metrics.Errors: 0, metrics.Throttles: 0,
			metrics.WriteThrottled: 0, metrics.ReadThrottled: 0, metrics.Polled: rate, metrics.BatchMean: rate / 4 * wave,
			metrics.DurationMax: 30 * wave, metrics.DurationP95: 25 * wave, metrics.DurationAvg: 20, metrics.Concurrent: 2, metrics.Backlog: math.Round(rate / 2 * wave),
			metrics.E2EP50: ms / 2 * wave, metrics.E2EP95: 0.9 * ms * wave, metrics.E2EP99: ms * wave, metrics.E2EMax: 1.1 * ms * wave,
			"shard_iterator_age_max_ms_shardId-000000000000": 40 * wave, "shard_iterator_age_max_ms_shardId-000000000001": 10 * wave,
			metrics.PutP50: 8 * wave, metrics.PutP99: 20 * wave,
		}}}))
		r.second++
	}
}

// load is so many seconds of a step's load, each record of which takes the
// latency.
func (r *rig) load(step, seconds int, latency time.Duration) {
	r.t.Helper()
	r.append(step, seconds, latency)
	n := int64(r.run.Steps[step].Rate) * int64(seconds)
	for _, a := range []*ledger.Account{&r.ledger.Account, &r.ledger.Steps[step].Account} {
		a.Offered, a.Accepted, a.Processed, a.Attempted = a.Offered+n, a.Accepted+n, a.Processed+n, a.Attempted+n
	}
	s := &r.steps[step]
	s.FromDue.RecordN(latency, n)
	s.Put.RecordN(15*time.Millisecond, n)
	s.Lateness.RecordN(time.Millisecond, n)
	for name, share := range map[string]int64{"shardId-000000000000": n / 2, "shardId-000000000001": n - n/2} {
		s.Shards[name] = record.ShardLoad{Accepted: s.Shards[name].Accepted + share}
	}
	r.save()
}

// end closes the account and the run, and leaves what weir leaves.
func (r *rig) end() {
	r.t.Helper()
	r.run.Status, r.ledger.Closed = record.Complete, true
	r.run.LoadEnd = r.run.LoadStart.Add(time.Duration(r.second) * time.Second)
	r.run.Ended = r.run.LoadEnd.Add(2 * time.Second)
	r.save()
	d, err := record.Read(r.w.Dir())
	r.must(err)
	v := judge.Judge(d, judge.Options{})
	var text bytes.Buffer
	r.must(report.JSON(&text, v))
	r.must(record.Replace(r.w.Path("verdict.json"), text.Bytes()))
	text.Reset()
	r.must(report.HTML(&text, d, v))
	r.must(record.Replace(r.w.Path("report.html"), text.Bytes()))
}

// finished makes a run that has ended.
func finished(t *testing.T, root, test string, start time.Time, latency time.Duration, rates ...float64) *rig {
	t.Helper()
	r := begin(t, root, test, start, 20*time.Second, rates...)
	for i := range rates {
		r.load(i, 20, latency)
	}
	r.end()
	return r
}
