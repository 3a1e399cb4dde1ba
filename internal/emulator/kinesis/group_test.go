package kinesis

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/quota"
)

// singles offers a group's records to a shard of single records, each at its
// own time, and returns how many it took.
func singles(s *shard, g Group) (accepted int) {
	data := string(make([]byte, g.RecordBytes-1))
	for i := range g.Count {
		b := batchOf(s, data)
		if s.put(epoch.Add(g.arrival(i)), b, 0); b.offers[0].accepted {
			accepted++
		}
	}
	return accepted
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// A shard of groups and one of single records, given the same: they take and
// give the same, but for one record a group where many come as a flow.
func TestGroupShardIsAShard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		single := newShard(0, hashRange{}, epoch, nil, 1, newMemory(64<<20))
		grouped := NewGroupShard(1)
		now, large := time.Duration(0), 0
		var position uint64
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 300).Draw(t, "pause")) * time.Millisecond
			if rapid.Bool().Draw(t, "read") {
				limit := rapid.IntRange(1, 2000).Draw(t, "limit")
				f := single.fetch(epoch.Add(now), position, limit, nil)
				want := f.read()
				got := grouped.Read(now, position, limit)
				if got.Throttled != want.Throttled || large == 0 && (got.Count != len(want.Records) || got.Next != want.Next) {
					t.Fatalf("read %d records to %d (%+v), want %d to %d", got.Count, got.Next, got, len(want.Records), want.Next)
				}
				if large == 0 {
					position = got.Next
					if d := got.MillisBehind - want.MillisBehind; d < -1 || d > 1 {
						t.Fatalf("%d ms behind, want %d", got.MillisBehind, want.MillisBehind)
					}
				}
				continue
			}
			g := Group{
				Count: rapid.IntRange(1, 700).Draw(t, "count"), RecordBytes: rapid.IntRange(2, 4000).Draw(t, "bytes"), First: now,
			}
			if rapid.Bool().Draw(t, "small") {
				g.Count = min(g.Count, oneByOne)
			}
			if g.Last = now; g.Count > 1 {
				g.Last = now + time.Duration(rapid.IntRange(0, 1000).Draw(t, "span"))*time.Millisecond
			}
			if g.Count > oneByOne {
				large++
			}
			want, got := singles(single, g), grouped.Put([]Group{g}, 0)
			if got < want-large || got > want+large {
				t.Fatalf("took %d of %+v, want %d (%d large groups so far)", got, g, want, large)
			}
			now = g.Last
		}
	})
}

func TestGroupShardReads(t *testing.T) {
	s := NewGroupShard(1)
	s.Put([]Group{{Count: 100, RecordBytes: 1000, First: ms(0), Last: ms(990)}}, 0) // one each 10 ms
	s.Put([]Group{{Count: 5, RecordBytes: 1000, First: ms(1000), Last: ms(1000)}}, 2)
	for _, step := range []struct {
		at, limit int // ms
		count     int
		next      uint64
		behind    int64
	}{
		{95, 10_000, 10, 10, 0}, // those of 0, 10 … 90 ms
		{500, 20, 20, 30, 200},  // up to 290 ms; the one of 300 ms waits
		{1000, 0, 0, 30, 700},   // a read that is held
		{1000, 10_000, 73, 103, 0},
		{2000, 10_000, 0, 103, 0},
	} {
		got := s.Read(ms(step.at), s.position(), step.limit)
		if got.Throttled || got.Count != step.count || got.Next != step.next || got.MillisBehind != step.behind {
			t.Errorf("at %d ms: %+v, want %d records to %d, %d ms behind", step.at, got, step.count, step.next, step.behind)
		}
		s.forget(got.Next)
	}
}

// position is that of the first record not yet forgotten.
func (s *GroupShard) position() uint64 {
	if len(s.groups) > 0 {
		return s.groups[0].Position
	}
	return s.next
}

func TestGroupShardExpires(t *testing.T) {
	s := NewGroupShard(1)
	s.Put([]Group{{Count: 10, RecordBytes: 10, First: ms(0), Last: ms(9)}}, 0)
	s.Put([]Group{{Count: 10, RecordBytes: 10, First: ms(10), Last: ms(19)}}, 0)
	s.Read(ms(4), 0, quota.GetRecordsMaxRecords) // five of the first
	if gone := s.Expire(ms(15), 5); len(gone) != 1 || gone[0].Count != 5 || gone[0].Position != 5 {
		t.Errorf("%+v expired, want the first group's other five", gone)
	}
	if got := s.Read(ms(1000), 5, quota.GetRecordsMaxRecords); got.Count != 10 || got.Next != 20 {
		t.Errorf("left %+v, want the second group", got)
	}
}

func TestGroupShardEnds(t *testing.T) {
	s := NewGroupShard(1)
	s.Put([]Group{{Count: 10, RecordBytes: 10, First: ms(0), Last: ms(0)}}, 0)
	if got := s.Read(ms(1), 0, 100); got.End {
		t.Error("an open shard ended")
	}
	s.Put([]Group{{Count: 5, RecordBytes: 10, First: ms(2), Last: ms(2)}}, 0)
	s.Close()
	for _, step := range []struct {
		limit, count int
		end          bool
	}{{3, 3, false}, {0, 0, false}, {100, 12, true}, {100, 0, true}} {
		if got := s.Read(ms(3), s.position(), step.limit); got.Count != step.count || got.End != step.end {
			t.Errorf("%+v, want %d records, end %v", got, step.count, step.end)
		}
		s.forget(s.position() + uint64(step.count))
	}
}
