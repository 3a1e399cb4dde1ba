package judge

import (
	"strings"
	"testing"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/quota"
	"weir/internal/record"
)

// account changes the second step's account (2 000 records offered).
func account(d *record.Data, change func(*ledger.Account)) { change(&d.Ledger.Steps[1].Account) }

func TestSteps(t *testing.T) {
	yes, no := new(true), new(false)
	for _, tt := range []struct {
		name      string
		change    func(*record.Data)
		sustained *bool
		want      Outcome
		bound     bool
		reason    string
	}{
		{"healthy", func(*record.Data) {}, yes, Pass, false, "sustained"},
		{
			"two of 2 000 not sent is 0.1 %: still the pipeline's", func(d *record.Data) {
				account(d, func(a *ledger.Account) { a.NotSent, a.Accepted, a.Processed = 2, 1998, 1998 })
			},
			yes, Pass, false, "sustained", // and 1 998 of 2 000 is 99.9 %
		},
		{
			"three of 2 000 not sent", func(d *record.Data) {
				account(d, func(a *ledger.Account) { a.NotSent, a.Accepted, a.Processed = 3, 1997, 1997 })
			},
			nil, Unknown, true, "bound by the generator: 3 of 2 000 records (0.15 %) were not sent, with put calls of 8 ms at p99; lower the rate",
		},
		{
			"late calls", func(d *record.Data) { d.Steps[1].Lateness = times(101*time.Millisecond, 20) },
			nil, Unknown, true, "calls started up to 101 ms late at p99",
		},
		{
			"calls late, but less than the limit", func(d *record.Data) { d.Steps[1].Lateness = times(99*time.Millisecond, 20) },
			yes, Pass, false, "sustained",
		},
		{
			"bound by the generator hides every failure of the step", func(d *record.Data) {
				d.Steps[1].Lateness = times(time.Second, 20)
				set(d, t0+13, metrics.WriteThrottled, 500)
				set(d, t0+13, metrics.IteratorAge, 9000)
			},
			nil, Unknown, true, "bound by the generator",
		},
		{
			"refused records", func(d *record.Data) {
				account(d, func(a *ledger.Account) {
					a.Accepted, a.Processed = 1900, 1900
					a.Rejected = map[string]int64{"ProvisionedThroughputExceededException": 90, "InternalFailure": 10}
				})
			},
			no, Fail, false, "accepted 1 900 of 2 000 offered (95 %), InternalFailure 10, ProvisionedThroughputExceededException 90",
		},
		{
			// A slope of 60 records/s over 10 s is 600; 200 records/s × 1 s poll is 200.
			"a growing backlog", func(d *record.Data) {
				for s := range int64(10) {
					set(d, t0+10+s, metrics.Backlog, float64(200+60*s))
				}
			},
			no, Fail, false, "the backlog grew by 60 records a second",
		},
		{
			// 15 records/s over 10 s is 150, less than arrives between two polls.
			"a backlog within the polls' sawtooth", func(d *record.Data) {
				for s := range int64(10) {
					set(d, t0+10+s, metrics.Backlog, float64(200+15*s))
				}
			},
			yes, Pass, false, "sustained",
		},
		{
			"no backlog known", func(d *record.Data) { without(d, metrics.Backlog, 0) },
			nil, Pass, false, "whether the backlog grew is not known: no line of the probe",
		},
		{
			"a step too short for its backlog", func(d *record.Data) { without(d, metrics.Backlog, t0+13) },
			nil, Pass, false, "points of the backlog after the warm-up can't show whether it grows",
		},
		{
			// Half of 200 records/s is filtered: it waits for nobody.
			"a backlog of what the mapping filtered", func(d *record.Data) {
				for s := range int64(10) {
					set(d, t0+10+s, metrics.FilteredOut, 100)
					set(d, t0+10+s, metrics.Backlog, float64(200+100*s))
				}
			},
			yes, Pass, false, "sustained",
		},
		{
			"a failed target", func(d *record.Data) { set(d, t0+13, metrics.DurationMax, 2000) },
			no, Fail, false, "lambda_duration: longest invocation 2 000 ms",
		},
		{
			"an unknown target", func(d *record.Data) { without(d, metrics.DurationMax, t0+10) },
			nil, Unknown, false, "lambda_duration: no point of Duration",
		},
		{
			"fail goes before unknown", func(d *record.Data) {
				without(d, metrics.DurationMax, t0+10)
				set(d, t0+13, metrics.ReadThrottled, 1)
			},
			no, Fail, false, "throttles: ",
		},
		{
			"a lost record", func(d *record.Data) {
				account(d, func(a *ledger.Account) { a.Processed, a.Lost = 1999, 1 })
			},
			no, Fail, false, "ledger: 1 of 2 000 accepted records are lost",
		},
		{
			"nothing offered", func(d *record.Data) {
				account(d, func(a *ledger.Account) { *a = ledger.Account{} })
			},
			nil, Pass, false, "nothing was offered",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := healthy()
			tt.change(d)
			v := Judge(d, Options{})
			s := v.Steps[1]
			if s.Verdict != tt.want || s.GeneratorBound != tt.bound || !strings.Contains(s.Reason, tt.reason) {
				t.Errorf("%s, bound %v, %s; want %s, %v, …%s", s.Verdict, s.GeneratorBound, s.Reason, tt.want, tt.bound, tt.reason)
			}
			switch {
			case (s.Sustained == nil) != (tt.sustained == nil):
				t.Errorf("sustained known: %v, want %v", s.Sustained != nil, tt.sustained != nil)
			case s.Sustained != nil && *s.Sustained != *tt.sustained:
				t.Errorf("sustained %v, want %v", *s.Sustained, *tt.sustained)
			}
			if v.Overall != tt.want {
				t.Errorf("overall %s (%s), want the step's %s", v.Overall, v.Reason, tt.want)
			}
			if first := v.Steps[0]; first.Verdict == Fail {
				t.Errorf("the first step was not touched: %s", first.Reason)
			}
		})
	}
}

