package cli

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"weir/internal/capacity"
	"weir/internal/emulator/lambda"
	"weir/internal/load"
	"weir/internal/payload"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/producer"
	"weir/internal/quota"
	"weir/internal/record"
)

// simulateFlags are the flags of a simulation alone.
type simulateFlags struct {
	poisson  bool
	fit      string
	sweep    string
	plan     string
	headroom string
	fitted   *fitted                // once it is
	changed  func(flag string) bool // whether the user gave a flag
}

func (f *simulateFlags) register(s *pflag.FlagSet) {
	s.BoolVar(&f.poisson, "poisson", false, "records come at random, as from many independent senders, in place of evenly")
	s.StringVar(&f.fit, "fit", "", "a run from which to take put and read latencies, the poll interval, the time of invocations and cold starts;\nwithout TEST the run's own test is simulated and the model's errors are shown")
	s.StringVar(&f.sweep, "sweep", "", "simulate every combination at --rate and show those that nothing betters in cost or latency:\nshards=1..16,pf=1..10,batch=10/100/1000,memory=128..1769,window=0/1 (a range is its ends and the doublings between)")
	s.StringVar(&f.plan, "plan", "", "simulate every test of a plan file once; with TEST those of that id")
	s.StringVar(&f.headroom, "headroom", "25%", "with --sweep: how much more than --rate a configuration must take and meet the targets")
}

// virtualStart is when simulated loads begin: a fixed moment, so that the same
// simulation leaves the same bytes.
var virtualStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// scenarioOf is what a prepared test is to be simulated as.
func scenarioOf(test plan.Test, e *embeddedFlags, l *loadFlags, f *simulateFlags) (capacity.Scenario, local.Options, error) {
	o, err := e.options()
	if err != nil {
		return capacity.Scenario{}, o, err
	}
	switch {
	case e.function != "":
		return capacity.Scenario{}, o, usage(fmt.Errorf("--function %s can't be run in virtual time", e.function),
			"--work and --work-per-record say how long it takes, --error-rate how often it fails")
	case l.largest > o.MaxRecordBytes:
		return capacity.Scenario{}, o, usage(fmt.Errorf("a payload of %d bytes is over the stream's record limit of %d", l.largest, o.MaxRecordBytes),
			"--max-record-size lets the stream take up to 10MiB")
	}
	if err := faultsInTime(o.Faults, test); err != nil {
		return capacity.Scenario{}, o, err
	}
	sc := capacity.Scenario{
		Test: test, Pipeline: simulatedPipeline(o), Timing: timingOf(o), Faults: o.Faults,
		Bisect: o.Bisect, OnFailure: o.OnFailure != (local.OnFailure{}), Start: virtualStart, Drain: l.drain, Poisson: f.poisson,
	}
	putsAgain(&sc)
	if err := sc.Check(); err != nil {
		return sc, o, usage(fmt.Errorf("simulate: %w", err), "weir run does it live")
	}
	if sc.Records, err = recordsOf(test, o); err != nil {
		return sc, o, err
	}
	return sc, o, f.apply(&sc, l.runs)
}

// putsAgain lets the scenario's producer do what the test's retry policy says.
func putsAgain(sc *capacity.Scenario) {
	policy := producer.Retry(sc.Test.Put.Retry)
	if policy == "" || policy == producer.RetryNone {
		return
	}
	sc.Producer = func() func() capacity.Turn {
		retrier := producer.NewRetrier(policy)
		return func() capacity.Turn {
			turn := retrier.Turn()
			return func(end capacity.CallEnd) (time.Duration, bool) { return turn(producer.CallEnd(end)) }
		}
	}
	// Of calls with many records the SDK repeats none for its refused records.
	sc.CallByCall = policy == producer.RetrySDK && sc.Test.Put.MaxRecords == 1
}

