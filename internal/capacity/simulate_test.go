package capacity

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/wire"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
)

// scenario is 4 shards with 500-byte records at a rate, and the embedded
// pipeline's timing.
func scenario(rate float64, length time.Duration) Scenario {
	return Scenario{
		Test: plan.Test{
			Name: "test", Seed: 1, Put: plan.DefaultPut,
			Steps: []plan.Step{{Rate: rate, Duration: length, Judged: true}},
		},
		Pipeline: record.Pipeline{
			Shards: 4, FunctionTimeout: 3 * time.Second, BatchSize: 100, Parallelization: 1, RetryAttempts: -1, RetentionHours: 24,
		},
		Timing: Timing{
			Put:          wire.Latency{Median: 8 * time.Millisecond, P99: 40 * time.Millisecond},
			Get:          wire.Latency{Median: 6 * time.Millisecond, P99: 30 * time.Millisecond},
			Invoke:       wire.Latency{Median: 2 * time.Millisecond, P99: 10 * time.Millisecond},
			ColdStart:    wire.Latency{Median: 49 * time.Millisecond, P99: 120 * time.Millisecond},
			PollInterval: time.Second, ErrorBackoff: 250 * time.Millisecond, ThrottleBackoff: 500 * time.Millisecond,
			PerBatch: 5 * time.Millisecond, PerRecord: 10 * time.Microsecond,
		},
		Records: Records{Bytes: 500, KeyBytes: 7, EventBytes: 1200},
		Start:   time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Drain: 2 * time.Minute,
	}
}

