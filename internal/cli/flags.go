package cli

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"weir/internal/campaign"
	"weir/internal/emulator/lambda"
	"weir/internal/load"
	"weir/internal/payload"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/producer"
	"weir/internal/quota"
)

// embeddedFlags are the flags that shape the embedded pipeline.
type embeddedFlags struct {
	profile     string
	shards      int
	limitFactor float64
	maxRecord   string
	retain      string
	function    string
	work        time.Duration
	workRecord  time.Duration
	errorRate   float64
	timeout     time.Duration
	memory      int
	concurrency int
	batch       int
	batchSize   int
	window      time.Duration
	parallel    int
	retries     int
	bisect      bool
	onFailure   local.OnFailure
	faults      []string
	stream      string // name; empty: the default
	likeAWS     bool
	verify      bool
	seed        uint64
}

func (f *embeddedFlags) register(s *pflag.FlagSet) {
	d := local.Defaults()
	s.StringVar(&f.profile, "profile", d.Profile.Name, "timing of the embedded pipeline: aws or instant, and what is changed of it:\n"+
		"aws,put=12ms/60ms,poll=250ms (weir local --help shows the figures)")
	s.IntVar(&f.shards, "shards", d.Shards, "shards of the embedded stream")
	s.Float64Var(&f.limitFactor, "shard-limit-factor", d.ShardLimitFactor, "multiplies AWS's limits of a shard (of its read calls only above 1)")
	s.StringVar(&f.maxRecord, "max-record-size", "1MiB", "largest record the embedded stream takes, 1MiB to 10MiB")
	s.StringVar(&f.retain, "retain", "64MiB", "memory for the embedded stream's records; the oldest go first")
	s.StringVar(&f.function, "function", "", "your function: a Lambda binary or any command that speaks the Runtime API\n(weir run --target aws: the function's name)")
	s.DurationVar(&f.work, "work", d.Work.PerBatch, "built-in function: time per batch")
	s.DurationVar(&f.workRecord, "work-per-record", d.Work.PerRecord, "built-in function: time per record")
	s.Float64Var(&f.errorRate, "error-rate", 0, "built-in function: share of invocations that fail, 0 to 1")
	s.DurationVar(&f.timeout, "timeout", d.Timeout, "the embedded function's timeout, whole seconds from 1s to 15m")
	s.IntVar(&f.memory, "memory", d.MemoryMB, "the embedded function's memory, MB")
	s.IntVar(&f.concurrency, "reserved-concurrency", 0, "the embedded function's reserved concurrency; 0 reserves none")
	s.IntVar(&f.batch, "batch", 0, "records per batch, 1 to 10000: the mapping's BatchSize, and at most so many\nrecords per put call (default 100 and 500)")
	s.IntVar(&f.batchSize, "batch-size", 0, "the mapping's BatchSize alone, 1 to 10000")
	s.DurationVar(&f.window, "batching-window", 0, "the mapping's MaximumBatchingWindow, whole seconds")
	s.IntVar(&f.parallel, "parallelization-factor", d.Parallelization, "the mapping's ParallelizationFactor, 1 to 10")
	s.IntVar(&f.retries, "retry-attempts", d.RetryAttempts, "the mapping's MaximumRetryAttempts; -1 until the record expires")
	s.BoolVar(&f.bisect, "bisect", false, "the mapping's BisectBatchOnFunctionError")
	s.StringVar(&f.onFailure.Dir, "on-failure-dir", "", "folder for the documents of batches that a mapping gives up: objects as bucket/key,\nmessages as queue/id.json; their records are dead-lettered in the account")
	s.StringVar(&f.onFailure.Endpoint, "on-failure-endpoint", "", "URL that answers SQS's SendMessage, which takes the documents for queues instead")
	s.StringVar(&f.onFailure.ARN, "on-failure", "", "the mapping's on-failure destination: the ARN of a bucket, a queue or a topic\n(default the bucket or queue weir-on-failure where a folder or an endpoint is given)")
	s.StringArrayVar(&f.faults, "fault", nil, "what goes wrong, and when after the start of the load (of serving, in local): stall=3s@10s,\nthrottle=0.3@10s+20s, drop-answer=0.1@5s+5s (may be repeated; weir local --help lists the kinds)")
	s.BoolVar(&f.verify, "verify-signatures", false, "the embedded pipeline refuses requests that aren't signed with the credentials it prints")
	s.BoolVar(&f.likeAWS, "metrics-like-aws", false, "embedded metrics as late and as coarse as AWS's")
	s.Uint64Var(&f.seed, "seed", d.Seed, "of everything that is drawn by chance")
	refuseZero(s, "batch", "batch-size")
}

