package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"weir/probe"
	"weir/probe/line"
	"weir/probe/token"
)

const shard = "shardId-000000000001"

// event is an event of n records, numbered from 100, with the tokens 0 to n-1
// of one producer and key, due and in the stream now.
func event(n int) events.KinesisEvent {
	var e events.KinesisEvent
	for i := range n {
		sequence := fmt.Sprint(100 + i)
		tok := token.Token{Run: 1, Seq: uint64(i), Due: time.Now(), Sent: time.Now()}
		e.Records = append(e.Records, events.KinesisEventRecord{
			EventID:        shard + ":" + sequence,
			EventSourceArn: "arn:aws:kinesis:eu-west-1:111122223333:stream/orders",
			Kinesis: events.KinesisRecord{
				SequenceNumber:              sequence,
				ApproximateArrivalTimestamp: events.SecondsEpochTime{Time: time.Now()},
				Data:                        tok.Append(nil),
			},
		})
	}
	return e
}

// written is a line, as far as these tests look at it.
type written struct {
	OK          bool
	Error       string
	First, Last string
	Seqs        line.Set
}

func linesIn(t *testing.T, out *bytes.Buffer) []written {
	t.Helper()
	var got []written
	for text := range bytes.Lines(out.Bytes()) {
		l, err := line.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		w := written{OK: l.OK, Error: l.Error, First: l.First, Last: l.Last}
		for _, g := range l.Groups {
			w.Seqs = w.Seqs.Union(g.Seqs)
		}
		got = append(got, w)
	}
	return got
}

