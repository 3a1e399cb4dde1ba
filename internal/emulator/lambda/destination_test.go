package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// failing gives up four records, the third of which fails always: bisected, so
// that it is discarded alone.
func failing(t *testing.T, destination func(string, []byte) error) *observed {
	t.Helper()
	s, o := newStream(1), newObserved()
	server := New(Config{Source: s, Series: o.series, PollInterval: time.Second, Destination: destination})
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	handle := func(_ context.Context, inv Invocation) ([]byte, []string, error) {
		for _, r := range inv.Records {
			if r.Position == 2 {
				return nil, nil, errors.New("poison")
			}
		}
		return nil, nil, nil
	}
	if err := server.CreateFunction(FunctionConfig{Name: "f", InProcess: handle}); err != nil {
		t.Fatal(err)
	}
	s.put(0, 4)
	c := orders(10)
	c.Bisect, c.RetryAttempts, c.OnFailure = true, new(0), "arn:aws:sqs:us-east-1:123456789012:failures"
	if _, err := server.CreateMapping(c); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return o
}

func TestDestinationGetsTheBisectedRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var got []string
		o := failing(t, func(arn string, document []byte) error {
			var d failureDocument
			if err := json.Unmarshal(document, &d); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprintf("%s: %s after %d, %s to %s", arn, d.RequestContext.Condition,
				d.RequestContext.ApproximateInvokeCount, d.KinesisBatchInfo.StartSequence, d.KinesisBatchInfo.EndSequence))
			return nil
		})
		// 0-3 fails, then of its halves 2-3, then 2.
		want := []string{"arn:aws:sqs:us-east-1:123456789012:failures: RetryAttemptsExhausted after 3, 1002 to 1002"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		checkSums(t, o, map[string]float64{"OnFailureDestinationDeliveredEventCount": 1, "DroppedEventCount": 0, "DestinationDeliveryFailures": 0})
	})
}

func TestUndeliveredRecordsAreDropped(t *testing.T) {
	for name, destination := range map[string]func(string, []byte) error{
		"no destination": nil,
		"error":          func(string, []byte) error { return errors.New("no such queue") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := failing(t, destination)
				checkSums(t, o, map[string]float64{"OnFailureDestinationDeliveredEventCount": 0, "DroppedEventCount": 1, "DestinationDeliveryFailures": 1})
			})
		})
	}
}

func TestFilteredRecordsAreCountedAndPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		c := orders(10)
		c.Filters = []string{`{"data":{"kind":["buy"]}}`}
		server, o := pipeline(t, s, FunctionConfig{InProcess: echo}, c)
		for _, data := range []string{`{"kind":"buy"}`, `{"kind":"sell"}`, `not JSON`} {
			s.putData(0, "", data)
		}
		time.Sleep(10 * time.Second)
		checkSums(t, o, map[string]float64{"PolledEventCount": 3, "FilteredOutEventCount": 2, "InvokedEventCount": 1, "DroppedEventCount": 0})
		if at := checkpoints(server); !slices.Equal(at, []uint64{3}) {
			t.Errorf("checkpoints %v, want 3", at)
		}
	})
}

// TestDiscardHasTheLastOutcome: the halves of a bisected batch grow too old
// after one and two deliveries.
func TestDiscardHasTheLastOutcome(t *testing.T) {
	m := NewMapping(MappingOptions{
		BatchSize: 2, Parallelization: 1, RetryAttempts: -1, RecordAge: time.Minute, Bisect: true, OnFailure: true,
		PollInterval: time.Hour, ErrorBackoff: time.Second,
	}, []ShardStart{{ID: "shard"}}, traceStart)
	m.Step(traceStart)
	m.AddRead(traceStart, 0, ReadResult{Next: 2, Groups: []Group{
		{Count: 1, First: 0, Last: 0, LastArrival: traceStart}, {Count: 1, First: 1, Last: 1, LastArrival: traceStart},
	}})
	now := traceStart
	for _, item := range []string{"both", "first half"} {
		for _, i := range m.Step(now).Invokes {
			m.Finish(now, i, Outcome{Result: Failed, Item: item})
		}
		now += 2 * time.Second
	}
	var got []string
	for _, d := range m.Step(now + time.Minute).Discards {
		got = append(got, fmt.Sprintf("%d: %v", d.Batch[0].First, d.Item))
	}
	if want := []string{"0: first half", "1: both"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestDrainTellsItsMetrics: the last invocation fails while the mapping is
// being disabled.
func TestDrainTellsItsMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		s.put(0, 3)
		slow := func(context.Context, Invocation) ([]byte, []string, error) {
			time.Sleep(2 * time.Second)
			return nil, nil, errors.New("slow and failed")
		}
		server, o := pipeline(t, s, FunctionConfig{InProcess: slow}, orders(10))
		time.Sleep(time.Second)
		if at := checkpoints(server); !slices.Equal(at, []uint64{0}) {
			t.Errorf("checkpoints %v, want 0", at)
		}
		checkSums(t, o, map[string]float64{"InvokedEventCount": 3, "FailedInvokeEventCount": 3})
	})
}

// checkpoints disables the server's only mapping, and says where in each shard
// it would go on.
func checkpoints(server *Server) (at []uint64) {
	var m *mapping
	server.mu.Lock()
	for _, m = range server.mappings {
		config := m.config
		config.Disabled = true
		server.update(m, config)
	}
	server.mu.Unlock()
	time.Sleep(10 * time.Second)
	server.mu.Lock()
	defer server.mu.Unlock()
	for i := range m.core.shards {
		at = append(at, m.core.Checkpoint(i))
	}
	return at
}

func checkSums(t *testing.T, o *observed, want map[string]float64) {
	t.Helper()
	for name, sum := range want {
		if got := o.sum(name); got != sum {
			t.Errorf("%s %v, want %v", name, got, sum)
		}
	}
}
