package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"weir/internal/quota"
)

func TestWindowEventIsTheDocumentedOne(t *testing.T) {
	start := time.Date(2020, 7, 30, 17, 0, 0, 0, time.UTC)
	from := time.Duration(start.UnixNano())
	w := &Window{
		Start: from, End: from + 5*time.Minute,
		State: json.RawMessage(`{"1":282,"2":715}`), Final: true, Early: true,
	}
	inv := Invocation{Shard: "shardId-000000000006", Window: w, source: testSource}
	want := `{"Records":[],"window":{"start":"2020-07-30T17:00:00Z","end":"2020-07-30T17:05:00Z"},"state":{"1":282,"2":715},"shardId":"shardId-000000000006","eventSourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream","isFinalInvokeForWindow":true,"isWindowTerminatedEarly":true}`
	if diff := cmp.Diff(want, string(inv.Payload())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	inv.Records = []*Record{{Data: []byte("a"), Arrival: start}}
	w.State, w.Final, w.Early = nil, false, false
	bare := len(testSource.event(inv.Shard, inv.Records))
	payload := inv.Payload()
	if added := len(payload) - bare - len(testSource.streamARN) - len(inv.Shard); added > windowEventBytes {
		t.Errorf("the window added %d bytes", added)
	}
	var event events.KinesisTimeWindowEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		t.Fatal(err)
	}
	if len(event.Records) != 1 || !event.Window.Start.Equal(start) || len(event.State) != 0 || event.ShardID != inv.Shard {
		t.Errorf("%+v", event)
	}
}

func TestStateOfAnAnswer(t *testing.T) {
	text := func(bytes int) string { return `"` + strings.Repeat("x", bytes-len(`""`)) + `"` }
	for _, test := range []struct {
		response string
		want     Outcome
	}{
		{`{"state":{"1":2},"batchItemFailures":[]}`, Outcome{Result: Succeeded, State: json.RawMessage(`{"1":2}`)}},
		{`{"state":` + text(quota.WindowStateBytes) + `}`, Outcome{Result: Succeeded, State: json.RawMessage(text(quota.WindowStateBytes))}},
		{`{"state":` + text(quota.WindowStateBytes+1) + `}`, Outcome{Result: Succeeded, State: json.RawMessage(text(quota.WindowStateBytes + 1)), StateFull: true}},
		{`{}`, Outcome{Result: Failed}},
		{`null`, Outcome{Result: Failed}},
		{``, Outcome{Result: Failed}},
		{`[]`, Outcome{Result: Failed}},
	} {
		got := withState(Outcome{Result: Succeeded}, []byte(test.response))
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%.40s: %v, full %v; want %v, full %v", test.response, got.Result, got.StateFull, test.want.Result, test.want.StateFull)
		}
	}
}

// TestTumblingWindowsAddUp sums the records of each window in its state, over
// several batches, and reads the sums off the final invocations.
func TestTumblingWindowsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sums []string
		count := func(_ context.Context, inv Invocation) ([]byte, []string, error) {
			var event events.KinesisTimeWindowEvent
			if err := json.Unmarshal(inv.Payload(), &event); err != nil {
				return nil, nil, err
			}
			n := len(event.Records)
			if before, ok := event.State["n"]; ok {
				var m int
				_, _ = fmt.Sscan(before, &m)
				n += m
			}
			if event.IsFinalInvokeForWindow {
				mu.Lock()
				defer mu.Unlock()
				sums = append(sums, fmt.Sprintf("%s: %d", event.Window.Start.Format("04:05"), n))
			}
			return fmt.Appendf(nil, `{"state":{"n":"%d"}}`, n), nil, nil
		}
		s := newStream(1)
		c := orders(3)
		c.TumblingWindow = 20 * time.Second
		_, o := pipeline(t, s, FunctionConfig{InProcess: count}, c)
		for range 10 { // 5 records each 5.5 s: at 0, 5.5, 11, 16.5 | 22, 27.5, 33, 38.5 | 44, 49.5
			s.put(0, 5)
			time.Sleep(5500 * time.Millisecond)
		}
		time.Sleep(30 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"00:00: 20", "00:20: 20", "00:40: 10"}; !slices.Equal(sums, want) {
			t.Errorf("sums %v, want %v", sums, want)
		}
		checkSums(t, o, map[string]float64{"InvokedEventCount": 50, "FailedInvokeEventCount": 0, "DroppedEventCount": 0})
	})
}