// apply takes the timing of the run that is to be fitted, but for what the user
// said of the function.
func (f *simulateFlags) apply(sc *capacity.Scenario, runs string) error {
	if f.fit == "" {
		return nil
	}
	if f.fitted == nil {
		fit, err := fitTo(runs, f.fit)
		if err != nil {
			return err
		}
		f.fitted = &fit
	}
	asked := sc.Timing
	sc.Timing = f.fitted.Timing
	if f.changed("work") || f.changed("work-per-record") {
		sc.Timing.PerBatch, sc.Timing.PerRecord = asked.PerBatch, asked.PerRecord
	}
	if f.changed("error-rate") {
		sc.Timing.ErrorRate = asked.ErrorRate
	}
	return nil
}

// simulatedPipeline is the pipeline that the options ask for, as a run's record
// has it.
func simulatedPipeline(o local.Options) record.Pipeline {
	return record.Pipeline{
		Kind: record.Simulated, Profile: o.Profile.Name, Region: o.Region, ResolutionS: 1,
		Stream: o.Stream, StreamMode: "PROVISIONED", Shards: o.Shards, RetentionHours: quota.DefaultRetentionHours,
		ShardLimitFactor: o.ShardLimitFactor, MaxRecordBytes: o.MaxRecordBytes,
		Function: o.Function, FunctionTimeout: o.Timeout, FunctionMemoryMB: o.MemoryMB, FunctionRuntime: "weir.work-model",
		Concurrency: o.Concurrency, Mapping: "simulated", BatchSize: o.BatchSize, BatchingWindow: o.BatchingWindow,
		Parallelization: o.Parallelization, RetryAttempts: o.RetryAttempts, MappingEventCount: true,
	}
}

// timingOf is the embedded pipeline's timing and its built-in function's.
func timingOf(o local.Options) capacity.Timing {
	p := o.Profile
	return capacity.Timing{
		Put: p.PutLatency, Get: p.GetLatency, Invoke: p.InvokeLatency, ColdStart: p.ColdStart,
		PollInterval: p.PollInterval, ErrorBackoff: p.ErrorBackoff, ThrottleBackoff: p.ThrottleBackoff, MaxBackoff: p.MaxBackoff,
		PerBatch: o.Work.PerBatch, PerRecord: o.Work.PerRecord, ErrorRate: o.Work.ErrorRate,
	}
}

// recordsOf is how large a test's records are and which keys they have.
func recordsOf(test plan.Test, o local.Options) (capacity.Records, error) {
	bodies, err := load.Bodies(test.Payload, test.Seed)
	if err != nil {
		return capacity.Records{}, err
	}
	spec, err := payload.ParseKeys(test.Keys.String())
	if err != nil {
		return capacity.Records{}, err
	}
	if spec.PerShard() {
		if spec, err = payload.ParseKeys("hash:" + shardStarts(o.Shards)); err != nil {
			return capacity.Records{}, err
		}
	}
	keys := payload.NewKeys(spec, test.Seed)
	if keys.FromBody() {
		return capacity.Records{}, usagef("--keys %s can't be simulated: its keys are in the bodies, which a simulation doesn't make", test.Keys)
	}
	r := capacity.Records{Bytes: test.Payload.Bytes}
	if r.Bytes == 0 {
		r.Bytes = bodies.MaxBytes()
	}
	r.KeyBytes = len(keys.Key(0, nil).Partition)
	r.EventBytes = lambda.EventBytes(o.Region, streamARN(o), r.KeyBytes, r.Bytes)
	r.Repeat = keys.Repeat()
	r.Key = func(slot uint64) (partition, hash string) {
		key := keys.Key(slot, nil)
		return key.Partition, key.Hash
	}
	return r, nil
}

func streamARN(o local.Options) string {
	return "arn:aws:kinesis:" + o.Region + ":" + local.AccountID + ":stream/" + o.Stream
}

// shardStarts are the first hash keys of a new stream's shards.
func shardStarts(shards int) string {
	size := new(big.Int).Div(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(int64(shards)))
	starts := make([]string, shards)
	for i := range starts {
		starts[i] = new(big.Int).Mul(size, big.NewInt(int64(i))).String()
	}
	return strings.Join(starts, ",")
}
