package kinesis

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/emulator/wire"
)

const putOne = `{"Records":[{"Data":"eA==","PartitionKey":"k"}],"StreamName":"s"}`

func TestStallHoldsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		mustCreate(t, s, "s", 1)
		s.Stall(time.Now().Add(3 * time.Second))
		began := time.Now()
		w := post(s, "Kinesis_20131202.PutRecords", putOne)
		if waited := time.Since(began); w.Code != 200 || waited != 3*time.Second {
			t.Errorf("answered %d after %s, want 200 after 3s", w.Code, waited)
		}
		began = time.Now()
		if post(s, "Kinesis_20131202.PutRecords", putOne); time.Since(began) != 0 {
			t.Errorf("after the stall a request waits %s", time.Since(began))
		}
	})
}

func TestGoneClientLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{PutLatency: wire.Latency{Median: time.Second}})
		mustCreate(t, s, "s", 1)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(putOne))
		r.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecords")
		s.ServeHTTP(httptest.NewRecorder(), r)
		got, err := s.Read("s", "shardId-000000000000", 0, 0)
		if err != nil || got.Next != 0 {
			t.Errorf("the stream holds %d records, %v", got.Next, err)
		}
	})
}

func TestPutLatencyDelaysArrivalAndAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{PutLatency: wire.Latency{Median: 20 * time.Millisecond}, GetLatency: wire.Latency{Median: 7 * time.Millisecond}})
		mustCreate(t, s, "s", 1)
		began := time.Now()
		post(s, "Kinesis_20131202.PutRecords", putOne)
		got, err := s.Read("s", "shardId-000000000000", 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if arrived := got.Records[0].Arrival.Sub(began); time.Since(began) != 20*time.Millisecond || arrived != 20*time.Millisecond {
			t.Errorf("answered after %s, arrived after %s, want 20ms each", time.Since(began), arrived)
		}
		if got.Latency != 7*time.Millisecond {
			t.Errorf("the read asks for a wait of %s, want 7ms", got.Latency)
		}
	})
}

func TestDropRecords(t *testing.T) {
	s := New(Config{Now: func() time.Time { return epoch }})
	mustCreate(t, s, "s", 1)
	s.DropRecords(1)
	for range 2 {
		if w := post(s, "Kinesis_20131202.PutRecords", putOne); w.Code != 200 || strings.Contains(w.Body.String(), "ErrorCode") {
			t.Fatalf("answer %d %s", w.Code, w.Body)
		}
	}
	got, err := s.Read("s", "shardId-000000000000", 0, 0)
	if err != nil || len(got.Records) != 1 || got.Records[0].Position != 1 {
		t.Errorf("read %+v, %v: want the second record only", got.Records, err)
	}
}

func TestFail(t *testing.T) {
	s := New(Config{})
	mustCreate(t, s, "s", 1)
	s.Fail("PutRecords", 2, &wire.Error{Code: "InternalFailure", Status: http.StatusInternalServerError})
	var codes []int
	for range 3 {
		codes = append(codes, post(s, "Kinesis_20131202.PutRecords", putOne).Code)
	}
	if codes[0] != 500 || codes[1] != 500 || codes[2] != 200 {
		t.Errorf("answers %v, want 500 500 200", codes)
	}
	if w := post(s, "Kinesis_20131202.ListStreams", "{}"); w.Code != 200 {
		t.Errorf("another operation answers %d", w.Code)
	}
}

func TestDirectErrors(t *testing.T) {
	s := New(Config{})
	mustCreate(t, s, "s", 2)
	if _, err := s.Read("nope", "shardId-000000000000", 0, 0); !isCode(err, "ResourceNotFoundException") {
		t.Errorf("reading no stream: %v", err)
	}
	if _, err := s.Read("s", "shardId-000000000002", 0, 0); !isCode(err, "ResourceNotFoundException") {
		t.Errorf("reading no shard: %v", err)
	}
	if err := s.CreateStream("s", 1, StreamOptions{}); !isCode(err, "ResourceInUseException") {
		t.Errorf("creating a stream twice: %v", err)
	}
	if err := s.CreateStream("t", 0, StreamOptions{}); err == nil {
		t.Error("a provisioned stream of no shards is created")
	}
	if err := s.CreateStream("a/b", 1, StreamOptions{}); !isCode(err, "ValidationException") {
		t.Errorf("creating a stream of a bad name: %v", err)
	}
	if ids, err := s.Shards(s.StreamARN("s")); err != nil || len(ids) != 2 || ids[1] != "shardId-000000000001" {
		t.Errorf("shards %v, %v", ids, err)
	}
	if p, err := s.Position("s", "shardId-000000000000", Start{Type: AtTimestamp, Timestamp: time.Now().Add(time.Hour)}); err == nil {
		t.Errorf("a future timestamp stands at %d", p)
	}
}

func isCode(err error, code string) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return ok && e.Code == code
}