// options are the embedded pipeline that the flags ask for.
func (f *embeddedFlags) options() (local.Options, error) {
	o := local.Defaults()
	o.Stream = first(f.stream, o.Stream)
	var err error
	if o.Profile, err = local.ParseProfile(f.profile); err != nil {
		return o, usage(fmt.Errorf("--profile: %w", err), "")
	}
	if o.MaxRecordBytes, err = plan.ParseSize(f.maxRecord); err != nil {
		return o, usage(fmt.Errorf("--max-record-size: %w", err), "")
	}
	retain, err := plan.ParseSize(f.retain)
	if err != nil {
		return o, usage(fmt.Errorf("--retain: %w", err), "")
	}
	for _, text := range f.faults {
		fault, err := local.ParseFault(text)
		if err != nil {
			return o, usage(fmt.Errorf("--fault: %w", err), "")
		}
		o.Faults = append(o.Faults, fault)
	}
	if f.function != "" {
		if o.Command, err = functionCommand(f.function); err != nil {
			return o, err
		}
		o.Function = "function"
	}
	o.Shards, o.ShardLimitFactor, o.RetainBytes = f.shards, f.limitFactor, int64(retain)
	o.Work = lambda.WorkModel{PerBatch: f.work, PerRecord: f.workRecord, ErrorRate: f.errorRate}
	o.Timeout, o.MemoryMB, o.Concurrency = f.timeout, f.memory, f.concurrency
	o.BatchingWindow, o.Parallelization, o.RetryAttempts, o.Bisect = f.window, f.parallel, f.retries, f.bisect
	o.OnFailure = f.onFailure
	o.MetricsLikeAWS, o.Verify, o.Seed = f.likeAWS, f.verify, f.seed
	if f.batch > 0 {
		o.BatchSize = f.batch
	}
	if f.batchSize > 0 {
		o.BatchSize = f.batchSize
	}
	return o, f.check(o)
}

func (f *embeddedFlags) check(o local.Options) error {
	outside := func(flag string, value, low, high any) error {
		return usagef("--%s %v is outside %v to %v", flag, value, low, high)
	}
	switch {
	case f.shards < 1 || f.shards > quota.MaxShardsPerStream:
		return outside("shards", f.shards, 1, quota.MaxShardsPerStream)
	case f.limitFactor <= 0:
		return usagef("--shard-limit-factor %g must be above 0", f.limitFactor)
	case o.MaxRecordBytes < quota.DefaultMaxRecordBytes || o.MaxRecordBytes > quota.LargestRecordBytes:
		return outside("max-record-size", f.maxRecord, "1MiB", "10MiB")
	case o.RetainBytes < 1<<20:
		return usagef("--retain %s is under 1MiB", f.retain)
	case f.errorRate < 0 || f.errorRate > 1:
		return outside("error-rate", f.errorRate, 0, 1)
	case f.work < 0 || f.workRecord < 0:
		return usagef("--work and --work-per-record can't be negative")
	case f.timeout < time.Second || f.timeout > quota.MaxFunctionTimeout || f.timeout%time.Second != 0:
		return usagef("--timeout %v: Lambda takes whole seconds from 1s to %v", f.timeout, quota.MaxFunctionTimeout)
	case f.memory < quota.MinMemoryMB || f.memory > quota.MaxMemoryMB:
		return outside("memory", f.memory, quota.MinMemoryMB, quota.MaxMemoryMB)
	case f.concurrency < 0 || f.concurrency > quota.DefaultConcurrency:
		return outside("reserved-concurrency", f.concurrency, 0, quota.DefaultConcurrency)
	case f.batch > quota.MaxBatchSize:
		return outside("batch", f.batch, 1, quota.MaxBatchSize)
	case f.batchSize > quota.MaxBatchSize:
		return outside("batch-size", f.batchSize, 1, quota.MaxBatchSize)
	case f.window < 0 || f.window > quota.MaxBatchingWindow || f.window%time.Second != 0:
		return usagef("--batching-window %v: whole seconds from 0 to %v", f.window, quota.MaxBatchingWindow)
	case f.parallel < 1 || f.parallel > quota.MaxParallelization:
		return outside("parallelization-factor", f.parallel, 1, quota.MaxParallelization)
	case f.retries < -1 || f.retries > quota.MaxRetryAttempts:
		return outside("retry-attempts", f.retries, -1, quota.MaxRetryAttempts)
	}
	if err := f.onFailure.Validate(); err != nil {
		return usage(err, "")
	}
	return nil
}

