package kinesis

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// A stream over its memory loses its oldest records first, whichever shard
// holds them.
func TestStreamTrimsOldestFirst(t *testing.T) {
	const retain = 1 << 20
	now := &clock{now: epoch}
	s := New(Config{RetainBytes: retain, ShardLimitFactor: 1000, Now: now.Now})
	mustCreate(t, s, "s", 2)
	high, low := "340282366920938463463374607431768211455", "0"
	putSome := func(hash string, n int) {
		for range n {
			now.add(time.Millisecond)
			body := fmt.Sprintf(`{"StreamName":"s","PartitionKey":"k","ExplicitHashKey":"%s","Data":"%s"}`, hash, zeros(7500))
			if w := post(s, "Kinesis_20131202.PutRecord", body); w.Code != 200 {
				t.Fatal(w.Body)
			}
		}
	}
	putSome(low, 20)   // the oldest, and no more come here
	putSome(high, 300) // 300 × 7 525 bytes are twice what fits
	st, _, err := s.find("s", now.Now())
	if err != nil {
		t.Fatal(err)
	}
	if held := st.memory.held; held > retain || held < retain*3/4 {
		t.Errorf("the stream holds %d of %d bytes", held, retain)
	}
	horizon := func(shard string) uint64 {
		p, err := s.Position("s", shard, Start{Type: TrimHorizon})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first, second := horizon("shardId-000000000000"), horizon("shardId-000000000001")
	if first != 20 {
		t.Errorf("the quiet shard keeps records from %d on, want none of its 20", first)
	}
	trimmed, err := s.Trimmed("s")
	if err != nil || trimmed != first+second {
		t.Errorf("%d records trimmed unread, %v, want %d + %d", trimmed, err, first, second)
	}
}

// zeros is n zero bytes in base64; n is a multiple of 3.
func zeros(n int) string {
	text := make([]byte, n/3*4)
	for i := range text {
		text[i] = 'A'
	}
	return string(text)
}

func TestRetentionPeriod(t *testing.T) {
	now := &clock{now: epoch}
	s := New(Config{Now: now.Now})
	mustCreate(t, s, "s", 1)
	post(s, "Kinesis_20131202.PutRecords", putOne)
	now.add(24*time.Hour + time.Millisecond)
	post(s, "Kinesis_20131202.PutRecords", putOne)
	got, err := s.Read("s", "shardId-000000000000", 0, 0)
	if err != nil || len(got.Records) != 1 || got.Skipped != 1 {
		t.Errorf("after 24 hours %d records are read, %d skipped, %v; want 1 and 1", len(got.Records), got.Skipped, err)
	}
}

// Writers, readers and trimming at once: every acknowledged record is either
// read or trimmed, and each shard's records are read in order.
func TestConcurrentPutsAndReads(t *testing.T) {
	s := New(Config{RetainBytes: 1 << 20, ShardLimitFactor: 1e6})
	mustCreate(t, s, "s", 4)
	const writers, puts, records = 4, 40, 50
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			body := putBodyOf("s", records, 200)
			for range puts {
				if w := post(s, "Kinesis_20131202.PutRecords", string(body)); w.Code != 200 {
					t.Errorf("put: %s", w.Body)
				}
			}
		})
	}
	done := make(chan struct{})
	var seen [4]uint64
	var reading sync.WaitGroup
	for i := range seen {
		reading.Go(func() {
			var next uint64
			for last := false; !last; {
				select {
				case <-done:
					last = true
				default:
				}
				got, err := s.Read("s", shardID(i), next, 0)
				if err != nil {
					t.Error(err)
					return
				}
				at := next + got.Skipped
				for j, r := range got.Records {
					if r.Position != at+uint64(j) {
						t.Errorf("shard %d: position %d, want %d", i, r.Position, at+uint64(j))
						return
					}
				}
				seen[i] += uint64(len(got.Records)) + got.Skipped
				next = got.Next
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if total := seen[0] + seen[1] + seen[2] + seen[3]; total != writers*puts*records {
		t.Errorf("%d records read or skipped, %d acknowledged", total, writers*puts*records)
	}
}

// BenchmarkPutRecords is a request of 500 records of 500 bytes from ServeHTTP's
// entry to its answer, without the network.
func BenchmarkPutRecords(b *testing.B) {
	s := New(Config{ShardLimitFactor: 1e6})
	mustCreate(b, s, "s", 16)
	body := string(putBodyOf("s", 500, 500))
	for b.Loop() {
		if w := post(s, "Kinesis_20131202.PutRecords", body); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkTake is 500 decoded records of 500 bytes going to their shards: hashed,
// admitted and stored.
func BenchmarkTake(b *testing.B) {
	for _, shards := range []int{64, 4096} {
		b.Run(fmt.Sprint(shards, " shards"), func(b *testing.B) {
			st := newStream(Config{ShardLimitFactor: 1000}.withDefaults(), "s", shards, StreamOptions{}, epoch)
			var batches [64]batch
			data := make([]byte, 500)
			for i := range batches {
				for j := range 500 {
					batches[i].body.entries = append(batches[i].body.entries, putEntry{data: data, key: fmt.Append(nil, "partition-key-", i*500+j), plain: true})
				}
			}
			for i := 0; b.Loop(); i++ {
				now := epoch.Add(time.Duration(i) * time.Millisecond)
				if err := st.take(&batches[i%len(batches)], now); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/500/float64(b.N), "ns/record")
		})
	}
}

// BenchmarkGetRecords is an answer of 10 000 records of 500 bytes.
func BenchmarkGetRecords(b *testing.B) {
	s := New(Config{ShardLimitFactor: 1e6})
	mustCreate(b, s, "s", 1)
	for range 20 {
		post(s, "Kinesis_20131202.PutRecords", string(putBodyOf("s", 500, 500)))
	}
	st, sh, err := s.findShard("s", "shardId-000000000000", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	body := `{"ShardIterator":"` + s.iterator(st, sh, 0, time.Now()) + `"}`
	for b.Loop() {
		if w := post(s, "Kinesis_20131202.GetRecords", body); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