func TestOverallOfSteps(t *testing.T) {
	slow := func(d *record.Data, i int) { d.Steps[i].Lateness = times(time.Second, 20) }
	for _, tt := range []struct {
		name   string
		change func(*record.Data)
		want   Outcome
	}{
		{"a bound step leaves the run unknown", func(d *record.Data) { slow(d, 1) }, Unknown},
		{"a failure at a lower rate stands", func(d *record.Data) {
			slow(d, 1)
			set(d, t0+3, metrics.WriteThrottled, 9)
		}, Fail},
		{"bound in all steps is unknown whatever else happened", func(d *record.Data) {
			slow(d, 0)
			slow(d, 1)
			set(d, t0+3, metrics.WriteThrottled, 9)
			set(d, t0+3, metrics.Polled, 0)
		}, Unknown},
		{"a step meant to break is not judged", func(d *record.Data) {
			d.Run.Steps[1].Judged = false
			set(d, t0+13, metrics.WriteThrottled, 900)
		}, Pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := healthy()
			tt.change(d)
			if v := Judge(d, Options{}); v.Overall != tt.want {
				t.Errorf("%s (%s), want %s", v.Overall, v.Reason, tt.want)
			}
		})
	}
}

func TestTargetsDoNotBlameThePipelineForTheGenerator(t *testing.T) {
	d := healthy()
	d.Steps[1].Lateness = times(time.Second, 20)
	set(d, t0+13, metrics.IteratorAge, 9000)
	got := find(t, Judge(d, Options{}), IteratorAge)
	// The first step alone is measured; it neither blames nor clears the second.
	if got.Verdict != Unknown || *got.Value != 0 || !strings.Contains(got.Reason, "step 200 records/s: bound by the generator") {
		t.Errorf("%s, %v, %s", got.Verdict, *got.Value, got.Reason)
	}
}

func TestKneeAndWhatGaveOut(t *testing.T) {
	// each gives a series the same value in all ten seconds of step 1.
	each := func(d *record.Data, series string, v float64) {
		for s := range int64(10) {
			set(d, t0+10+s, series, v)
		}
	}
	behind := func(d *record.Data) { // 8 invocations a second of 120 ms: 0.96 of a lane
		for s := range int64(10) {
			set(d, t0+10+s, metrics.Backlog, float64(100*s))
		}
		each(d, metrics.DurationAvg, 120)
		d.Run.Pipeline.Parallelization = 1
	}
	for _, tt := range []struct {
		name     string
		change   func(*record.Data)
		resource quota.Resource
		want     string
	}{
		{
			"writes, unwatched", func(d *record.Data) { set(d, t0+13, metrics.WriteThrottled, 1234) }, quota.WriteRecords,
			"the shards' write limit (1 open): WriteProvisionedThroughputExceeded 1 234",
		},
		{"writes by records", func(d *record.Data) {
			each(d, metrics.Throttled, 200)
			each(d, metrics.Accepted, 1000)
			each(d, metrics.SentBytes, 600_000)
		}, quota.WriteRecords, "the shards' write limit (1 open): WriteProvisionedThroughputExceeded 2 000, by records: 1200 of 1000 records/s (120 %)"},
		{"writes by bytes", func(d *record.Data) {
			each(d, metrics.Throttled, 10)
			each(d, metrics.Accepted, 100)
			each(d, metrics.SentBytes, 1.1*(1<<20))
		}, quota.WriteBytes, "the shards' write limit (1 open): WriteProvisionedThroughputExceeded 100, by bytes: 1.10 of 1 MiB/s (110 %)"},
		{"one shard of four", func(d *record.Data) {
			d.Run.Pipeline.Shards = 4
			each(d, metrics.Throttled, 200)
			each(d, metrics.Accepted, 1800)
		}, quota.HotShard, "one shard's write limit: WriteProvisionedThroughputExceeded 2 000 while all 4 took 50 % of theirs"},
		{"concurrency", func(d *record.Data) { set(d, t0+13, metrics.Throttles, 5) }, quota.Concurrency, "the function's concurrency: Lambda Throttles 5"},
		{
			"reads", func(d *record.Data) { set(d, t0+13, metrics.ReadThrottled, 5) }, quota.ReadLimit,
			"the read limit of a shard: ReadProvisionedThroughputExceeded 5",
		},
		{"errors", func(d *record.Data) { set(d, t0+13, metrics.Errors, 8) }, quota.FunctionFail, "the function: 8 of 80 invocations failed (10 %), limit 0.1 %"},
		{"lanes", behind, quota.Lanes, "the mapping concurrency: 0.96 of 1 lanes busy (96 %); the backlog grew by 100 records a second"},
		{"reserved environments", func(d *record.Data) {
			behind(d)
			d.Run.Pipeline.Parallelization, d.Run.Pipeline.Concurrency = 10, 1
		}, quota.Concurrency, "the function concurrency: 0.96 of 1 reserved environments busy (96 %); the backlog grew by 100 records a second"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := healthy()
			d.Run.Steps[1].Judged = false // a knee is bracketed by unjudged steps as well
			tt.change(d)
			if v, _ := sum(d, metrics.Throttled, window{t0, t0 + 20}); v > 0 {
				account(d, func(a *ledger.Account) {
					a.Accepted, a.Rejected = a.Offered/2, map[string]int64{"throttled": a.Offered / 2}
				})
			}
			k := Judge(d, Options{}).Knee
			if k.Sustained == nil || *k.Sustained != 100 || k.Unsustained == nil || *k.Unsustained != 200 || k.Resource != tt.resource || k.GaveOut != tt.want {
				t.Errorf("%+v\nwant 100, 200, %s, %q", k, tt.resource, tt.want)
			}
		})
	}
}

