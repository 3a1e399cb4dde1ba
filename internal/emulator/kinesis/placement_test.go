package kinesis

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPlacement(t *testing.T) {
	p := NewPlacement(2)
	for _, c := range []struct {
		key, hash string
		want      int
	}{
		{"a", "", 0}, // MD5 0cc175b9…
		{"b", "", 1}, // MD5 92eb5ffe…
		{"b", "0", 0},
		{"a", "170141183460469231731687303715884105728", 1}, // 2^127
	} {
		if got := p.Of(c.key, c.hash); got != c.want {
			t.Errorf("key %q, hash %q: shard %d, want %d", c.key, c.hash, got, c.want)
		}
	}
}

// Two shards, the first of them split, the halves' upper one merged with the
// second shard, and all of it scaled to three.
func TestPlacementAfterReshards(t *testing.T) {
	p := NewPlacement(2, Reshard{SplitInTwo, 0}, Reshard{MergeWithNext, 3}, Reshard{MergeWithNext, 3}, Reshard{ScaleTo, 3})
	type stage struct {
		Shards   []int
		Replaced []Replacement
		Failed   string
	}
	var got []stage
	for _, s := range p.Stages {
		g := stage{Shards: s.Shards, Replaced: s.Replaced}
		if s.Err != nil {
			g.Failed = s.Err.Error()
		}
		got = append(got, g)
	}
	// Shards end at 1/4, 1/3, 1/2 and 2/3 of the keys, and at the last.
	want := []stage{
		{Shards: []int{0, 0, 0, 1, 1}},
		{Shards: []int{2, 3, 3, 1, 1}, Replaced: []Replacement{{[]int{0}, []int{2, 3}}}},
		{Shards: []int{2, 4, 4, 4, 4}, Replaced: []Replacement{{[]int{3, 1}, []int{4}}}},
		{Shards: []int{2, 4, 4, 4, 4}, Failed: "there is no open shard shardId-000000000003"},
		// 4 is split at a third for 2 to grow to it, then at two thirds.
		{Shards: []int{7, 7, 8, 8, 9}, Replaced: []Replacement{{[]int{4}, []int{5, 6}}, {[]int{2, 5}, []int{7}}, {[]int{6}, []int{8, 9}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.ShardCount != 10 {
		t.Errorf("%d shards there ever are, want 10", p.ShardCount)
	}
	for part, want := range []float64{1. / 4, 1. / 12, 1. / 6, 1. / 6, 1. / 3} {
		if got := p.Share(part); got < want-1e-12 || got > want+1e-12 {
			t.Errorf("part %d has %v of the keys, want %v", part, got, want)
		}
	}
}

// A stream that is resharded has the shards that its placement foretells.
func TestPlacementForetells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := rapid.IntRange(1, 5).Draw(t, "shards")
		st := newStream(Config{RetainBytes: 64 << 20, ShardLimitFactor: 1}, "s", shards, StreamOptions{}, epoch)
		reshards := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Reshard {
			return Reshard{rapid.SampledFrom([]ReshardKind{SplitInTwo, MergeWithNext, ScaleTo}).Draw(t, "kind"), rapid.IntRange(0, 9).Draw(t, "n")}
		}), 0, 6).Draw(t, "reshards")
		p := NewPlacement(shards, reshards...)
		key := rapid.String().Draw(t, "key")
		for i := range p.Stages {
			stage := &p.Stages[i]
			if i > 0 && stage.Err == nil {
				st.reshard(func() { reshards[i-1].carryOut(st) })
			}
			want := st.open[st.partition.of(hashPartitionKey([]byte(key)))].id
			if got := ShardID(stage.Shards[p.Of(key, "")]); got != want {
				t.Fatalf("after %v: key %q goes to %s, want %s", reshards[:i], key, got, want)
			}
		}
		if p.ShardCount != len(st.shards) {
			t.Fatalf("%d shards there ever are, want %d", p.ShardCount, len(st.shards))
		}
	})
}

// carryOut does to a stream what the reshard says; call it in reshard.
func (r Reshard) carryOut(st *stream) {
	if r.Kind == ScaleTo {
		st.scale(r.N, epoch)
		return
	}
	for i, s := range st.open {
		if s.id != ShardID(r.N) {
			continue
		}
		if r.Kind == MergeWithNext {
			st.merge(i, epoch)
		} else {
			middle, _ := s.hashes.middle()
			st.split(i, middle, epoch)
		}
		return
	}
}