// carry carries a scenario out and returns the sums of its series beside it.
func carry(t testing.TB, sc Scenario) (*Outcome, map[string]float64) {
	t.Helper()
	sums := map[string]float64{}
	o, err := Simulate(sc, func(p record.Point) error {
		for name, v := range p.V {
			sums[name] += v
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return o, sums
}

func TestSimulateAccountsForEveryRecord(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Scenario)
		check  func(t *testing.T, o *Outcome)
	}{
		{"all well", func(*Scenario) {}, func(t *testing.T, o *Outcome) {
			if o.Ledger.Processed != 4000 || o.Ledger.Attempted != 4000 {
				t.Errorf("%+v, want 4 000 processed at the first attempt", o.Ledger.Account)
			}
		}},
		{"too few shards", func(sc *Scenario) { sc.Test.Steps[0].Rate, sc.Pipeline.Shards = 1500, 1 }, func(t *testing.T, o *Outcome) {
			// One shard takes 1 000/s for 20 s and the second's worth that it has saved
			// up.
			refused := o.Ledger.Rejected[throughputExceeded]
			if refused < 8950 || refused > 9050 {
				t.Errorf("%d of 30 000 refused, want some 9 000", refused)
			}
		}},
		{"too few shards for a while, and a producer that puts again", func(sc *Scenario) {
			sc.Test.Steps[0].Rate, sc.Pipeline.Shards, sc.Producer = 1500, 1, untilOld
		}, func(t *testing.T, o *Outcome) {
			// What is refused of 30 000 in 20 s gets in within the 10 s after.
			if o.Ledger.Accepted != 30_000 || o.Ledger.PutRetries < 9000 {
				t.Errorf("%+v, want all accepted, 9 000 of them not at once", o.Ledger.Account)
			}
			if slowest := o.Results[0].PutFromDue.Max(); slowest < 9*time.Second {
				t.Errorf("the last was accepted %v after it was due, want 9 s at least", slowest)
			}
		}},
		{"far too few shards, and a producer that puts again", func(sc *Scenario) {
			sc.Test.Steps[0].Rate, sc.Pipeline.Shards, sc.Producer = 5000, 1, untilOld
		}, func(t *testing.T, o *Outcome) {
			// 1 000/s for 20 s and the 30 s in which the last is put again, and a
			// second's worth saved up.
			if n := o.Ledger.Accepted; n < 48_000 || n > 51_000 || o.Ledger.Rejected[throughputExceeded] != 100_000-n {
				t.Errorf("%+v, want some 50 000 accepted and the rest rejected", o.Ledger.Account)
			}
		}},
		{"calls without an answer, put again", func(sc *Scenario) {
			withFault(fault.Fault{Kind: fault.Reset, Share: 1, At: 5 * time.Second, Length: 2 * time.Second})(sc)
			sc.Producer = untilOld
		}, func(t *testing.T, o *Outcome) {
			if o.Ledger.Accepted != 4000 || o.Ledger.PutRetries < 400 { // 2 s of 200/s
				t.Errorf("%+v, want all accepted", o.Ledger.Account)
			}
		}},
		{"failing invocations", func(sc *Scenario) { sc.Timing.ErrorRate, sc.Pipeline.RetryAttempts, sc.OnFailure = 0.5, 0, true }, func(t *testing.T, o *Outcome) {
			if o.Ledger.DeadLettered == 0 || o.Ledger.DeadLettered+o.Ledger.Processed != 4000 || o.Ledger.Attempted != 4000 {
				t.Errorf("%+v, want each record tried once", o.Ledger.Account)
			}
		}},
		{"given up to nowhere", func(sc *Scenario) { sc.Timing.PerBatch, sc.Pipeline.RetryAttempts = time.Minute, 1 }, func(t *testing.T, o *Outcome) {
			if o.Ledger.Expired != 4000-o.Ledger.InFlight || o.Ledger.Processed > 0 || o.Ledger.Expired == 0 {
				t.Errorf("%+v, want what was tried to be given up", o.Ledger.Account)
			}
		}},
		{"a record dropped", withFault(fault.Fault{Kind: fault.DropRecord, Count: 3, At: 5 * time.Second}), func(t *testing.T, o *Outcome) {
			if o.Ledger.Lost != 3 {
				t.Errorf("%d lost, want 3", o.Ledger.Lost)
			}
		}},
		{"a batch delivered twice", withFault(fault.Fault{Kind: fault.DeliverTwice, Count: 1, At: 5 * time.Second}), func(t *testing.T, o *Outcome) {
			if d := o.Ledger.Duplicates.Mapping; d == 0 || o.Ledger.Retried != d {
				t.Errorf("%d duplicates and %d retried, want a batch", d, o.Ledger.Retried)
			}
		}},
		{"the function killed", withFault(fault.Fault{Kind: fault.KillFunction, Count: 2, At: 5 * time.Second}), func(t *testing.T, o *Outcome) {
			if o.Ledger.Retried == 0 || o.Ledger.Processed != 4000 {
				t.Errorf("%+v, want two batches retried and all processed", o.Ledger.Account)
			}
		}},
		{"an environment killed", withFault(fault.Fault{Kind: fault.KillEnvironment, Count: 9, At: 5 * time.Second}), func(t *testing.T, o *Outcome) {
			if o.Ledger.Processed != 4000 {
				t.Errorf("%+v, want all processed", o.Ledger.Account)
			}
		}},
		{"calls that fail", withFault(fault.Fault{Kind: fault.Error, Share: 1, At: 5 * time.Second, Length: 2 * time.Second}), func(t *testing.T, o *Outcome) {
			if n := o.Ledger.Rejected["InternalFailure"]; n != 400 { // 2 s of 200/s
				t.Errorf("%d failed, want 400", n)
			}
		}},
		{"connections reset", withFault(fault.Fault{Kind: fault.Reset, Share: 1, At: 5 * time.Second, Length: 2 * time.Second}), func(t *testing.T, o *Outcome) {
			if n := o.Ledger.Indeterminate; n != 400 {
				t.Errorf("%d without an answer, want 400", n)
			}
		}},
		{"answers lost, to a producer that puts once", withFault(fault.Fault{Kind: fault.DropAnswer, Share: 1, At: 5 * time.Second, Length: 2 * time.Second}), func(t *testing.T, o *Outcome) {
			if o.Ledger.Processed != 4000 || o.Ledger.Duplicates.Producer > 0 {
				t.Errorf("%+v, want all found in the stream", o.Ledger.Account)
			}
		}},
		{"answers lost, to a producer that puts again", func(sc *Scenario) {
			withFault(fault.Fault{Kind: fault.DropAnswer, Share: 1, At: 5 * time.Second, Length: 2 * time.Second})(sc)
			sc.Producer = untilOld
		}, func(t *testing.T, o *Outcome) {
			// 2 s of 200/s are stored once too often, and some of them, put again within
			// the two seconds, more often.
			if d := o.Ledger.Duplicates.Producer; d < 400 || d > 400*5 || o.Ledger.Processed != 4000 || o.Ledger.Attempted != 4000+d {
				t.Errorf("%+v, want 400 duplicates and more", o.Ledger.Account)
			}
		}},
		{"answers of a full shard lost, to a producer that puts again", func(sc *Scenario) {
			withFault(fault.Fault{Kind: fault.DropAnswer, Share: 0.5})(sc)
			sc.Test.Steps[0].Rate, sc.Pipeline.Shards, sc.Producer = 1500, 1, untilOld
		}, func(t *testing.T, o *Outcome) {
			// The shard takes at most 1 000/s in the 50 s that there are, and a second's
			// worth saved up, copies among them.
			a := o.Ledger.Account
			if a.Accepted > 30_000 || a.Processed != a.Accepted || a.Duplicates.Producer == 0 || a.Processed+a.Duplicates.Producer > 51_000 {
				t.Errorf("%+v, want no more than the shard takes", a)
			}
		}},
		{"a shard split that was too few", func(sc *Scenario) {
			withFault(fault.Fault{Kind: fault.SplitShard, Where: "0", Count: 1, At: 10 * time.Second})(sc)
			sc.Test.Steps[0].Rate, sc.Pipeline.Shards = 1500, 1
		}, func(t *testing.T, o *Outcome) {
			// 1 000/s for 10 s of 1 500, and a second's worth saved up: 4 000 are refused,
			// and none after.
			refused := o.Ledger.Rejected[throughputExceeded]
			if refused < 3950 || refused > 4050 || o.Ledger.Processed != 30_000-refused {
				t.Errorf("%+v, want some 4 000 refused", o.Ledger.Account)
			}
			if l := o.Results[0].Shards; l["shardId-000000000001"].Accepted < 7000 || l["shardId-000000000002"].Accepted < 7000 {
				t.Errorf("the halves took %+v, want 7 500 each", l)
			}
		}},
		{"shards merged to too few", func(sc *Scenario) {
			withFault(fault.Fault{Kind: fault.UpdateShardCount, Count: 1, At: 10 * time.Second})(sc)
			sc.Test.Steps[0].Rate = 1500
		}, func(t *testing.T, o *Outcome) {
			if refused := o.Ledger.Rejected[throughputExceeded]; refused < 3950 || refused > 4050 || o.Ledger.Processed != 30_000-refused {
				t.Errorf("%+v, want some 4 000 refused", o.Ledger.Account)
			}
		}},
		{"a reshard that can't be", withFault(fault.Fault{Kind: fault.MergeShards, Where: "3", Count: 1, At: 10 * time.Second}), func(t *testing.T, o *Outcome) {
			if o.Ledger.Processed != 4000 || !slices.Contains(o.Notes, "fault merge-shards:3@10s could not happen: shard shardId-000000000003 has no shard above it") {
				t.Errorf("%+v, %q, want all processed and the merge of the last shard to be nothing", o.Ledger.Account, o.Notes)
			}
		}},
		{"reads that fail", withFault(fault.Fault{Kind: fault.Error, Where: "GetRecords", Share: 1, At: 5 * time.Second, Length: 3 * time.Second}), func(t *testing.T, o *Outcome) {
			if most := o.Results[0].FromDue.Max(); most < 3*time.Second || o.Ledger.Processed != 4000 {
				t.Errorf("waited %v at most, want 3 s and more", most)
			}
		}},
		{"reads whose answers are lost", withFault(fault.Fault{Kind: fault.DropAnswer, Where: "GetRecords", Share: 1, At: 5 * time.Second, Length: 3 * time.Second}), func(t *testing.T, o *Outcome) {
			if most := o.Results[0].FromDue.Max(); most < 3*time.Second || o.Ledger.Processed != 4000 || o.Ledger.Attempted != 4000 {
				t.Errorf("waited %v at most, %+v, want 3 s and more, and nothing twice", most, o.Ledger.Account)
			}
		}},
		{"a shard paused", withFault(fault.Fault{Kind: fault.PauseShard, Where: "0", Side: fault.Reads, At: 5 * time.Second, Length: 3 * time.Second}), func(t *testing.T, o *Outcome) {
			if most := o.Results[0].FromDue.Max(); most < 3*time.Second || o.Ledger.Processed != 4000 {
				t.Errorf("waited %v at most, want 3 s and more", most)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := scenario(200, 20*time.Second)
			c.change(&sc)
			o, sums := carry(t, sc)
			if !o.Ledger.Balanced() {
				t.Errorf("the account does not balance: %+v", o.Ledger.Account)
			}
			unheard := float64(o.Ledger.Accepted) - sums[metrics.Accepted] // in the stream, and their producer doesn't know
			if unheard < 0 || unheard > sums[metrics.Indeterminate] || sums[metrics.Processed] != float64(o.Ledger.Processed) {
				t.Errorf("the series have %v accepted and %v processed, the account %+v", sums[metrics.Accepted], sums[metrics.Processed], o.Ledger.Account)
			}
			c.check(t, o)
		})
	}
}

// untilOld puts again whatever failed, at a random time of half a second, until
// records are 30 s old.
func untilOld() func() Turn {
	return func() Turn {
		return func(end CallEnd) (time.Duration, bool) {
			pause := time.Duration(end.Random * float64(time.Second/2))
			return pause, (!end.OK || end.Refused) && end.Since+pause < 30*time.Second
		}
	}
}

func withFault(f fault.Fault) func(*Scenario) {
	return func(sc *Scenario) { sc.Faults = []fault.Fault{f} }
}

// Whatever the pipeline, the account balances, the series agree with it and a
// second simulation is the same to the byte.
func TestSimulateBalancesAndRepeats(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenario(rapid.Float64Range(1, 3000).Draw(rt, "rate"), time.Duration(rapid.IntRange(1, 8).Draw(rt, "seconds"))*time.Second)
		sc.Test.Seed = rapid.Uint64().Draw(rt, "seed")
		p := &sc.Pipeline
		p.Shards, p.Parallelization = rapid.IntRange(1, 5).Draw(rt, "shards"), rapid.IntRange(1, 10).Draw(rt, "lanes")
		p.BatchSize, p.Concurrency = rapid.IntRange(1, 300).Draw(rt, "batch"), rapid.IntRange(0, 3).Draw(rt, "reserved")
		p.BatchingWindow = time.Duration(rapid.IntRange(0, 2).Draw(rt, "window")) * time.Second
		p.RetryAttempts = rapid.IntRange(-1, 2).Draw(rt, "retries")
		sc.Bisect, sc.OnFailure = rapid.Bool().Draw(rt, "bisect"), rapid.Bool().Draw(rt, "destination")
		sc.Poisson = rapid.Bool().Draw(rt, "poisson")
		if rapid.Bool().Draw(rt, "again") {
			sc.Producer = untilOld
		}
		sc.Timing.ErrorRate = rapid.SampledFrom([]float64{0, 0.1, 0.6}).Draw(rt, "errors")
		sc.Faults = rapid.SliceOfN(someFault, 0, 4).Draw(rt, "faults")
		first, firstSums := carry(t, sc)
		second, _ := carry(t, sc)
		if !first.Ledger.Balanced() || first.Ledger.InFlight < 0 || first.Ledger.Indeterminate < 0 {
			rt.Fatalf("the account does not balance: %+v", first.Ledger.Account)
		}
		if n := firstSums[metrics.Processed]; n != float64(first.Ledger.Processed) {
			rt.Fatalf("the series have %v processed, the account %d", n, first.Ledger.Processed)
		}
		if diff := cmp.Diff(text(rt, first), text(rt, second)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// someFault is one that strikes a second of a test's first eight, or reshards.
var someFault = rapid.Custom(func(t *rapid.T) fault.Fault {
	f := fault.Fault{At: time.Duration(rapid.IntRange(0, 7000).Draw(t, "at")) * time.Millisecond, Share: 0.5, Length: time.Second}
	f.Kind = rapid.SampledFrom([]string{
		fault.SplitShard, fault.MergeShards, fault.UpdateShardCount, fault.DropAnswer, fault.Reset, fault.Error, fault.Throttle,
		fault.DropRecord, fault.DeliverTwice, fault.KillFunction,
	}).Draw(t, "kind")
	f.Count = rapid.IntRange(1, 6).Draw(t, "count")
	if f.Kind == fault.SplitShard || f.Kind == fault.MergeShards {
		f.Where = strconv.Itoa(rapid.IntRange(0, 6).Draw(t, "shard"))
	}
	return f
})

func text(t *rapid.T, o *Outcome) string {
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Stretches of calls that are put together come to the same as single calls.
func TestStretchesAgreeWithCalls(t *testing.T) {
	for _, rate := range []float64{2000, 5000} { // 4 shards take 4 000
		single := scenario(rate, 30*time.Second)
		s := newSimulation(&single, nil)
		if s.offering.stretch != 0 {
			t.Fatal("30 s are put in stretches")
		}
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		want := s.outcome()
		together := newSimulation(&single, nil)
		together.queue, together.offering = eventQueue{}, newOffering(&single, 4, together.chance)
		together.offering.stretch = 200 * time.Millisecond
		together.stations()
		together.lookAhead()
		if err := together.run(); err != nil {
			t.Fatal(err)
		}
		got := together.outcome()
		near(t, "accepted", float64(got.Ledger.Accepted), float64(want.Ledger.Accepted), 0.005)
		for _, q := range []float64{0.5, 0.99} {
			near(t, "latency", got.Results[0].FromDue.Quantile(q).Seconds(), want.Results[0].FromDue.Quantile(q).Seconds(), 0.04)
		}
	}
}

// near fails where got is further from want than a share of it.
func near(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if got < want*(1-share) || got > want*(1+share) {
		t.Errorf("%s: %g, want %g ± %g %%", what, got, want, 100*share)
	}
}

func TestSimulateRefuses(t *testing.T) {
	sc := scenario(1, time.Second)
	sc.Pipeline.Shards = 0
	if _, err := Simulate(sc, nil); err == nil {
		t.Error("a stream without shards was simulated")
	}
	for _, f := range []fault.Fault{
		{Kind: fault.LatePoints}, {Kind: fault.DropLines}, {Kind: fault.Error, Where: "Invoke"}, {Kind: fault.Stall, Where: fault.Lambda},
	} {
		sc := scenario(1, time.Second)
		sc.Faults = []fault.Fault{f}
		if err := sc.Check(); err == nil {
			t.Errorf("fault %s was taken, which strikes nothing", f)
		}
	}
}
