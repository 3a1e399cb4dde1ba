package capacity

import (
	"cmp"
	"slices"
	"strconv"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// placement says where the scenario's records go, over all the reshards that its
// faults order.
func (sc *Scenario) placement() *kinesis.Placement {
	var reshards []kinesis.Reshard
	for _, i := range sc.reshards() {
		r, _ := reshardOf(sc.Faults[i])
		reshards = append(reshards, r)
	}
	return kinesis.NewPlacement(sc.Pipeline.Shards, reshards...)
}

// reshards are the places of the faults that reshard the stream, in the order in
// which they strike.
func (sc *Scenario) reshards() (faults []int) {
	for i, f := range sc.Faults {
		if _, ok := reshardOf(f); ok {
			faults = append(faults, i)
		}
	}
	slices.SortStableFunc(faults, func(a, b int) int { return cmp.Compare(sc.Faults[a].At, sc.Faults[b].At) })
	return faults
}

// reshardOf is the reshard that a fault orders, if it does.
func reshardOf(f fault.Fault) (r kinesis.Reshard, ok bool) {
	shard, _ := strconv.Atoi(f.Where) // a number, of a fault that was parsed
	switch f.Kind {
	case fault.SplitShard:
		return kinesis.Reshard{Kind: kinesis.SplitInTwo, N: shard}, true
	case fault.MergeShards:
		return kinesis.Reshard{Kind: kinesis.MergeWithNext, N: shard}, true
	case fault.UpdateShardCount:
		return kinesis.Reshard{Kind: kinesis.ScaleTo, N: f.Count}, true
	}
	return kinesis.Reshard{}, false
}

// reshard makes the stream what the i-th fault orders.
func (s *simulation) reshard(i int) (struck int, err error) {
	stage := &s.placement.Stages[1+slices.Index(s.scenario.reshards(), i)]
	if stage.Err != nil {
		return 0, stage.Err
	}
	for _, r := range stage.Replaced {
		var parents []string
		for _, number := range r.Closed {
			st := &s.shards[number]
			st.shard.Close()
			st.heirs = r.Opened
			parents = append(parents, st.id)
		}
		for range r.Opened {
			s.openShard(parents)
		}
	}
	s.owners = stage.Shards
	return 1, nil
}

// openShard adds the stream's next shard. The mapping doesn't follow it yet.
func (s *simulation) openShard(parents []string) {
	s.shards = append(s.shards, station{
		id: kinesis.ShardID(len(s.shards)), index: unfollowed, parents: parents,
		shard: kinesis.NewGroupShard(s.factor()), wake: lambda.Never,
	})
}

// unfollowed is the index of a shard that the mapping has not been told of.
const unfollowed = -1

// children are a closed shard's heirs, as the mapping is to follow them.
func (s *simulation) children(st *station) (starts []lambda.ShardStart) {
	for _, number := range st.heirs {
		heir := &s.shards[number]
		starts = append(starts, lambda.ShardStart{ID: heir.id, Parents: heir.parents})
	}
	return starts
}

// follow gives shards of which the mapping was told their places in it.
func (s *simulation) follow(numbers []int) {
	for _, number := range numbers {
		st := &s.shards[number]
		if st.index != unfollowed {
			continue // of a merge, by the other parent
		}
		st.index = len(s.followed)
		s.followed = append(s.followed, number)
		s.wakeAt(number, s.now)
	}
}
