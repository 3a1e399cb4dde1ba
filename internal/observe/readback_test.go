package observe

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/wire"
	"weir/internal/pipeline"
	"weir/probe/line"
)

// serveStream is a stream alone, without limits that matter here.
func serveStream(t *testing.T, shards int) (pipeline.Address, *kinesis.Server) {
	t.Helper()
	s := kinesis.New(kinesis.Config{ShardLimitFactor: 1000})
	if err := s.CreateStream("s", shards, kinesis.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	return serve(t, s), s
}

// slotsOf reads the stream back: its slots, how often each came, by shard.
func slotsOf(t *testing.T, a pipeline.Address, from time.Time) (all line.Set, n int, shards map[string]int) {
	t.Helper()
	shards = map[string]int{}
	err := ReadBack(t.Context(), a, from, func(r StreamRecord) {
		tok, ok := line.TokenOf(r.Data)
		if !ok || r.SequenceNumber == "" || r.Arrival.IsZero() {
			t.Errorf("record %+v", r)
		}
		all.Add(tok.Seq)
		n++
		shards[r.Shard]++
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, n, shards
}

// Every record comes once, over all shards and more than one page of each
// (10 000 records).
func TestReadBack(t *testing.T) {
	a, _ := serveStream(t, 2)
	began := time.Now().Add(-time.Second)
	const n = 25_000
	put(t, a, 0, n)
	all, times, shards := slotsOf(t, a, began)
	if all.Len() != n || times != n || len(shards) != 2 || min(shards["shardId-000000000000"], shards["shardId-000000000001"]) <= 10_000 {
		t.Errorf("%d slots in %d records, by shard %v; want %d over both", all.Len(), times, shards, n)
	}

	time.Sleep(2 * time.Millisecond) // arrivals are told apart by the millisecond
	later := time.Now()
	put(t, a, n, n+10)
	if all, times, _ := slotsOf(t, a, later); times != 10 || !all.Contains(n) || !all.Contains(n+9) {
		t.Errorf("%d records from then on, want the last 10", times)
	}
}

func TestReadBackOfAnEmptyStreamEnds(t *testing.T) {
	a, _ := serveStream(t, 20) // more than are read at once
	if _, n, _ := slotsOf(t, a, time.Now().Add(-time.Hour)); n != 0 {
		t.Errorf("%d records", n)
	}
}

// A reader shares the shard's limit with the mapping: being refused is no
// error.
func TestReadBackSurvivesThrottling(t *testing.T) {
	a, s := serveStream(t, 1)
	a.Config.RetryMaxAttempts = 1 // the SDK has given up
	put(t, a, 0, 100)
	s.Fail("GetRecords", 1, &wire.Error{Code: "ProvisionedThroughputExceededException", Message: "Rate exceeded.", Status: http.StatusBadRequest})
	if all, n, _ := slotsOf(t, a, time.Now().Add(-time.Minute)); all.Len() != 100 || n != 100 {
		t.Errorf("%d slots in %d records, want 100", all.Len(), n)
	}
}

// One shard that can't be read makes an error; the others are read all the
// same.
func TestReadBackSaysWhatItCouldNotRead(t *testing.T) {
	a, s := serveStream(t, 2)
	put(t, a, 0, 100)
	s.Fail("GetRecords", 1, &wire.Error{Code: "AccessDeniedException", Message: "no", Status: http.StatusBadRequest})
	n := 0
	err := ReadBack(t.Context(), a, time.Now().Add(-time.Minute), func(StreamRecord) { n++ })
	if err == nil || !strings.Contains(err.Error(), "read shardId-00000000000") || n == 0 || n == 100 {
		t.Errorf("%d records, error %v", n, err)
	}

	a.Stream = "gone"
	if err := ReadBack(t.Context(), a, time.Now(), func(StreamRecord) {}); err == nil || !strings.HasPrefix(err.Error(), "list the shards of gone: ") {
		t.Errorf("error %v", err)
	}
}

func TestReadBackEndsWithItsContext(t *testing.T) {
	a, _ := serveStream(t, 1)
	put(t, a, 0, 1)
	ctx, cancel := context.WithCancel(t.Context())
	err := ReadBack(ctx, a, time.Now().Add(-time.Minute), func(StreamRecord) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