// functionCommand is the command line of a user's function. A text with quotes
// is the shell's to split.
func functionCommand(text string) ([]string, error) {
	if strings.ContainsAny(text, `"'\$`) {
		return []string{"/bin/sh", "-c", "exec " + text}, nil
	}
	command := strings.Fields(text)
	if len(command) == 0 {
		return nil, usagef("--function is empty")
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return nil, usage(fmt.Errorf("--function: %w", err),
			"give a Lambda binary built for this machine (go build -o bootstrap .) or a command such as \"npx aws-lambda-ric@3 index.handler\"")
	}
	command[0] = path
	return command, nil
}

// loadFlags are the flags that shape the load.
type loadFlags struct {
	rate      string
	shape     string
	step      time.Duration
	payload   string
	file      string
	order     string
	template  string
	keys      string
	putBatch  int
	linger    time.Duration
	inFlight  int
	retry     string
	encoding  string
	runs      string
	out       []string
	tags      []string
	json      bool
	plain     bool
	ui        string // address of the live page; empty: none
	drain     time.Duration
	judgeBy   string
	slo       []string
	timeScale float64
	bounded   bool                                                // of a script
	fleet     func(context.Context, load.Options) (loader, error) // carries the load out; nil: one k6 child

	defaultRate string        // of --rate
	shortest    time.Duration // that a judged step lasts where the user gives no length
	largest     int           // bytes of the largest body, once applied; 0 for a script
}

