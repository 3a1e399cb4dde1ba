// Package local starts the embedded pipeline: Kinesis, the Lambda event source
// mapping with its function, CloudWatch and Logs behind one loopback address
// that any AWS client can use.
package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
	"weir/internal/emulator/wire"
	"weir/internal/pipeline"
	"weir/internal/quota"
)

// The embedded account. Any credentials are accepted unless Options.Verify asks
// for these; they have the length of AWS's, which some clients check before
// they sign.
const (
	AccountID = "123456789012"
	AccessKey = "AKIAWEIREMBEDDED0000"
	SecretKey = "weir/embedded/pipeline/takes/any/secret0"
)

// Options say what the embedded pipeline is made of. Start from Defaults.
type Options struct {
	Addr    string // listen address; port 0 picks a free one
	Verify  bool   // check signatures against AccessKey and SecretKey
	Region  string
	Profile Profile

	Stream           string
	Shards           int
	MaxRecordBytes   int
	ShardLimitFactor float64
	RetainBytes      int64
	LogBytes         int64 // of each log group; the oldest lines go first

	Function    string
	Command     []string // a function as a process over the Runtime API; empty: the built-in one
	Work        lambda.WorkModel
	Timeout     time.Duration
	MemoryMB    int
	Concurrency int // reserved; 0 none

	BatchSize       int
	BatchingWindow  time.Duration
	Parallelization int
	RetryAttempts   int // -1 until the record expires
	Bisect          bool
	OnFailure       OnFailure

	Faults         []fault.Fault
	MetricsLikeAWS bool
	Seed           uint64
}

// Defaults are a pipeline of four shards with the built-in probe function and
// AWS's own default mapping.
func Defaults() Options {
	return Options{
		Addr:             "127.0.0.1:0",
		Region:           "us-east-1",
		Profile:          AWSProfile,
		Stream:           "weir",
		Shards:           4,
		MaxRecordBytes:   quota.DefaultMaxRecordBytes,
		ShardLimitFactor: 1,
		RetainBytes:      64 << 20,
		LogBytes:         32 << 20, // ten seconds of lines and more at 300 000 records/s, which are read every second
		Function:         "weir-probe",
		Work:             lambda.WorkModel{PerBatch: 5 * time.Millisecond, PerRecord: 10 * time.Microsecond},
		Timeout:          quota.DefaultFunctionTimeout,
		MemoryMB:         quota.MinMemoryMB,
		BatchSize:        quota.DefaultBatchSize,
		Parallelization:  1,
		RetryAttempts:    -1,
		Seed:             1,
	}
}

// Pipeline is a running embedded pipeline.
type Pipeline struct {
	options    Options
	kinesis    *kinesis.Server
	logs       *cloudwatch.Logs
	lambda     *lambda.Server
	cloudwatch *cloudwatch.Server
	feed       *feed // of metrics and log events into it
	listener   net.Listener
	http       *http.Server
	mapping    string
	failed     *destinations // where the documents of failed batches go
	codeDir    string        // of functions that clients make; empty: they can't
	faults     *fault.Schedule
	admin      http.Handler

	timersMu sync.Mutex
	timers   []*time.Timer // of faults that happen once
}

// Start brings the pipeline up: the stream active, the function checked (a
// process must ask for its first invocation), the mapping enabled. It leaves
// nothing behind when it fails.
func Start(ctx context.Context, o Options) (_ *Pipeline, err error) {
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the embedded pipeline: %w", err)
	}
	p := &Pipeline{options: o, listener: listener, faults: fault.NewSchedule(o.Seed)}
	p.admin = fault.Admin(p)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.failed, err = o.OnFailure.open(o.Region); err != nil {
		return nil, err
	}
	if err := p.makeCodeDir(); err != nil {
		return nil, err
	}
	p.assemble()
	p.http = p.server()
	p.http.Protocols = protocols()
	go p.http.Serve(listener) //nolint:errcheck // returns ErrServerClosed at Close

	err = p.kinesis.CreateStream(o.Stream, o.Shards, kinesis.StreamOptions{MaxRecordBytes: o.MaxRecordBytes})
	if err != nil {
		return nil, fmt.Errorf("create stream %s: %w", o.Stream, err)
	}
	if err := p.createFunction(ctx); err != nil {
		return nil, err
	}
	p.mapping, err = p.lambda.CreateMapping(lambda.MappingConfig{
		StreamARN: p.kinesis.StreamARN(o.Stream), Function: o.Function,
		Start:     lambda.StartingPosition{Type: lambda.TrimHorizon},
		BatchSize: o.BatchSize, Window: o.BatchingWindow, Parallelization: o.Parallelization,
		RetryAttempts: &o.RetryAttempts, Bisect: o.Bisect, OnFailure: o.OnFailure.destination(o.Region),
	})
	if err != nil {
		return nil, fmt.Errorf("create the event source mapping: %w", err)
	}
	return p, nil
}

