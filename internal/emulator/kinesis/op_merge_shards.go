package kinesis

// mergeShards answers MergeShards. As with AWS, the adjacent shard is the one
// above.
func (s *Server) mergeShards(c *call) (any, error) {
	var in struct {
		streamRef
		ShardToMerge         *string
		AdjacentShardToMerge *string
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.needs("shardToMerge", in.ShardToMerge, namePattern, 1, 128)
		v.needs("adjacentShardToMerge", in.AdjacentShardToMerge, namePattern, 1, 128)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.update(in.streamRef, c.start, func(st *stream) error {
		lower, err := s.openShard(st, *in.ShardToMerge)
		if err != nil {
			return err
		}
		upper, err := s.openShard(st, *in.AdjacentShardToMerge)
		if err != nil {
			return err
		}
		if upper != lower+1 {
			return invalidArgument("Shards " + *in.ShardToMerge + " and " + *in.AdjacentShardToMerge + " in stream " + st.name +
				" under account " + s.cfg.AccountID + " are not an adjacent pair of shards eligible for merging")
		}
		st.reshard(func() { st.merge(lower, c.start) })
		return nil
	})
}
