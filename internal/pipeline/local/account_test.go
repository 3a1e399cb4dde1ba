package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
	"weir/internal/emulator/wire"
	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/observe"
	"weir/internal/pipeline"
	"weir/internal/producer"
	"weir/internal/record"
	"weir/probe"
	"weir/probe/line"
	"weir/probe/token"
)

// One run in which records come to every end there is but loss, each a
// different number of times, and the account that is closed from the producer's
// outcomes, the probe's lines, the mapping's metrics and the stream names each
// number.
func TestAccountNamesEveryFate(t *testing.T) {
	rig := startRig(t, 25*time.Hour) // the stream keeps a day
	run := &audit{t: t, rig: rig, observer: observe.New(&record.Run{RunToken: 7, Steps: []record.Step{{EndEx: token.MaxSeq}}}), from: time.Now()}

	run.put("order", 7) // expired
	rig.ago.Store(0)
	rig.createMapping(t)
	run.put("order", 40) // processed
	run.put("noise", 11) // filtered
	run.put("poison", 5) // dead-lettered
	rig.loss.Store(answers)
	run.put("order", 3) // processed, without an answer
	rig.loss.Store(requests)
	run.put("order", 13) // indeterminate
	rig.loss.Store(nothing)
	rig.kinesis.Fail("PutRecords", 1, &wire.Error{Code: "LimitExceededException", Status: http.StatusBadRequest})
	run.put("order", 2) // rejected
	run.await(43, 11, 5)
	rig.disableMapping(t)
	run.put("order", 9) // in flight
	got := run.close()

	want := ledger.Account{
		Offered: 7 + 40 + 11 + 5 + 3 + 13 + 2 + 9, Accepted: 7 + 40 + 11 + 5 + 3 + 9,
		Rejected: map[string]int64{"LimitExceededException": 2}, Indeterminate: 13,
		Processed: 40 + 3, Filtered: 11, DeadLettered: 5, Expired: 7, InFlight: 9,
		Attempted: got.Attempted, Retried: got.Retried, // by how the batches fell
		Reordered: new(int64(0)), ReadBack: true, Reasons: got.Reasons,
	}
	if diff := cmp.Diff(want, got.Account); diff != "" || !got.Closes() {
		t.Errorf("the account closes: %v (-want +got):\n%s", got.Closes(), diff)
	}
	if letters := rig.letters.Load(); letters != 5 {
		t.Errorf("%d documents at the destination, want 5", letters)
	}
}

// rig is the embedded pipeline with more hold on it than Options give: the
// stream's clock, the network and the destination.
type rig struct {
	Pipeline
	address pipeline.Address
	ago     atomic.Int64 // how far the stream's clock is behind, in nanoseconds
	loss    atomic.Int32 // what the network loses of puts
	letters atomic.Int64 // documents that reached the destination
}

// What the network loses of puts.
const (
	nothing int32 = iota
	requests
	answers
)

// startRig makes a rig whose stream was born so long ago, and where it still is
// that time.
func startRig(t *testing.T, ago time.Duration) *rig {
	t.Helper()
	r := &rig{Pipeline: Pipeline{faults: fault.NewSchedule(1)}}
	r.ago.Store(int64(ago))
	store := cloudwatch.NewStore(cloudwatch.Options{})
	r.logs = cloudwatch.NewLogs(cloudwatch.LogsOptions{Store: store})
	r.cloudwatch = cloudwatch.New(cloudwatch.Config{Store: store, Logs: r.logs})
	r.kinesis = kinesis.New(kinesis.Config{Series: store.Series, Now: func() time.Time {
		return time.Now().Add(-time.Duration(r.ago.Load()))
	}})
	r.lambda = lambda.New(lambda.Config{
		Source: newSource(r.kinesis, r.faults), Series: store.Series, Log: r.logs.Append,
		PollInterval: readInterval, ErrorBackoff: time.Millisecond,
		Destination: func(string, []byte) error { r.letters.Add(1); return nil },
	})
	web := httptest.NewServer(r)
	t.Cleanup(func() {
		if err := r.lambda.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	r.address = pipeline.Address{
		Kind: pipeline.Embedded, Endpoint: web.URL, Resolution: time.Second, Stream: "orders", Function: "f",
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: &web.URL,
			Credentials: credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
		},
	}
	if err := r.kinesis.CreateStream("orders", 2, kinesis.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	return r
}

// ServeHTTP is the pipeline's, behind a network that may lose a put.
func (r *rig) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if strings.HasSuffix(request.Header.Get("X-Amz-Target"), ".PutRecords") {
		switch r.loss.Load() {
		case answers:
			r.kinesis.ServeHTTP(httptest.NewRecorder(), request)
			panic(http.ErrAbortHandler) // closes the connection
		case requests:
			panic(http.ErrAbortHandler)
		}
	}
	r.Pipeline.ServeHTTP(w, request)
}

// createMapping makes the function and a mapping that filters, and gives a
// record up at its first failure.
func (r *rig) createMapping(t *testing.T) {
	t.Helper()
	err := r.lambda.CreateFunction(lambda.FunctionConfig{Name: "f", InProcess: probed})
	if err != nil {
		t.Fatal(err)
	}
	r.address.Mapping, err = r.lambda.CreateMapping(lambda.MappingConfig{
		StreamARN: r.kinesis.StreamARN("orders"), Function: "f", Start: lambda.StartingPosition{Type: lambda.TrimHorizon},
		RetryAttempts: new(0), Bisect: true, // so that a bad record is given up alone
		Filters:   []string{`{"data":{"kind":["order","poison"]}}`},
		OnFailure: "arn:aws:sqs:us-east-1:123456789012:failures",
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) disableMapping(t *testing.T) {
	t.Helper()
	client := r.address.Clients().Lambda
	_, err := client.UpdateEventSourceMapping(t.Context(), &awslambda.UpdateEventSourceMappingInput{UUID: &r.address.Mapping, Enabled: new(false)})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mapping is disabled", func() bool {
		m, err := client.GetEventSourceMapping(t.Context(), &awslambda.GetEventSourceMappingInput{UUID: &r.address.Mapping})
		return err == nil && aws.ToString(m.State) == "Disabled"
	})
}

// probed is a user's function with the probe in it. It fails for a batch with
// poison.
func probed(ctx context.Context, inv lambda.Invocation) ([]byte, []string, error) {
	var event events.KinesisEvent
	if err := json.Unmarshal(inv.Payload(), &event); err != nil {
		return nil, nil, fmt.Errorf("read event: %w", err)
	}
	var log bytes.Buffer
	handle := probe.Handler(func(_ context.Context, event events.KinesisEvent) error {
		for _, r := range event.Records {
			if bytes.Contains(r.Kinesis.Data, []byte(`"poison"`)) {
				return errors.New("poison")
			}
		}
		return nil
	}, probe.Output(&log))
	err := handle(lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: inv.RequestID}), event)
	return []byte("null"), strings.Split(strings.TrimSpace(log.String()), "\n"), err
}