// server is bounded in what a client may make it hold: headers of 64 KiB, and
// the time for them and between requests. The time for a body is wire.BodyTime;
// as a subscription lasts five minutes, the server can't watch it.
func (p *Pipeline) server() *http.Server {
	var handler http.Handler = p
	if p.options.Verify {
		handler = verified(p, wire.Signer{AccessKey: AccessKey, SecretKey: SecretKey, Region: p.options.Region}, time.Now)
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// assemble wires the services: metrics of all flow into one CloudWatch, the
// function's log lines into Logs, the stream into the mapping.
func (p *Pipeline) assemble() {
	o := p.options
	store := cloudwatch.NewStore(cloudwatch.Options{LikeAWS: o.MetricsLikeAWS, Delay: p.metricDelay(), Region: o.Region, Account: AccountID})
	p.logs = cloudwatch.NewLogs(cloudwatch.LogsOptions{Store: store, GroupBytes: o.LogBytes, Region: o.Region, Account: AccountID})
	p.feed = newFeed(store, p.logs, p.faults)
	p.cloudwatch = cloudwatch.New(cloudwatch.Config{Store: store, Logs: p.logs})
	p.kinesis = kinesis.New(kinesis.Config{
		Region: o.Region, AccountID: AccountID,
		ShardLimitFactor: o.ShardLimitFactor, RetainBytes: o.RetainBytes,
		ControlRates: o.Profile.ControlRates,
		PutLatency:   o.Profile.PutLatency, GetLatency: o.Profile.GetLatency, PushLatency: o.Profile.PushLatency,
		Series: p.feed.series, Seed: o.Seed,
	})
	p.lambda = lambda.New(lambda.Config{
		Region: o.Region, AccountID: AccountID,
		Source: newSource(p.kinesis, p.faults), Series: p.feed.series, Log: p.feed.append,
		InvokeLatency: o.Profile.InvokeLatency, ColdStart: o.Profile.ColdStart,
		PollInterval: o.Profile.PollInterval, ErrorBackoff: o.Profile.ErrorBackoff, ThrottleBackoff: o.Profile.ThrottleBackoff, MaxBackoff: o.Profile.MaxBackoff,
		AccountConcurrency: quota.DefaultConcurrency, Seed: o.Seed,
		Destination: p.failed.deliver, CodeDir: p.codeDir, FunctionEnv: p.functionEnv(),
	})
}

// makeCodeDir lets clients make functions, which run on this machine: only
// where no other machine can reach the pipeline. An empty container has no
// folder for temporary files: it is made.
func (p *Pipeline) makeCodeDir() error {
	if at, ok := p.listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil
	}
	err := os.MkdirAll(os.TempDir(), 0o777|os.ModeSticky)
	if err == nil {
		p.codeDir, err = os.MkdirTemp("", "weir-functions-")
	}
	if err != nil {
		return fmt.Errorf("make a folder for functions: %w", err)
	}
	return nil
}

func (p *Pipeline) metricDelay() time.Duration {
	if p.options.MetricsLikeAWS {
		return 2 * time.Minute // AWS: "up to 2 min" for a new metric (API, publishingMetrics)
	}
	return 0
}

func (p *Pipeline) createFunction(ctx context.Context) error {
	o := p.options
	f := lambda.FunctionConfig{
		Name: o.Function, Timeout: o.Timeout, MemoryMB: o.MemoryMB,
		Command: o.Command,
	}
	if o.Concurrency > 0 {
		f.ReservedConcurrency = &o.Concurrency
	}
	if len(o.Command) == 0 {
		work := o.Work
		work.Seed, work.Lanes = o.Seed, o.Parallelization > 1
		f.Work, f.Runtime = &work, "weir.built-in"
	}
	if err := p.lambda.CreateFunction(f); err != nil {
		return fmt.Errorf("create function %s: %w", o.Function, err)
	}
	if len(o.Command) == 0 {
		return nil
	}
	if err := p.lambda.CheckStart(ctx, o.Function); err != nil {
		return fmt.Errorf("start function %v: %w", o.Command, err)
	}
	return nil
}

// functionEnv points a function's own AWS clients at this pipeline, so that a
// function under test never reaches a real account by the user's credentials.
func (p *Pipeline) functionEnv() map[string]string {
	env := map[string]string{}
	for _, v := range p.Environ() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	if p.options.Parallelization > 1 {
		env["WEIR_PROBE_LANES"] = "1" // batches of one shard overlap: order is judged by key
	}
	return env
}

// Endpoint is the base URL for any AWS client.
func (p *Pipeline) Endpoint() string {
	at := p.listener.Addr().String()
	if host, port, err := net.SplitHostPort(at); err == nil && net.ParseIP(host).IsUnspecified() {
		at = net.JoinHostPort("127.0.0.1", port) // all interfaces are no address to connect to
	}
	return "http://" + at
}

// Skipped is the number of records that retention took before the mapping had
// read them.
func (p *Pipeline) Skipped() uint64 { return p.lambda.Skipped() }

// LogTrimmed is the newest time among the function's log lines that were
// dropped for LogBytes; zero when none was. Whoever had not read that far has
// missed some.
func (p *Pipeline) LogTrimmed() time.Time {
	_, newest := p.logs.Trimmed(p.Address().LogGroup())
	return newest
}

// Address is the pipeline as the other stages see it.
func (p *Pipeline) Address() pipeline.Address {
	a := pipeline.Address{
		Kind: pipeline.Embedded, Profile: p.options.Profile.Name, Endpoint: p.Endpoint(),
		Config: aws.Config{
			Region:       p.options.Region,
			Credentials:  credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
			BaseEndpoint: aws.String(p.Endpoint()),
			HTTPClient:   newBodyReader(),
		},
		Stream: p.options.Stream, Function: p.options.Function, Mapping: p.mapping,
		Resolution: time.Second, Settle: 0,
		DeliveryDelay: 2*p.options.Profile.PollInterval + p.options.BatchingWindow + 500*time.Millisecond,
	}
	if p.options.MetricsLikeAWS {
		a.Resolution, a.Settle = time.Minute, p.metricDelay()+time.Minute
	}
	return a
}

// Environ are the variables with which any AWS client uses this pipeline.
func (p *Pipeline) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + p.Endpoint(),
		"AWS_ACCESS_KEY_ID=" + AccessKey,
		"AWS_SECRET_ACCESS_KEY=" + SecretKey,
		"AWS_REGION=" + p.options.Region,
		"AWS_DEFAULT_REGION=" + p.options.Region, // what AWS's CLI 1 and boto3 read
		"KINESIS_STREAM_NAME=" + p.options.Stream,
		"LAMBDA_FUNCTION_NAME=" + p.options.Function,
	}
}

// Close ends function processes, the mapping and the listener. No goroutine or
// process of the pipeline is left when it returns.
func (p *Pipeline) Close() error {
	p.timersMu.Lock()
	for _, t := range p.timers {
		t.Stop()
	}
	p.timersMu.Unlock()
	var errs []error
	if p.lambda != nil {
		errs = append(errs, p.lambda.Close())
	}
	if p.feed != nil {
		p.feed.close()
	}
	if p.http != nil {
		errs = append(errs, p.http.Close())
	} else {
		errs = append(errs, p.listener.Close())
	}
	if p.failed != nil {
		errs = append(errs, p.failed.close())
	}
	if p.codeDir != "" {
		errs = append(errs, os.RemoveAll(p.codeDir))
	}
	return errors.Join(errs...)
}
