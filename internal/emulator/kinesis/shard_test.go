package kinesis

import (
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// batchOf is offers to one shard, whose first is number 0.
func batchOf(s *shard, data ...string) *batch {
	b := &batch{memory: s.memory}
	for i, d := range data {
		b.offers = append(b.offers, offer{key: []byte("k"), data: []byte(d), next: int32(i + 1)})
	}
	b.offers[len(data)-1].next = none
	return b
}

func newTestShard(retain int64) *shard {
	return newShard(0, splitEvenly(1)[0], epoch, nil, 1, newMemory(retain))
}

func put(s *shard, now time.Time, data ...string) []offer {
	b := batchOf(s, data...)
	s.put(now, b, 0)
	return b.offers
}

func TestShardReadTrace(t *testing.T) {
	s := newTestShard(1 << 20)
	put(s, at(0), "a")
	put(s, at(100), "b", "c")

	type answer struct {
		Data         string
		Next         uint64
		MillisBehind int64
		Throttled    bool
	}
	tests := []struct {
		ms    int
		from  uint64
		limit int
		want  answer
	}{
		{100, 0, 1, answer{"a", 1, 0, false}},    // b is the next unread, 0 ms old
		{400, 0, 1, answer{"a", 1, 300, false}},  // b came 300 ms ago
		{400, 1, 10, answer{"bc", 3, 0, false}},  // at the tip
		{400, 3, 10, answer{"", 3, 0, false}},    // nothing new
		{400, 99, 10, answer{"", 3, 0, false}},   // a place that isn't there yet is the tip
		{400, 0, 10, answer{"abc", 3, 0, false}}, // the fifth call since the bucket was full again
		{400, 0, 10, answer{"", 0, 0, true}},
		{600, 0, 10, answer{"abc", 3, 0, false}}, // 5/s × 200 ms
	}
	for _, test := range tests {
		f := s.fetch(at(test.ms), test.from, test.limit, nil)
		read := f.read()
		got := answer{"", read.Next, read.MillisBehind, read.Throttled}
		for _, r := range read.Records {
			got.Data += string(r.Data)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("at %d ms from %d, limit %d (-want +got):\n%s", test.ms, test.from, test.limit, diff)
		}
	}
}

func TestShardReadRecords(t *testing.T) {
	s := newTestShard(1 << 20)
	put(s, at(0), "a")
	put(s, at(7), "b")
	f := s.fetch(at(9), 0, 10, nil)
	read := f.read()
	want := []Record{
		{0, string(s.sequence.append(nil, 0, at(0).UnixMilli())), "k", []byte("a"), at(0)},
		{1, string(s.sequence.append(nil, 1, at(7).UnixMilli())), "k", []byte("b"), at(7)},
	}
	if diff := cmp.Diff(want, read.Records); diff != "" || f.size != 4 {
		t.Errorf("read %d bytes (-want +got):\n%s", f.size, diff)
	}
}

func TestShardReadStopsAt10MiB(t *testing.T) {
	s := newShard(0, splitEvenly(1)[0], epoch, nil, 1000, newMemory(64<<20))
	mib := string(make([]byte, 1<<20-1)) // with its key of one byte exactly 1 MiB
	for range 12 {
		put(s, at(0), mib)
	}
	f := s.fetch(at(0), 0, 100, nil)
	if len(f.read().Records) != 10 || f.size != 10<<20 || f.Next != 10 {
		t.Errorf("read %d records, %d bytes, next %d; want 10, %d, 10", len(f.Records), f.size, f.Next, 10<<20)
	}
}

func TestShardCountsTrimmedUnread(t *testing.T) {
	s := newTestShard(0) // only the newest chunk stays
	s.memory.chunkBytes = 4
	put(s, at(0), "a", "b")   // a chunk: two records of two bytes
	s.fetch(at(0), 0, 1, nil) // a is read
	put(s, at(0), "c", "d")
	if s.unread() != 1 {
		t.Errorf("%d records were trimmed unread, want 1: b", s.unread())
	}
	f := s.fetch(at(0), 1, 10, nil)
	if f.Skipped != 1 || f.Next != 4 {
		t.Errorf("reading from 1 skipped %d to next %d, want 1 to 4", f.Skipped, f.Next)
	}
	if put(s, at(0), "e"); s.unread() != 1 {
		t.Errorf("%d records were trimmed unread, want still 1", s.unread())
	}
	if f := s.fetch(at(0), 4, 10, nil); f.Skipped != 0 || f.Next != 5 {
		t.Errorf("reading from 4 skipped %d to %d, want 0 to 5", f.Skipped, f.Next)
	}
}

func TestShardDropsAcknowledged(t *testing.T) {
	s := newTestShard(1 << 20)
	b := batchOf(s, "a", "b", "c")
	b.drops = 2
	s.put(at(0), b, 0)
	f := s.fetch(at(0), 0, 10, nil)
	read := f.read()
	if b.drops != 0 || !b.offers[0].accepted || !b.offers[1].accepted || len(read.Records) != 1 || read.Records[0].Position != 2 {
		t.Errorf("%d drops left, offers %+v, read %+v: want a and b acknowledged, only c stored", b.drops, b.offers, read.Records)
	}
}

func TestShardArrivalNeverFalls(t *testing.T) {
	s := newTestShard(1 << 20)
	put(s, at(50), "a")
	put(s, at(20), "b")
	if got, _ := s.log.arrivalOf(1); got != at(50).UnixMilli() {
		t.Errorf("a clock that steps back gives arrival %d, want %d", got, at(50).UnixMilli())
	}
}

func TestShardLocate(t *testing.T) {
	s := newTestShard(1 << 20)
	put(s, at(0), "a", "b")
	put(s, at(10), "c")
	number := func(position uint64) string { return string(s.sequence.append(nil, position, 0)) }
	tests := []struct {
		start Start
		want  uint64
		ok    bool
	}{
		{Start{Type: TrimHorizon}, 0, true},
		{Start{Type: Latest}, 3, true},
		{Start{Type: AtSequenceNumber, SequenceNumber: number(1)}, 1, true},
		{Start{Type: AfterSequenceNumber, SequenceNumber: number(1)}, 2, true},
		{Start{Type: AfterSequenceNumber, SequenceNumber: number(2)}, 3, true},
		{Start{Type: AtSequenceNumber, SequenceNumber: s.sequence.start()}, 0, true},
		{Start{Type: AfterSequenceNumber, SequenceNumber: s.sequence.start()}, 0, true},
		{Start{Type: AtSequenceNumber, SequenceNumber: number(3)}, 3, false}, // not given yet
		{Start{Type: AtTimestamp, Timestamp: at(-5)}, 0, true},
		{Start{Type: AtTimestamp, Timestamp: at(1)}, 2, true},
		{Start{Type: AtTimestamp, Timestamp: at(10)}, 2, true},
		{Start{Type: AtTimestamp, Timestamp: at(11)}, 3, true},
	}
	for _, test := range tests {
		if got, ok := s.locate(test.start); got != test.want || ok != test.ok {
			t.Errorf("%+v stands at %d, %v, want %d, %v", test.start, got, ok, test.want, test.ok)
		}
	}
}

func TestExpiry(t *testing.T) {
	s := newTestShard(1 << 20)
	put(s, at(0), "a")
	put(s, at(10), "b")
	put(s, at(20), "c")
	s.expire(at(5))
	if got, _ := s.locate(Start{Type: TrimHorizon}); got != 1 {
		t.Errorf("the trim horizon is %d, want 1: a has expired", got)
	}
	if s.expire(at(20)); s.unread() != 2 {
		t.Errorf("%d records left unread, want 2", s.unread())
	}
}

// What every put needs of a shard is three lines of 64 bytes. That shards begin
// on such a line is the allocator's doing: it gives them 448 bytes, seven lines.
func TestShardLines(t *testing.T) {
	var s shard
	if n, size := unsafe.Offsetof(s.memory), unsafe.Sizeof(s); n != 3*64 || size <= 416 || size > 448 {
		t.Errorf("puts need %d bytes of a shard of %d", n, size)
	}
}
