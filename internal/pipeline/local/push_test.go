package local

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// A mapping with enhanced fan-out outlives its subscriptions, which last five
// minutes, and takes nothing from the shard's reads: others have all five a
// second.
func TestPushOutlivesSubscriptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams := kinesis.New(kinesis.Config{})
		if err := streams.CreateStream("orders", 1, kinesis.StreamOptions{}); err != nil {
			t.Fatal(err)
		}
		consumer := registered(t, streams, "orders")
		o := &order{last: map[string]int{}}
		server := lambda.New(lambda.Config{Source: newSource(streams, fault.NewSchedule(1)), PollInterval: time.Second})
		defer func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := server.CreateFunction(lambda.FunctionConfig{Name: "order", InProcess: o.handle}); err != nil {
			t.Fatal(err)
		}
		m := lambda.MappingConfig{StreamARN: consumer, Function: "order", Start: lambda.StartingPosition{Type: lambda.TrimHorizon}}
		if _, err := server.CreateMapping(m); err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 12; n++ { // a minute apart: over two subscriptions' ends
			putNumber(t, streams, "orders", n)
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			if got, wrong := o.processed(); got != n || len(wrong) > 0 {
				t.Fatalf("%d of %d records processed 10 ms after the put, %v", got, n, wrong)
			}
			for range 5 {
				if r, err := streams.Read("orders", "shardId-000000000000", 0, 1); err != nil || r.Throttled {
					t.Fatalf("%v, throttled %v", err, r.Throttled)
				}
			}
			time.Sleep(time.Minute)
		}
	})
}

// call is one call of the API, without a network.
func call(t *testing.T, streams *kinesis.Server, operation, body string) []byte {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	w := httptest.NewRecorder()
	streams.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", operation, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// registered is the ARN of a new consumer of the stream.
func registered(t *testing.T, streams *kinesis.Server, stream string) string {
	t.Helper()
	var got struct{ Consumer struct{ ConsumerARN string } }
	body := call(t, streams, "RegisterStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"fan"}`, streams.StreamARN(stream)))
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	return got.Consumer.ConsumerARN
}

// putNumber puts the number n under one key.
func putNumber(t *testing.T, streams *kinesis.Server, stream string, n int) {
	t.Helper()
	data := base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(n)))
	call(t, streams, "PutRecord", fmt.Sprintf(`{"StreamName":%q,"PartitionKey":"k","Data":%q}`, stream, data))
}
