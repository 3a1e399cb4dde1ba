package lambda

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
	"weir/probe/line"
)

// stream is a Source in memory, one shard unless said.
type stream struct {
	mu     sync.Mutex
	shards [][]Record
}

func newStream(shards int) *stream { return &stream{shards: make([][]Record, shards)} }

const testStream = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"

// put appends n records that arrive now: a read sees all of them or none.
func (s *stream) put(shard, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.add(shard, "", `{"n":1}`)
	}
}

func (s *stream) putData(shard int, key, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(shard, key, data)
}

// add appends a record; without a key it gets one of seven. The caller holds
// the lock.
func (s *stream) add(shard int, key, data string) {
	at := uint64(len(s.shards[shard]))
	if key == "" {
		key = fmt.Sprint("key", at%7)
	}
	s.shards[shard] = append(s.shards[shard], Record{
		Position: at, SequenceNumber: fmt.Sprint(1000 + at), PartitionKey: key, Data: []byte(data), Arrival: time.Now(),
	})
}

func (s *stream) Shards(arn string) ([]Shard, error) {
	if arn != testStream {
		return nil, errors.New("no such stream")
	}
	var shards []Shard
	for i := range s.shards {
		shards = append(shards, Shard{ID: fmt.Sprintf("shardId-%012d", i)})
	}
	return shards, nil
}

func (s *stream) index(shard string) (i int) {
	_, _ = fmt.Sscanf(shard, "shardId-%d", &i)
	return i
}

func (s *stream) Position(_, shard string, start StartingPosition) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if start.Type == Latest {
		return uint64(len(s.shards[s.index(shard)])), nil
	}
	return 0, nil
}

func (s *stream) Read(_, shard string, from uint64, limit int) (Read, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.shards[s.index(shard)]
	end := min(from+uint64(limit), uint64(len(log)))
	return Read{Records: slices.Clone(log[from:end]), Next: end, MillisBehind: int64(uint64(len(log)) - end), Latency: 10 * time.Millisecond}, nil
}

// observed collects metrics and logs.
type observed struct {
	mu    sync.Mutex
	sums  map[string]float64
	maxes map[string]float64
	lines []string
}

func newObserved() *observed {
	return &observed{sums: map[string]float64{}, maxes: map[string]float64{}}
}

func (o *observed) series(namespace, name, _ string, dims ...string) func(time.Time, float64, int) {
	if len(dims) > 1 {
		dims = dims[:1]
	}
	key := strings.Join(append([]string{namespace, name}, dims...), " ")
	return func(_ time.Time, value float64, count int) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.sums[key] += value * float64(count)
		o.maxes[key] = max(o.maxes[key], value)
	}
}

func (o *observed) log(group, stream string, _ time.Time, message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if group != "/aws/lambda/f" || len(stream) != len("2026/11/22/[$LATEST]")+32 {
		message = "wrong stream " + group + " " + stream
	}
	o.lines = append(o.lines, message)
}

// sum is a Lambda metric of the test's function or mapping.
func (o *observed) sum(name string) float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	dim := "FunctionName"
	if strings.HasSuffix(name, "EventCount") {
		dim = "EventSourceMappingUUID"
	}
	return o.sums["AWS/Lambda "+name+" "+dim]
}

func (o *observed) logged(prefix string) (lines []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lines {
		if strings.HasPrefix(l, prefix) {
			lines = append(lines, l)
		}
	}
	return lines
}

// ledger is what the ledger lines say: records in lines that are OK, and in others.
func (o *observed) ledger(t *testing.T) (processed, failed int) {
	t.Helper()
	for _, text := range o.logged("{") {
		l, err := line.Parse([]byte(text))
		if err != nil {
			t.Fatalf("parse %s: %v", text, err)
		}
		if l.OK {
			processed += l.Records
		} else {
			failed += l.Records
		}
	}
	return processed, failed
}

