package load

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/load/frame"
	"weir/internal/producer"
)

func TestHeat(t *testing.T) {
	var h heat
	accepted := func(shard string) producer.Outcome {
		return producer.Outcome{Fate: producer.Accepted, ShardID: []byte(shard)}
	}
	for _, o := range []producer.Outcome{
		accepted("shardId-000000000002"), accepted("shardId-000000000001"), accepted("shardId-000000000002"),
		{Fate: producer.Rejected, Cause: "ProvisionedThroughputExceededException", Message: "Rate exceeded for shard shardId-000000000002 in stream s under account 1."},
		{Fate: producer.Rejected, Cause: "InternalFailure", Message: "Internal service failure."}, // names no shard
		{Fate: producer.Indeterminate, Message: "for shard shardId-000000000001"},
	} {
		h.answered(&o)
	}
	for lane, n := range map[uint32]int{0: 1, 3: 5, 4: 2, 7: 4, 8: 3, 9: 1} {
		for range n {
			h.put(lane, string(rune('a'+lane)))
		}
	}
	shards, keys := h.frames()
	if diff := cmp.Diff([]frame.ShardLoad{
		{ID: "shardId-000000000001", Accepted: 1},
		{ID: "shardId-000000000002", Accepted: 2, Throttled: 1},
	}, shards); diff != "" {
		t.Errorf("shards (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]frame.KeyLoad{{Key: "d", Records: 5}, {Key: "h", Records: 4}, {Key: "i", Records: 3}, {Key: "e", Records: 2}}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// BenchmarkHeat is the price of a record: its shard and its key.
func BenchmarkHeat(b *testing.B) {
	var h heat
	o := producer.Outcome{Fate: producer.Accepted, ShardID: []byte("shardId-000000000002")}
	lane := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		h.answered(&o)
		h.put(lane, "k-00000")
		lane = (lane + 7919) % 10000
	}
}
