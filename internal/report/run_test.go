package report

import (
	"math"
	"math/rand/v2"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

var loadStart = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// emptyRun has a configuration and nothing that happened.
func emptyRun() *record.Data {
	return &record.Data{Run: record.Run{
		Format: 1, ID: "20261122T200000Z-baseline-500b-0a1b", Status: record.Complete,
		Test: plan.Test{
			Name: "baseline-500b", Kind: plan.Baseline, Payload: plan.Payload{Bytes: 500},
			Put: plan.DefaultPut, Targets: plan.DefaultTargets,
		},
		Started: loadStart.Add(-2 * time.Second), LoadStart: loadStart,
		Version: "v0.1.0", Command: []string{"weir", "try"},
		Pipeline: record.Pipeline{
			Kind: "embedded", Profile: "aws", Region: "us-east-1", ResolutionS: 1,
			Stream: "weir-try", StreamMode: "PROVISIONED", Shards: 4, RetentionHours: 24, MaxRecordBytes: 1048576,
			Function: "weir-probe", FunctionTimeout: 3 * time.Second, FunctionMemoryMB: 128, FunctionRuntime: "built in",
			BatchSize: 100, Parallelization: 1, RetryAttempts: -1, MappingEventCount: true, Probe: true,
		},
		Host: record.Host{OS: "linux", Arch: "amd64", CPUs: 2, GoVersion: "go1.26.8"},
	}}
}

// addStep appends a step of some seconds at a rate, with its account and
// histograms.
func addStep(d *record.Data, rate float64, seconds int, a ledger.Account, e2e ...time.Duration) {
	i := len(d.Run.Steps)
	start := loadStart
	if i > 0 {
		start = d.Run.Steps[i-1].End
	}
	end := start.Add(time.Duration(seconds) * time.Second)
	d.Run.Steps = append(d.Run.Steps, record.Step{Index: i, Rate: rate, Judged: true, Start: start, End: end})
	d.Run.LoadEnd, d.Run.Ended = end, end.Add(5*time.Second)
	r := record.StepResult{Index: i, FromDue: &stats.Histogram{}, Put: &stats.Histogram{}, Lateness: &stats.Histogram{}}
	for _, l := range e2e {
		r.FromDue.RecordN(l, max(a.Processed/int64(len(e2e)), 1))
		r.Put.RecordN(l/64, 10)
		r.Lateness.RecordN(2*time.Millisecond, 10)
	}
	d.Steps = append(d.Steps, r)
	d.Ledger.Steps = append(d.Ledger.Steps, ledger.StepAccount{Step: i, Rate: rate, Account: a})
	sum := &d.Ledger.Account
	sum.Offered, sum.Accepted, sum.Processed = sum.Offered+a.Offered, sum.Accepted+a.Accepted, sum.Processed+a.Processed
	sum.Attempted += a.Attempted
	if sum.Rejected == nil {
		sum.Rejected = map[string]int64{}
	}
	for cause, n := range a.Rejected {
		sum.Rejected[cause] += n
	}
}

// smallRun is made by hand for the golden files: two steps of 5 s on one
// shard, of which the second asks for 1 500 records/s and gets 1 000.
func smallRun() *record.Data {
	d := emptyRun()
	d.Run.Sizes = []record.Size{{Bytes: 500, Records: 8000}}
	d.Run.Pipeline.Shards = 1
	addStep(d, 100, 5, ledger.Account{Offered: 500, Accepted: 500, Processed: 500, Attempted: 500}, 320*time.Millisecond, 640*time.Millisecond)
	addStep(d, 1500, 5, ledger.Account{
		Offered: 7500, Accepted: 5000, Processed: 5000, Attempted: 5100,
		Rejected: map[string]int64{"ProvisionedThroughputExceededException": 2500},
	}, 640*time.Millisecond, 960*time.Millisecond)
	d.Ledger.Closed, d.Ledger.Retried, d.Ledger.Reordered = true, 100, new(int64(0))
	for s := range 12 {
		v := map[string]float64{metrics.IteratorAge: 0, metrics.LambdaAgeMax: 900}
		if s < 10 {
			offered, accepted := 100.0, 100.0
			if s >= 5 {
				offered, accepted = 1500, 1000
				v[metrics.WriteThrottled], v[metrics.Throttled], v[metrics.Rejected] = 500, 500, 500
			}
			v[metrics.Offered], v[metrics.Accepted] = offered, accepted
			v[metrics.IncomingRecords], v[metrics.Polled], v[metrics.GetRecordsCount] = accepted, accepted, accepted
			v[metrics.Invocations], v[metrics.DurationMax], v[metrics.BatchMean] = accepted/50, 60, 50
			v[metrics.IncomingBytes], v[metrics.DurationAvg] = accepted*507, 20.5
			v[metrics.Backlog] = accepted / 2
			v[metrics.E2EP50], v[metrics.E2EP95], v[metrics.E2EP99], v[metrics.E2EMax] = 320, 600, 640, 960
		}
		d.Series = append(d.Series, record.Point{T: loadStart.Unix() + int64(s), V: v})
	}
	return d
}

// realisticRun looks like `weir try` on four shards: five steps of 8 s at
// rising rates with noise, polls that age the records up to a second, a cold
// start at the beginning, and 3 s of drain.
func realisticRun() *record.Data {
	d := emptyRun()
	d.Run.Sizes = []record.Size{{Bytes: 500, Records: 8000}}
	noise := rand.New(rand.NewPCG(1, 1))
	var backlog float64
	for i, rate := range []float64{10, 100, 500, 1000, 2000} {
		n := int64(8 * rate)
		addStep(d, rate, 8, ledger.Account{Offered: n, Accepted: n, Processed: n, Attempted: n, Rejected: map[string]int64{}},
			120*time.Millisecond, 480*time.Millisecond, 700*time.Millisecond, 900*time.Millisecond, 1150*time.Millisecond)
		for s := range 8 {
			v := map[string]float64{
				metrics.Offered: rate, metrics.Accepted: rate, metrics.IncomingRecords: rate, metrics.GetRecordsCount: rate,
				metrics.NotSent: 0, metrics.Rejected: 0, metrics.WriteThrottled: 0, metrics.ReadThrottled: 0,
				metrics.IteratorAge: math.Round(rate / 2000 * 40 * noise.Float64()), metrics.LambdaAgeMax: 880 + math.Round(120*noise.Float64()),
				metrics.Invocations: math.Ceil(rate/100) + 3, metrics.Errors: 0, metrics.Throttles: 0,
				metrics.DurationMax: 30 + math.Round(20*noise.Float64()), metrics.Polled: rate,
				metrics.BatchMean: math.Min(100, rate/(math.Ceil(rate/100)+3)),
				metrics.E2EP50:    480 + math.Round(60*noise.Float64()), metrics.E2EP95: 900 + math.Round(60*noise.Float64()),
				metrics.E2EP99: 980 + math.Round(80*noise.Float64()), metrics.E2EMax: 1080 + math.Round(120*noise.Float64()),
			}
			if i == 0 && s == 0 {
				v[metrics.E2EMax], v[metrics.E2EP99], v[metrics.ColdStarts] = 1480, 1460, 4
			}
			backlog = math.Round(rate * (0.45 + 0.2*noise.Float64()))
			v[metrics.Backlog] = backlog
			d.Series = append(d.Series, record.Point{T: loadStart.Unix() + int64(8*i+s), V: v})
		}
	}
	for s := range 3 {
		backlog = math.Round(backlog / 8)
		d.Series = append(d.Series, record.Point{T: loadStart.Unix() + int64(40+s), V: map[string]float64{
			metrics.IteratorAge: 0, metrics.Backlog: backlog, metrics.Offered: 0, metrics.Accepted: 0,
		}})
	}
	d.Ledger.Closed, d.Ledger.Reordered = true, new(int64(0))
	return d
}