// pipeline starts a server with function f over a stream.
func pipeline(t *testing.T, s *stream, f FunctionConfig, m MappingConfig) (*Server, *observed) {
	t.Helper()
	o := newObserved()
	server := New(Config{
		Source: s, Series: o.series, Log: o.log, PollInterval: time.Second,
		InvokeLatency: wire.Latency{Median: 5 * time.Millisecond}, ColdStart: wire.Latency{Median: 50 * time.Millisecond},
	})
	f.Name = "f"
	if err := server.CreateFunction(f); err != nil {
		t.Fatal(err)
	}
	if m.StreamARN != "" {
		if _, err := server.CreateMapping(m); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, o
}

// await polls until the condition holds.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func orders(batch int) MappingConfig {
	return MappingConfig{StreamARN: testStream, Function: "f", Start: StartingPosition{Type: TrimHorizon}, BatchSize: batch}
}

func TestPipelineDeliversEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(2)
		work := &WorkModel{PerBatch: 20 * time.Millisecond, PerRecord: time.Millisecond}
		s.put(0, 25)
		s.put(1, 5)
		_, o := pipeline(t, s, FunctionConfig{Work: work}, orders(10))
		time.Sleep(5 * time.Second)
		got := map[string]float64{}
		for _, name := range []string{"Invocations", "Errors", "Throttles", "Duration", "PolledEventCount", "InvokedEventCount", "FilteredOutEventCount"} {
			got[name] = o.sum(name)
		}
		// Batches of 10, 10, 5 and 5 take 30, 30, 25 and 25 ms.
		want := map[string]float64{
			"Invocations": 4, "Errors": 0, "Throttles": 0, "Duration": 110,
			"PolledEventCount": 30, "InvokedEventCount": 30, "FilteredOutEventCount": 0,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("metrics (-want +got):\n%s", diff)
		}
		if processed, failed := o.ledger(t); processed != 30 || failed != 0 {
			t.Errorf("ledger: %d processed, %d failed", processed, failed)
		}
		// The shards' polls are half a second apart and share one environment.
		var cold int
		reports := o.logged("REPORT")
		for _, r := range reports {
			if strings.Contains(r, "Init Duration: 50.00 ms") {
				cold++
			}
		}
		if len(reports) != 4 || cold != 1 || len(o.logged("START")) != 4 || len(o.logged("END")) != 4 {
			t.Errorf("%d reports, %d cold: %q", len(reports), cold, reports)
		}
		if age := o.maxes["AWS/Lambda IteratorAge FunctionName"]; age < 500 || age > 600 {
			t.Errorf("iterator age %v ms, want that of the shard polled after half a second and a read of 10 ms", age)
		}
		if n := o.maxes["AWS/Lambda ConcurrentExecutions"]; n != 1 {
			t.Errorf("%v concurrent executions", n)
		}
	})
}

func TestErrorRateIsRetriedUntilAllIsProcessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		_, o := pipeline(t, s, FunctionConfig{Work: &WorkModel{ErrorRate: 0.3, Seed: 1}}, orders(1))
		s.put(0, 100)
		time.Sleep(10 * time.Minute)
		errors := o.sum("Errors")
		if errors < 20 || errors > 70 { // 100 * 0.3 / 0.7 = 43
			t.Errorf("%v errors", errors)
		}
		if n := o.sum("Invocations"); n != 100+errors {
			t.Errorf("%v invocations with %v errors", n, errors)
		}
		if processed, failed := o.ledger(t); processed != 100 || failed != int(errors) {
			t.Errorf("ledger: %d processed, %d failed", processed, failed)
		}
		if n := o.sum("FailedInvokeEventCount"); n != errors {
			t.Errorf("%v records failed", n)
		}
	})
}

func TestTimeoutEndsTheInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		m := orders(10)
		m.RetryAttempts = new(1)
		s.put(0, 1)
		_, o := pipeline(t, s, FunctionConfig{Timeout: 3 * time.Second, Work: &WorkModel{PerBatch: time.Hour}}, m)
		time.Sleep(time.Minute)
		if o.sum("Errors") != 2 || o.sum("Duration") != 6000 || o.sum("DroppedEventCount") != 1 {
			t.Errorf("errors %v, duration %v, dropped %v", o.sum("Errors"), o.sum("Duration"), o.sum("DroppedEventCount"))
		}
		for _, r := range o.logged("REPORT") {
			// The environment of a timeout is gone: both starts are cold.
			if !strings.Contains(r, "Status: timeout") || !strings.Contains(r, "Init Duration") {
				t.Errorf("%q", r)
			}
		}
		if n := len(o.logged("2000-01-01T00:00:03.065Z ")); n != 1 {
			t.Errorf("no line for the first timeout: %q", o.lines)
		}
	})
}

func TestKillNextLosesTheLineAndNotTheRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		server, o := pipeline(t, s, FunctionConfig{Work: &WorkModel{PerBatch: 100 * time.Millisecond}}, orders(10))
		server.KillNext(1)
		s.put(0, 10)
		time.Sleep(10 * time.Second)
		if o.sum("Invocations") != 2 || o.sum("Errors") != 1 || o.sum("Duration") != 150 {
			t.Errorf("invocations %v, errors %v, duration %v", o.sum("Invocations"), o.sum("Errors"), o.sum("Duration"))
		}
		if processed, failed := o.ledger(t); processed != 10 || failed != 0 {
			t.Errorf("ledger: %d processed, %d failed", processed, failed)
		}
		if n := o.sum("InvokedEventCount"); n != 20 {
			t.Errorf("%v records delivered, want the batch twice", n)
		}
	})
}

// One batch is under way, 50 of its 100 ms done, when its environment dies: an
// error after 50 ms, then a cold start and the batch again. The second kill
// finds the environment idle: the next batch is a cold start and no error.
func TestKillEnvironments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		server, o := pipeline(t, s, FunctionConfig{Work: &WorkModel{PerBatch: 100 * time.Millisecond}}, orders(10))
		s.put(0, 10)
		await(t, "the invocation", func() bool { return len(o.logged("START")) == 1 })
		time.Sleep(50 * time.Millisecond)
		if n := server.KillEnvironments(5); n != 1 {
			t.Errorf("%d environments killed, want the busy one", n)
		}
		time.Sleep(10 * time.Second)
		if o.sum("Invocations") != 2 || o.sum("Errors") != 1 || o.sum("Duration") < 150 || o.sum("Duration") > 170 {
			t.Errorf("invocations %v, errors %v, duration %v", o.sum("Invocations"), o.sum("Errors"), o.sum("Duration"))
		}
		if n := server.KillEnvironments(5); n != 1 {
			t.Errorf("%d environments killed, want the idle one", n)
		}
		s.put(0, 10)
		time.Sleep(10 * time.Second)
		if processed, _ := o.ledger(t); processed != 20 || o.sum("Errors") != 1 {
			t.Errorf("%d processed, %v errors", processed, o.sum("Errors"))
		}
		cold := 0
		for _, r := range o.logged("REPORT") {
			if strings.Contains(r, "Init Duration") {
				cold++
			}
		}
		if cold != 3 {
			t.Errorf("%d cold starts, want one for each environment", cold)
		}
	})
}

func TestDeliverTwiceRepeatsExactlyOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		server, o := pipeline(t, s, FunctionConfig{Work: &WorkModel{}}, orders(10))
		server.DeliverTwice(1)
		s.put(0, 25)
		time.Sleep(10 * time.Second)
		if processed, _ := o.ledger(t); processed != 35 {
			t.Errorf("ledger: %d processed, want 25 and a batch of 10 again", processed)
		}
	})
}

func TestReservedConcurrencyThrottlesAndCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(4)
		for i := range s.shards {
			s.put(i, 30)
		}
		_, o := pipeline(t, s, FunctionConfig{ReservedConcurrency: new(1), Work: &WorkModel{PerBatch: time.Second}}, orders(10))
		time.Sleep(10 * time.Minute)
		if o.sum("Throttles") == 0 || o.sum("Errors") != 0 || o.sum("Invocations") != 12 {
			t.Errorf("throttles %v, errors %v, invocations %v", o.sum("Throttles"), o.sum("Errors"), o.sum("Invocations"))
		}
		if n := o.maxes["AWS/Lambda ConcurrentExecutions FunctionName"]; n != 1 {
			t.Errorf("%v concurrent executions", n)
		}
		if processed, _ := o.ledger(t); processed != 120 {
			t.Errorf("ledger: %d processed", processed)
		}
	})
}

func TestItemFailuresMoveTheCheckpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		m := orders(4)
		m.ReportItemFailures = true
		var batches []string
		function := func(_ context.Context, inv Invocation) ([]byte, []string, error) {
			var numbers []string
			for _, r := range inv.Records {
				numbers = append(numbers, r.SequenceNumber)
			}
			batches = append(batches, strings.Join(numbers, " "))
			if len(batches) == 1 {
				return []byte(`{"batchItemFailures":[{"itemIdentifier":"1002"}]}`), nil, nil
			}
			return []byte(`{"batchItemFailures":[]}`), nil, nil
		}
		_, o := pipeline(t, s, FunctionConfig{InProcess: function}, m)
		s.put(0, 6)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"1000 1001 1002 1003", "1002 1003", "1004 1005"}, batches); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if o.sum("Errors") != 0 || o.sum("FailedInvokeEventCount") != 2 {
			t.Errorf("errors %v, failed %v", o.sum("Errors"), o.sum("FailedInvokeEventCount"))
		}
	})
}

func TestIdleEnvironmentsAreReaped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		_, o := pipeline(t, s, FunctionConfig{Work: &WorkModel{}}, orders(10))
		for range 3 { // at 0, 5 and 25 min: the last finds its environment gone
			s.put(0, 1)
			time.Sleep(5 * time.Minute)
			if len(o.logged("REPORT")) == 2 {
				time.Sleep(15 * time.Minute)
			}
		}
		var cold []bool
		for _, r := range o.logged("REPORT") {
			cold = append(cold, strings.Contains(r, "Init Duration"))
		}
		if diff := cmp.Diff([]bool{true, false, true}, cold); diff != "" {
			t.Errorf("cold starts (-want +got):\n%s", diff)
		}
	})
}

func TestSkippedCountsWhatWasTrimmedUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trimmed{stream: newStream(1)}
		server := New(Config{Source: s, PollInterval: time.Second})
		defer func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := server.CreateFunction(FunctionConfig{Name: "f", Work: &WorkModel{}}); err != nil {
			t.Fatal(err)
		}
		if _, err := server.CreateMapping(orders(10)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2500 * time.Millisecond) // reads at 0, 1 and 2 s
		synctest.Wait()
		if n := server.Skipped(); n != 21 {
			t.Errorf("%d records skipped, want 3 x 7", n)
		}
	})
}

// trimmed is a stream of which each read finds 7 records gone.
type trimmed struct{ *stream }

func (s *trimmed) Read(arn, shard string, from uint64, limit int) (Read, error) {
	r, err := s.stream.Read(arn, shard, from, limit)
	r.Skipped = 7
	return r, err
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		server, _ := pipeline(t, s, FunctionConfig{Timeout: 15 * time.Minute, Work: &WorkModel{PerBatch: time.Hour}}, orders(10))
		s.put(0, 100)
		time.Sleep(3 * time.Second)
		began := time.Now()
		if err := server.Close(); err != nil || time.Since(began) > 0 {
			t.Errorf("close took %v, %v", time.Since(began), err)
		}
	}) // fails if a goroutine is left
}
