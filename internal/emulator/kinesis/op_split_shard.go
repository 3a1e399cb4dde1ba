package kinesis

import "slices"

// splitShard answers SplitShard.
func (s *Server) splitShard(c *call) (any, error) {
	var in struct {
		streamRef
		ShardToSplit       *string
		NewStartingHashKey *string
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.needs("shardToSplit", in.ShardToSplit, namePattern, 1, 128)
		v.needs("newStartingHashKey", in.NewStartingHashKey, hashKeyPattern, 0, 0)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.update(in.streamRef, c.start, func(st *stream) error {
		i, err := s.openShard(st, *in.ShardToSplit)
		if err != nil {
			return err
		}
		sh := st.open[i]
		at, ok := parseHashKey(*in.NewStartingHashKey)
		// The documented bounds are exclusive: the child below keeps two keys at least.
		if !ok || at.compare(sh.hashes.end) >= 0 || at.compare(sh.hashes.start) <= 0 || at.before() == sh.hashes.start {
			return invalidArgument("NewStartingHashKey " + *in.NewStartingHashKey + " used in SplitShard() on shard " + sh.id +
				" in stream " + st.name + " under account " + s.cfg.AccountID +
				" is not both greater than one plus the shard's StartingHashKey " + sh.hashes.start.String() +
				" and less than the shard's EndingHashKey " + sh.hashes.end.String() + ".")
		}
		st.reshard(func() { st.split(i, at, c.start) })
		return nil
	})
}

// openShard is a shard's place among the open ones; st.mu is held.
func (s *Server) openShard(st *stream, id string) (int, error) {
	named := func(sh *shard) bool { return sh.id == id }
	if i := slices.IndexFunc(st.open, named); i >= 0 {
		return i, nil
	}
	where := " in stream " + st.name + " under account " + s.cfg.AccountID
	if slices.ContainsFunc(st.shards, named) {
		return 0, invalidArgument("Shard " + id + where + " has already been merged or split, and thus is not eligible for merging or splitting.")
	}
	return 0, notFound("Could not find shard " + id + where + ".")
}
