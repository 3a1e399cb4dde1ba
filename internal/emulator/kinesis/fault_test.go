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

// refusing is trouble at one shard, for writes or for reads.
type refusing struct{ write, read string }

func (r refusing) RefuseRecord(shard string, _ time.Time) bool { return shard == r.write }
func (r refusing) HoldRead(shard string, _ time.Time) bool     { return shard == r.read }

// A record that trouble refuses answers as one over the shard's limit and is
// not stored; the shard's neighbour doesn't notice.
func TestTroubleRefusesRecords(t *testing.T) {
	s := New(Config{Now: func() time.Time { return epoch }})
	mustCreate(t, s, "s", 2)
	const both = `{"Records":[{"Data":"eA==","PartitionKey":"k","ExplicitHashKey":"0"},{"Data":"eA==","PartitionKey":"k","ExplicitHashKey":"` + half + `"}],"StreamName":"s"}`
	s.Suffer(refusing{write: shardID(0)})
	body := post(s, "Kinesis_20131202.PutRecords", both).Body.String()
	if !strings.HasPrefix(body, `{"FailedRecordCount":1,"Records":[{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard shardId-000000000000 `) {
		t.Errorf("answer %s", body)
	}
	for shard, want := range []uint64{0, 1} {
		if got, err := s.Read("s", shardID(shard), 0, 0); err != nil || got.Next != want {
			t.Errorf("shard %d holds %d records, %v; want %d", shard, got.Next, err, want)
		}
	}
	s.Suffer(nil)
	if body := post(s, "Kinesis_20131202.PutRecords", both).Body.String(); !strings.HasPrefix(body, `{"FailedRecordCount":0`) {
		t.Errorf("after the trouble the answer is %s", body)
	}
}

// A held read gives nothing and stays where it is, while the age of what waits
// grows.
func TestTroubleHoldsReads(t *testing.T) {
	now := epoch
	s := New(Config{Now: func() time.Time { return now }})
	mustCreate(t, s, "s", 1)
	post(s, "Kinesis_20131202.PutRecords", putOne)
	now = now.Add(3 * time.Second)
	s.Suffer(refusing{read: shardID(0)})
	if got, err := s.Read("s", shardID(0), 0, 0); err != nil || len(got.Records) != 0 || got.Next != 0 || got.MillisBehind != 3000 {
		t.Errorf("read %+v, %v; want nothing, 3000 ms behind", got, err)
	}
	s.Suffer(nil)
	if got, err := s.Read("s", shardID(0), 0, 0); err != nil || len(got.Records) != 1 {
		t.Errorf("after the trouble: read %+v, %v", got, err)
	}
}

// Resharding from Go: the open shards after each step, in halves and quarters of
// the hash keys.
func TestReshardFromGo(t *testing.T) {
	now := epoch
	s := New(Config{Now: func() time.Time { return now }})
	mustCreate(t, s, "s", 1)
	for _, step := range []struct {
		do   func() error
		want string // ids of the open shards in the order of their hash keys
	}{
		{func() error { return s.Split("s", 0) }, "1 2"},
		{func() error { return s.Split("s", 2) }, "1 3 4"},
		{func() error { return s.Merge("s", 1) }, "5 4"},
		{func() error { return s.Scale("s", 1) }, "6"},
		{func() error { return s.Scale("s", 4) }, "7 9 11 12"},
	} {
		now = now.Add(time.Minute)
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, sh := range s.streams["s"].open {
			got = append(got, strings.TrimLeft(strings.TrimPrefix(sh.id, "shardId-"), "0"))
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("open shards %v, want %s", got, step.want)
		}
	}
	for what, err := range map[string]error{
		"a shard that was split": s.Split("s", 0), "no such shard": s.Merge("s", 99),
		"no such stream": s.Scale("t", 2), "no shards": s.Scale("s", 0), "the last shard": s.Merge("s", 12),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
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
