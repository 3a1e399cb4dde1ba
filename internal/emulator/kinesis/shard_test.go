package kinesis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// each yields 0 to n-1, then -1.
func each(n int) func() int {
	i := -1
	return func() int {
		if i++; i < n {
			return i
		}
		return -1
	}
}

func offersOf(data ...string) []offer {
	offers := make([]offer, len(data))
	for i, d := range data {
		offers[i] = offer{key: []byte("k"), data: []byte(d)}
	}
	return offers
}

func newTestShard(segmentBytes int) *shard {
	return newShard(0, splitEvenly(1)[0], epoch, nil, 1, segmentBytes, new(ages))
}

func put(s *shard, now time.Time, data ...string) []offer {
	offers, drops := offersOf(data...), 0
	s.put(now, offers, each(len(offers)), &drops)
	return offers
}

func TestShardReadTrace(t *testing.T) {
	s := newTestShard(1 << 10)
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
		read, _ := s.fetch(at(test.ms), test.from, test.limit)
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
	s := newTestShard(1 << 10)
	put(s, at(0), "a")
	put(s, at(7), "b")
	read, size := s.fetch(at(9), 0, 10)
	want := []Record{
		{0, string(s.sequence.append(nil, 0, at(0).UnixMilli())), "k", []byte("a"), at(0)},
		{1, string(s.sequence.append(nil, 1, at(7).UnixMilli())), "k", []byte("b"), at(7)},
	}
	if diff := cmp.Diff(want, read.Records); diff != "" || size != 4 {
		t.Errorf("read %d bytes (-want +got):\n%s", size, diff)
	}
}

func TestShardReadStopsAt10MiB(t *testing.T) {
	s := newShard(0, splitEvenly(1)[0], epoch, nil, 1000, 1<<10, new(ages))
	mib := string(make([]byte, 1<<20-1)) // with its key of one byte exactly 1 MiB
	for range 12 {
		put(s, at(0), mib)
	}
	read, size := s.fetch(at(0), 0, 100)
	if len(read.Records) != 10 || size != 10<<20 || read.Next != 10 {
		t.Errorf("read %d records, %d bytes, next %d; want 10, %d, 10", len(read.Records), size, read.Next, 10<<20)
	}
}

func TestShardCountsTrimmedUnread(t *testing.T) {
	s := newTestShard(4) // two records of two bytes a segment
	put(s, at(0), "a", "b")
	put(s, at(0), "c", "d")
	s.fetch(at(0), 0, 1) // a is read
	if s.drop(0); s.unread() != 1 {
		t.Errorf("%d records were trimmed unread, want 1: b", s.unread())
	}
	read, _ := s.fetch(at(0), 1, 10)
	if read.Skipped != 1 || read.Next != 4 {
		t.Errorf("reading from 1 skipped %d to next %d, want 1 to 4", read.Skipped, read.Next)
	}
	if s.drop(2); s.unread() != 1 {
		t.Errorf("%d records were trimmed unread, want still 1", s.unread())
	}
	if read, _ := s.fetch(at(0), 4, 10); read.Skipped != 0 {
		t.Errorf("reading the tip of an empty log skipped %d", read.Skipped)
	}
}

func TestShardDropsAcknowledged(t *testing.T) {
	s := newTestShard(1 << 10)
	offers, drops := offersOf("a", "b", "c"), 2
	s.put(at(0), offers, each(3), &drops)
	read, _ := s.fetch(at(0), 0, 10)
	if drops != 0 || !offers[0].accepted || !offers[1].accepted || len(read.Records) != 1 || read.Records[0].Position != 2 {
		t.Errorf("%d drops left, offers %+v, read %+v: want a and b acknowledged, only c stored", drops, offers, read.Records)
	}
}

func TestShardArrivalNeverFalls(t *testing.T) {
	s := newTestShard(1 << 10)
	put(s, at(50), "a")
	if o := put(s, at(20), "b"); o[0].arrival != at(50).UnixMilli() {
		t.Errorf("a clock that steps back gives arrival %d, want %d", o[0].arrival, at(50).UnixMilli())
	}
}

func TestShardLocate(t *testing.T) {
	s := newTestShard(1 << 10)
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
	s := newTestShard(4)
	put(s, at(0), "a")
	put(s, at(10), "b") // the same segment as a
	put(s, at(20), "c")
	if freed := s.expire(at(5)); freed != 0 {
		t.Errorf("freed %d bytes of a segment with a live record", freed)
	}
	if got, _ := s.locate(Start{Type: TrimHorizon}); got != 1 {
		t.Errorf("the trim horizon is %d, want 1: a has expired", got)
	}
	if freed := s.expire(at(20)); freed != 4+2*entryBytes {
		t.Errorf("freed %d bytes, want %d", freed, 4+2*entryBytes)
	}
	if s.unread() != 2 {
		t.Errorf("%d records left unread, want 2", s.unread())
	}
}