func (f *loadFlags) register(s *pflag.FlagSet, rate string, step time.Duration) {
	f.defaultRate = rate
	s.StringVar(&f.rate, "rate", rate, "records per second, one step each: 2000 or 10,100,500")
	s.StringVar(&f.shape, "shape", "", "how the rate moves within a step, in place of --rate: ramp:50..500, spike:50..500/10s,\nsine:500±300/10m, onoff:1000/0/10s/10s, diurnal:2000, csv:rates.csv, constant:500;\na list makes steps")
	s.DurationVar(&f.step, "step", step, "length of each step (default the test's own; a judged one on AWS at least 5m)")
	s.StringVar(&f.payload, "payload", "", "size of each record: 100, 500B, 1KB, 300..900, normal:500±100,\nbinary:500 (random bytes), kpl:20x500 (user records, aggregated)\n(default 500 in try, the test's own in run)")
	s.StringVar(&f.file, "payload-file", "", "file of record bodies: NDJSON, one a line, or CSV, a JSON object for each row")
	s.StringVar(&f.order, "payload-order", "", "of the file's bodies: loop (default), sample (drawn at random), or replay:FIELD*10:\nwhen the field says, ten times as fast")
	s.StringVar(&f.template, "template", "", "file with the text of one record and generators in it: {{uuid}}, {{time}},\n{{int 1 100}}, {{float 0 1 2}}, {{enum red=3 green}}, {{text 200}}, {{seq}}, {{token}}")
	s.StringVar(&f.keys, "keys", strconv.Itoa(plan.DefaultKeys), "partition keys to draw from, uniformly; or unique, zipf:1.1, hot:0.3\n(these two with the number of keys after it: zipf:1.1,500), per-shard, hash:0,1701…,\nfield:customer.id")
	s.IntVar(&f.putBatch, "put-batch", 0, "records per put call at most, 1 to 500; 1 uses PutRecord")
	s.DurationVar(&f.linger, "linger", plan.DefaultPut.Linger, "how long a record may wait for its call to fill")
	s.IntVar(&f.inFlight, "max-in-flight", plan.DefaultPut.MaxInFlight, "put calls under way at once, fewer where their records would take more than 256 MiB;\na call that finds no place within 1s of its due time is not sent")
	s.StringVar(&f.retry, "retry", string(producer.RetryNone), "what is done about records that a call failed to put: none, sdk (AWS's SDK: whole calls,\nthree attempts) or kpl-like (only the failed records, until they are 30s old)")
	s.StringVar(&f.encoding, "encoding", string(producer.Auto), "of put calls: json, cbor, which is less work for the generator, or auto:\ncbor where the endpoint takes it")
	s.StringVar(&f.runs, "runs", "runs", "folder in which the run's directory is made")
	s.StringArrayVar(&f.out, "out", nil, "also a k6 output, which gets what is seen of the pipeline, too: influxdb=http://127.0.0.1:8086/k6,\nexperimental-prometheus-rw, opentelemetry, cloudwatch, datadog, json=samples.json (may be repeated;\ndocs/outputs.md)")
	s.StringArrayVar(&f.tags, "tag", nil, "name=value on all that --out sends, beside test, stream and function (may be repeated)")
	s.StringVar(&f.judgeBy, "judge", judgeTargets, "what a sustained rate must meet: targets, or capacity (acceptance, backlog and ledger only)")
	registerSLO(s, &f.slo)
	s.Float64Var(&f.timeScale, "time-scale", 1, "shortens the steps for a rehearsal, to no less than 8s; the pipeline's timing stays as it is")
	s.BoolVar(&f.json, "json", false, "print verdict.json last on standard output")
	s.BoolVar(&f.plain, "plain", false, "progress as lines even in a terminal")
	registerUI(s, &f.ui)
	s.DurationVar(&f.drain, "drain", 2*time.Minute, "how long to wait at most, after the load, for records to be processed")
	refuseZero(s, "step", "put-batch")
}

// Values of --judge.
const (
	judgeTargets  = "targets"
	judgeCapacity = "capacity"
)

// rehearsal is the time scale of a rehearsal, 0 of a run in full.
func (f *loadFlags) rehearsal() float64 {
	if f.timeScale == 1 {
		return 0
	}
	return f.timeScale
}

// setTargets sets what the test is judged by.
func (f *loadFlags) setTargets(t *plan.Test) (err error) {
	switch {
	case f.judgeBy != judgeTargets && f.judgeBy != judgeCapacity:
		return usagef("--judge %q: targets or capacity", f.judgeBy)
	case f.judgeBy == judgeCapacity && len(f.slo) > 0:
		return usagef("--slo would change nothing: --judge capacity leaves the targets out")
	}
	t.Capacity = f.judgeBy == judgeCapacity
	t.Targets, err = withSLO(t.Targets, f.slo)
	return err
}

// scale shortens the steps of a rehearsal.
func (f *loadFlags) scale(t *plan.Test) error {
	if f.timeScale <= 0 || f.timeScale > 1 {
		return usagef("--time-scale %g: above 0, and 1 at most", f.timeScale)
	}
	for i := range t.Steps {
		t.Steps[i].Duration = campaign.Scaled(t.Steps[i].Duration, f.timeScale)
	}
	return nil
}