func TestCapacityLeavesTheTargetsOut(t *testing.T) {
	d := healthy()
	set(d, t0+13, metrics.DurationMax, 2900)
	set(d, t0+13, metrics.Polled, 0)
	v := Judge(d, Options{Capacity: true})
	if v.Overall != Pass || len(v.Targets) != 1 || v.Targets[0].ID != Ledger || v.Steps[1].Reason != "sustained" {
		t.Errorf("%s: %s; %d targets, %s", v.Overall, v.Reason, len(v.Targets), v.Steps[1].Reason)
	}
	account(d, func(a *ledger.Account) {
		a.Accepted, a.Processed, a.Rejected = 1000, 1000, map[string]int64{"ProvisionedThroughputExceededException": 1000}
	})
	if v := Judge(d, Options{Capacity: true}); v.Overall != Fail {
		t.Errorf("half accepted: %s", v.Overall)
	}
}

// A minute that two steps share tells nothing of either; the last step has the
// drain.
func TestWindowsHoldWholePeriods(t *testing.T) {
	d := &record.Data{Series: []record.Point{{T: 2399}}}
	d.Run.Pipeline.ResolutionS = 60
	for _, at := range []int64{1000, 1610} {
		d.Run.Steps = append(d.Run.Steps, record.Step{Start: time.Unix(at, 0), End: time.Unix(at+610, 0)})
	}
	// Minutes begin at 1020, 1080, …, 1560, 1620; the last point is of 2399.
	if got := judgedWindow(d, 0); got != (window{1020, 1560}) {
		t.Errorf("first step %v", got)
	}
	if got := judgedWindow(d, 1); got != (window{1620, 2400}) {
		t.Errorf("last step %v", got)
	}
	// Shorter than a period: nothing.
	d.Run.Steps[0].End = time.Unix(1030, 0)
	if got := judgedWindow(d, 0); got != (window{1020, 1020}) {
		t.Errorf("short step %v", got)
	}
}

// A run that was interrupted before its load began has steps without a
// beginning: nothing is known of them, and nothing of others is counted.
func TestStepThatNeverBegan(t *testing.T) {
	d := healthy()
	d.Run.Steps[1].Start, d.Run.Steps[1].End = time.Time{}, time.Time{}
	d.Ledger.Steps = d.Ledger.Steps[:1]
	end := seriesEnd(d)
	if got := judgedWindow(d, 1); got != (window{end, end}) {
		t.Errorf("window %v, want none, after the last point at %d", got, end)
	}
	step := Judge(d, Options{}).Steps[1]
	if step.Verdict != Unknown || step.Offered != 0 {
		t.Errorf("step is %s with %d offered, want unknown with none", step.Verdict, step.Offered)
	}
}

func TestBordersBelongToOneStep(t *testing.T) {
	d := healthy()
	// Steps that meet inside second 1010 share it out: it is the second one's.
	border := time.Unix(t0+10, 400_000_000)
	d.Run.Steps[0].End, d.Run.Steps[1].Start = border, border
	set(d, t0+10, metrics.WriteThrottled, 5)
	v := Judge(d, Options{})
	if v.Steps[0].Verdict != Pass || v.Steps[1].Verdict != Fail || *find(t, v, Throttles).Value != 5 {
		t.Errorf("%s, %s, total %v", v.Steps[0].Verdict, v.Steps[1].Verdict, *find(t, v, Throttles).Value)
	}
}