// audit puts records into a rig and keeps their account, as a run does.
type audit struct {
	t        *testing.T
	rig      *rig
	observer *observe.Observer
	from     time.Time
	lines    *observe.LogReader
	next     uint64 // sequence number
}

// put puts n records of a kind in one call and settles them as answered.
func (a *audit) put(kind string, n int) {
	a.t.Helper()
	p, err := producer.New(producer.Config{
		Endpoint: a.rig.address.Endpoint, Region: "us-east-1", Stream: "orders",
		Credentials: a.rig.address.Config.Credentials, Timeout: 5 * time.Second, MaxConns: 1,
		Encoding: producer.JSON, // so that no other call meets the faults
	})
	if err != nil {
		a.t.Fatal(err)
	}
	defer p.Close()
	first, now := a.next, time.Now()
	var records []producer.Record
	for range n {
		tok := token.Token{Run: 7, Seq: a.next, Due: now, Sent: now}
		records = append(records, producer.Record{
			Data: fmt.Appendf(nil, `{"_weir":%q,"kind":%q}`, tok, kind), PartitionKey: fmt.Sprint(a.next),
		})
		a.next++
	}
	var result producer.Result
	p.Put(a.t.Context(), records, &result)
	book := a.observer.Book()
	book.Offer(0, a.next)
	for i, o := range result.Records {
		seq := first + uint64(i)
		at := line.Range{From: seq, To: seq + 1}
		switch o.Fate {
		case producer.Accepted:
			book.Settle(0, ledger.Accepted, "", at)
		case producer.Rejected:
			book.Settle(0, ledger.Rejected, o.Cause, at)
		case producer.Indeterminate:
			book.Settle(0, ledger.Indeterminate, "", at)
		}
	}
}

// await waits until so many records came to these ends.
func (a *audit) await(processed, filtered, deadLettered int64) {
	a.t.Helper()
	eventually(a.t, "the mapping has passed all records", func() bool {
		a.read()
		_, _, done := a.observer.Book().Totals()
		return done == processed && a.counter(metrics.FilteredOut) == filtered && a.counter(metrics.DeadLettered) == deadLettered
	})
}

// read takes the log lines and metrics that there are by now.
func (a *audit) read() {
	a.t.Helper()
	if a.lines == nil {
		a.lines = observe.NewLedgerReader(a.rig.address, a.from)
	}
	if err := a.lines.Read(a.t.Context(), a.observer.AddLine); err != nil {
		a.t.Fatal(err)
	}
	points, err := observe.NewVended(a.rig.address).Read(a.t.Context(), a.from, time.Now().Add(time.Second))
	if err != nil {
		a.t.Fatal(err)
	}
	a.observer.AddVended(points)
}

func (a *audit) counter(name string) int64 {
	n, _ := a.observer.Sum(name)
	return int64(n)
}

// close closes the account with all that can be known.
func (a *audit) close() ledger.Report {
	a.t.Helper()
	a.read()
	book := a.observer.Book()
	err := observe.ReadBack(a.t.Context(), a.rig.address, a.from.Add(-26*time.Hour), func(r observe.StreamRecord) {
		book.AddReadBack(r.Shard, r.SequenceNumber, r.Data)
	})
	if err != nil {
		a.t.Fatal(err)
	}
	trimmed, err := a.rig.kinesis.Trimmed("orders")
	if err != nil {
		a.t.Fatal(err)
	}
	return book.Close(ledger.Closing{
		Generator: ledger.GeneratorFinished, Probe: a.observer.Probe(), LinesComplete: true,
		ReadBack: true, ReadBackComplete: true,
		Delivered: a.counter(metrics.Invoked), FilteredOut: a.counter(metrics.FilteredOut),
		DeadLettered: a.counter(metrics.DeadLettered), Dropped: a.counter(metrics.Dropped), Trimmed: int64(trimmed),
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 20 s: %s", what)
		}
	}
}