// apply puts the flags' values over the test's.
func (f *loadFlags) apply(t *plan.Test, e *embeddedFlags) error {
	t.Seed = e.seed
	bodies, err := f.applyPayload(t)
	if err != nil {
		return err
	}
	if err := f.applySteps(t, bodies.Moments()); err != nil {
		return err
	}
	f.lengthen(t)
	keys, err := payload.ParseKeys(f.keys)
	if err == nil {
		err = keys.Check(bodies)
	}
	if err != nil {
		return usage(fmt.Errorf("--keys: %w", err), "")
	}
	t.Keys = plan.KeysOf(f.keys)
	t.Put.Linger, t.Put.MaxInFlight = f.linger, f.inFlight
	if err := f.applyPut(t); err != nil {
		return err
	}
	if e.batch > 0 {
		t.Put.MaxRecords = min(e.batch, quota.PutRecordsMaxRecords)
	}
	if f.putBatch != 0 {
		t.Put.MaxRecords = f.putBatch
	}
	if err := f.scale(t); err != nil {
		return err
	}
	if err := t.Validate(); err != nil {
		return usage(err, "")
	}
	return nil
}

// lengthen gives judged steps the least length that can be judged, where the
// user gives none.
func (f *loadFlags) lengthen(t *plan.Test) {
	for i, s := range t.Steps {
		if s.Judged && f.step == 0 {
			t.Steps[i].Duration = max(s.Duration, f.shortest)
		}
	}
}

// applySteps sets the test's steps, as far as a flag says them; moments are the
// payload file's own, if it is replayed.
func (f *loadFlags) applySteps(t *plan.Test, moments []time.Duration) error {
	if moments != nil {
		if f.shape != "" || f.rate != f.defaultRate {
			return usagef("--payload-order %s excludes --rate and --shape: the file's records have times of their own", f.order)
		}
		t.Steps = []plan.Step{plan.ReplayStep(f.order, moments)}
		return nil
	}
	if f.shape != "" {
		if f.rate != f.defaultRate {
			return usagef("--rate and --shape exclude each other: a shape has its own rates, a list of shapes makes steps")
		}
		steps, err := plan.ShapedSteps(f.shape, cmp.Or(f.step, plan.EmbeddedStep))
		if err != nil {
			return usage(fmt.Errorf("--shape: %w", err), "")
		}
		t.Steps = steps
		return nil
	}
	var rates []float64
	if f.rate != "" {
		var err error
		if rates, err = plan.ParseRates(f.rate); err != nil {
			return usage(fmt.Errorf("--rate: %w", err), "")
		}
	}
	t.Steps = t.StepsWith(rates, f.step)
	return nil
}

// applyPut sets how calls are written and what follows their failures, of a
// script's records as well.
func (f *loadFlags) applyPut(t *plan.Test) error {
	if _, err := producer.ParseRetry(f.retry); err != nil {
		return usage(fmt.Errorf("--retry: %w", err), "")
	}
	if _, err := producer.ParseEncoding(f.encoding); err != nil {
		return usage(fmt.Errorf("--encoding: %w", err), "")
	}
	t.Put.Retry, t.Put.Encoding = f.retry, f.encoding
	return nil
}

func (f *loadFlags) applyPayload(t *plan.Test) (*payload.Bodies, error) {
	flag, hint := "--payload", ""
	switch {
	case f.payload != "" && f.file != "":
		return nil, usagef("--payload and --payload-file exclude each other: a file's lines have their own sizes")
	case f.template != "" && f.payload+f.file != "":
		return nil, usagef("--template and --payload or --payload-file exclude each other: a template is all of the body")
	case f.order != "" && f.file == "":
		return nil, usagef("--payload-order is of the bodies of --payload-file: name one")
	case f.file != "":
		if _, err := payload.ParseOrder(f.order); err != nil {
			return nil, usage(fmt.Errorf("--payload-order: %w", err), "")
		}
		t.Payload = plan.Payload{File: f.file, Order: f.order}
		flag, hint = "--payload-file", "give a file with one JSON object a line, or a CSV file (.csv) with names in its first row"
	case f.template != "":
		t.Payload = plan.Payload{Template: f.template}
		flag, hint = "--template", `write for example {"id":"{{uuid}}","at":"{{time}}","n":{{int 1 100}}}`
	case f.payload != "":
		var err error
		if t.Payload, err = plan.ParsePayload(f.payload); err != nil {
			return nil, usage(fmt.Errorf("--payload: %w", err), "")
		}
	}
	bodies, err := load.Bodies(t.Payload, t.Seed)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", flag, err), hint)
	}
	f.largest = bodies.MaxBytes()
	return bodies, nil
}