func TestHandler(t *testing.T) {
	for _, c := range []struct {
		name    string
		records int
		err     error
		want    []written
	}{
		{"success", 3, nil, []written{{OK: true, First: "100", Last: "102", Seqs: line.Set{{From: 0, To: 3}}}}},
		{"error", 3, errors.New("no luck"), []written{{Error: "no luck", First: "100", Last: "102", Seqs: line.Set{{From: 0, To: 3}}}}},
		{"no records", 0, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			e := event(c.records)
			handle := probe.Handler(func(_ context.Context, got events.KinesisEvent) error {
				if diff := cmp.Diff(e, got); diff != "" {
					t.Errorf("event (-given +got):\n%s", diff)
				}
				if out.Len() > 0 {
					t.Error("a line before the handler returned")
				}
				return c.err
			}, probe.Output(&out))
			if err := handle(t.Context(), e); !errors.Is(err, c.err) {
				t.Errorf("err = %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, linesIn(t, &out)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPanicGoesOn(t *testing.T) {
	want := []written{{Error: "the handler panicked", First: "100", Last: "101", Seqs: line.Set{{From: 0, To: 2}}}}
	for name, handle := range map[string]func(out *bytes.Buffer){
		"Handler": func(out *bytes.Buffer) {
			_ = probe.Handler(func(context.Context, events.KinesisEvent) error {
				panic("out of cheese")
			}, probe.Output(out))(t.Context(), event(2))
		},
		"HandlerWithResponse": func(out *bytes.Buffer) {
			_, _ = probe.HandlerWithResponse(func(context.Context, events.KinesisEvent) (events.KinesisEventResponse, error) {
				panic("out of cheese")
			}, probe.Output(out))(t.Context(), event(2))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			defer func() {
				if v := recover(); v != "out of cheese" {
					t.Errorf("recovered %v", v)
				}
				if diff := cmp.Diff(want, linesIn(t, &out)); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			}()
			handle(&out)
		})
	}
}

func TestHandlerWithResponse(t *testing.T) {
	whole := line.Set{{From: 0, To: 4}}
	const failed = "the handler reported a batch item failure"
	for _, c := range []struct {
		name     string
		failures []string
		err      error
		want     []written
	}{
		{"success", nil, nil, []written{{OK: true, First: "100", Last: "103", Seqs: whole}}},
		{"error", nil, errors.New("no luck"), []written{{Error: "no luck", First: "100", Last: "103", Seqs: whole}}},
		{"the lowest of two counts", []string{"103", "102"}, nil, []written{
			{OK: true, First: "100", Last: "101", Seqs: line.Set{{From: 0, To: 2}}},
			{Error: failed, First: "102", Last: "103", Seqs: line.Set{{From: 2, To: 4}}},
		}},
		{"the first record", []string{"100"}, nil, []written{{Error: failed, First: "100", Last: "103", Seqs: whole}}},
		{"a record of another batch", []string{"102", "999"}, nil, []written{{Error: failed, First: "100", Last: "103", Seqs: whole}}},
		{"an empty name", []string{""}, nil, []written{{Error: failed, First: "100", Last: "103", Seqs: whole}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			var want events.KinesisEventResponse
			for _, f := range c.failures {
				want.BatchItemFailures = append(want.BatchItemFailures, events.KinesisBatchItemFailure{ItemIdentifier: f})
			}
			handle := probe.HandlerWithResponse(func(context.Context, events.KinesisEvent) (events.KinesisEventResponse, error) {
				return want, c.err
			}, probe.Output(&out))
			got, err := handle(t.Context(), event(4))
			if diff := cmp.Diff(want, got); !errors.Is(err, c.err) || diff != "" {
				t.Errorf("err = %v, want %v; response (-want +got):\n%s", err, c.err, diff)
			}
			if diff := cmp.Diff(c.want, linesIn(t, &out)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// Everything that the account does not know by itself comes from the
// invocation; ages count to the moment the handler returned.
func TestLineIsOfTheInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		e := event(2)
		time.Sleep(40 * time.Millisecond) // from arrival to the invocation
		start := time.Now()
		handle := probe.Handler(func(context.Context, events.KinesisEvent) error {
			time.Sleep(60 * time.Millisecond)
			return nil
		}, probe.Output(&out), probe.Lanes())
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
		if err := handle(ctx, e); err != nil {
			t.Fatal(err)
		}
		var ages line.Hist
		ages.RecordN(100*time.Millisecond, 2)
		want := &line.Line{
			RequestID: "request-1", Function: lambdacontext.FunctionName, Stream: "orders", Shard: shard,
			Start: start, End: start.Add(60 * time.Millisecond), OK: true,
			Records: 2, Bytes: 72, First: "100", Last: "101",
			Groups: []line.Group{{Run: 1, Seqs: line.Set{{From: 0, To: 2}}, FromDue: ages, FromSent: ages, FromArrive: ages}},
			Lanes:  []line.Lane{{Run: 1, First: "100", Last: "101"}},
		}
		got, err := line.Parse(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		sameAges := cmp.Comparer(func(a, b line.Hist) bool { return a.Count() == b.Count() && a.Max() == b.Max() })
		if diff := cmp.Diff(want, got, sameAges); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestLanesByEnvironment(t *testing.T) {
	for value, want := range map[string]int{"": 0, "0": 0, "1": 1} {
		t.Setenv("WEIR_PROBE_LANES", value)
		var out bytes.Buffer
		handle := probe.Handler(func(context.Context, events.KinesisEvent) error { return nil }, probe.Output(&out))
		if err := handle(t.Context(), event(2)); err != nil {
			t.Fatal(err)
		}
		l, err := line.Parse(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Lanes) != want {
			t.Errorf("WEIR_PROBE_LANES=%q: %d lanes, want %d", value, len(l.Lanes), want)
		}
	}
}

// Invocations of one environment may overlap; their lines do not.
func TestConcurrentInvocations(t *testing.T) {
	var out bytes.Buffer
	handle := probe.Handler(func(context.Context, events.KinesisEvent) error { return nil }, probe.Output(&out))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _ = handle(t.Context(), event(5)) })
	}
	wg.Wait()
	if n := len(linesIn(t, &out)); n != 20 {
		t.Errorf("%d lines of 20 invocations", n)
	}
}

// A log that can't be written does not fail an invocation that did its work.
func TestOutputFails(t *testing.T) {
	closed, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	handle := probe.Handler(func(context.Context, events.KinesisEvent) error { return nil }, probe.Output(closed))
	if err := handle(t.Context(), event(1)); err != nil {
		t.Errorf("err = %v", err)
	}
}

// The event is what Lambda sends. The line would go to standard output; here
// Output shows what CloudWatch makes of it.
func ExampleHandler() {
	handle := probe.Handler(func(_ context.Context, e events.KinesisEvent) error {
		fmt.Printf("given %d\n", len(e.Records))
		return nil
	}, probe.Output(counts{}))
	// In a function's main: lambda.Start(handle)

	var e events.KinesisEvent
	if err := json.Unmarshal([]byte(`{"Records":[{
		"eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
		"eventSourceARN": "arn:aws:kinesis:eu-west-1:111122223333:stream/orders",
		"kinesis": {
			"sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
			"approximateArrivalTimestamp": 1545084650.987,
			"data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg=="
		}
	}]}`), &e); err != nil {
		panic(err)
	}
	if err := handle(context.Background(), e); err != nil {
		panic(err)
	}
	// Output:
	// given 1
	// received 1, processed 1
}

// counts prints the two counters of a line.
type counts struct{}

func (counts) Write(text []byte) (int, error) {
	var metrics struct{ RecordsReceived, RecordsProcessed int }
	if err := json.Unmarshal(text, &metrics); err != nil {
		return 0, err
	}
	fmt.Printf("received %d, processed %d\n", metrics.RecordsReceived, metrics.RecordsProcessed)
	return len(text), nil
}
