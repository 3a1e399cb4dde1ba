package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"weir/internal/metrics"
	"weir/internal/pipeline"
	"weir/internal/pipeline/local"
	"weir/internal/quota"
	"weir/internal/record"
	"weir/probe/line"
	"weir/probe/token"
)

// startPipeline starts an embedded pipeline that adds no latency.
func startPipeline(t *testing.T, change func(*local.Options)) pipeline.Address {
	t.Helper()
	o := local.Defaults()
	o.Profile = local.InstantProfile
	o.Work.PerBatch, o.Work.PerRecord = time.Millisecond, 0
	if change != nil {
		change(&o)
	}
	p, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p.Address()
}

// serve is the address of a service of which the test holds the other end.
func serve(t *testing.T, h http.Handler) pipeline.Address {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return pipeline.Address{
		Kind: pipeline.Embedded, Endpoint: server.URL,
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
			Credentials: credentials.NewStaticCredentialsProvider(local.AccessKey, local.SecretKey, ""),
		},
		Stream: "s", Function: "f", Mapping: "m", Resolution: time.Second,
	}
}

// put puts the run's slots [from, to) into the stream, one call for each 500,
// and fails the test if any is refused. It returns the bytes of their data and
// keys. It does without the SDK, which repeats a put when it loses the answer.
func put(t *testing.T, a pipeline.Address, from, to uint64) (size int) {
	t.Helper()
	type entry struct {
		Data         []byte
		PartitionKey string
	}
	for from < to {
		var entries []entry
		for ; from < to && len(entries) < quota.PutRecordsMaxRecords; from++ {
			tok := token.Token{Run: 7, Seq: from, Due: time.Now(), Sent: time.Now()}
			key := fmt.Sprint("key-", from)
			entries = append(entries, entry{[]byte(tok.String()), key})
			size += token.Len + len(key)
		}
		putRecords(t, a, map[string]any{"StreamName": a.Stream, "Records": entries})
	}
	return size
}

func putRecords(t *testing.T, a pipeline.Address, input any) {
	t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.Endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecords")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct{ FailedRecordCount *int }
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.FailedRecordCount == nil || *got.FailedRecordCount != 0 {
		t.Fatalf("PutRecords: %s, %v, %+v", answer.Status, err, got)
	}
}

func TestDescribe(t *testing.T) {
	a := startPipeline(t, func(o *local.Options) {
		o.Shards, o.MaxRecordBytes, o.Timeout, o.MemoryMB, o.Concurrency = 3, 2<<20, 7*time.Second, 256, 5
		o.BatchSize, o.BatchingWindow, o.Parallelization, o.RetryAttempts = 50, 2*time.Second, 4, 3
	})
	got, err := Describe(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	want := record.Pipeline{
		Kind: pipeline.Embedded, Profile: "instant", Region: "us-east-1", Endpoint: a.Endpoint, ResolutionS: 1,
		Stream: "weir", StreamMode: "PROVISIONED", Shards: 3, RetentionHours: 24, MaxRecordBytes: 2 << 20,
		Function: "weir-probe", FunctionTimeout: 7 * time.Second, FunctionMemoryMB: 256, FunctionRuntime: "weir.built-in",
		Concurrency: 5, Mapping: a.Mapping, BatchSize: 50, BatchingWindow: 2 * time.Second, Parallelization: 4,
		RetryAttempts: 3, MappingEventCount: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	a.Function = ""
	if got, err := Describe(t.Context(), a); err != nil || got.Shards != 3 || got.FunctionTimeout != 0 || got.BatchSize != 0 {
		t.Errorf("of a stream alone: %+v, %v", got, err)
	}
}

// The error says which part could not be read.
func TestDescribeWhatIsNotThere(t *testing.T) {
	a := startPipeline(t, nil)
	for want, change := range map[string]func(*pipeline.Address){
		"describe stream gone: ":                     func(a *pipeline.Address) { a.Stream = "gone" },
		"read the configuration of function gone: ":  func(a *pipeline.Address) { a.Function = "gone" },
		"read the event source mapping 1234-5678-9:": func(a *pipeline.Address) { a.Mapping = "1234-5678-9" },
	} {
		at := a
		change(&at)
		if _, err := Describe(t.Context(), at); err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
			t.Errorf("error %v, want one that begins %q", err, want)
		}
	}
}

// A known load through the whole pipeline is found in the metrics by its exact
// figures, and in the log as ledger lines, each record once.
func TestKnownLoad(t *testing.T) {
	a := startPipeline(t, nil)
	began := time.Now().Add(-time.Second)
	const n = 600
	size := put(t, a, 0, n) // two calls

	vended, lines, reports := NewVended(a), NewLedgerReader(a, began), NewReportReader(a, began)
	var (
		points      []record.Point
		seen        line.Set
		delivered   uint64
		invocations int
	)
	for deadline := time.Now().Add(10 * time.Second); seen.Len() < n || sum(points, metrics.Invoked) < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d records seen processed, %g counted", seen.Len(), n, sum(points, metrics.Invoked))
		}
		var err error
		if points, err = vended.Read(t.Context(), began, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		err = lines.Read(t.Context(), func(message string) {
			l, err := line.Parse([]byte(message))
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range l.Groups {
				delivered += g.Seqs.Len()
				seen = seen.Union(g.Seqs)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if delivered != n {
		t.Errorf("%d records in the lines, want each of %d once", delivered, n)
	}
	if err := reports.Read(t.Context(), func(string) { invocations++ }); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		metrics.IncomingRecords: n, metrics.IncomingBytes: float64(size), metrics.Polled: n, metrics.Invoked: n,
		metrics.GetRecordsCount: n, metrics.Invocations: float64(invocations), metrics.Errors: 0, metrics.Throttles: 0,
		metrics.WriteThrottled: 0, metrics.PutThrottledRecs: 0,
	} {
		if got := sum(points, name); got != want {
			t.Errorf("sum of %s = %g, want %g", name, got, want)
		}
	}
	for _, p := range points {
		for _, name := range []string{metrics.DeadLettered, metrics.Dropped} {
			if v, ok := p.V[name]; ok {
				t.Errorf("%s = %g at %d: nothing of it ever happened, it must be missing", name, v, p.T)
			}
		}
	}
}

// sum is the sum of a series over points, a missing one adding nothing.
func sum(points []record.Point, name string) float64 {
	var total float64
	for _, p := range points {
		total += p.V[name]
	}
	return total
}

func TestProcessUsage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no /proc here")
	}
	before, ok := ProcessUsage(os.Getpid())
	if !ok || before.RSSBytes < 1<<20 {
		t.Fatalf("usage of this process: %+v, %v", before, ok)
	}
	x := 1.0
	for deadline := time.Now().Add(5 * time.Second); ; {
		for range 1_000_000 {
			x = x*1.000001 + 1e-9
		}
		after, ok := ProcessUsage(os.Getpid())
		if !ok {
			t.Fatal("no usage of this process")
		}
		if after.CPU >= before.CPU+2*clockTick {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("CPU %v after five seconds of work (%g), %v before", after.CPU, x, before.CPU)
		}
	}
	if got, ok := ProcessUsage(1 << 30); ok {
		t.Errorf("usage of a process that is not: %+v", got)
	}
}
