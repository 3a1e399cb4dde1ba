package kinesis

import (
	"fmt"

	"weir/internal/quota"
)

// Split divides an open shard, given by its number, in the middle of its hash
// keys.
func (s *Server) Split(name string, shard int) error {
	now := s.cfg.Now()
	return s.resharded(name, "split shard", func(st *stream) error {
		i, err := s.openShard(st, shardID(shard))
		if err != nil {
			return err
		}
		at, ok := st.open[i].hashes.middle()
		if !ok {
			return invalidArgument("Shard " + shardID(shard) + " has too few hash keys for two.")
		}
		st.reshard(func() { st.split(i, at, now) })
		return nil
	})
}

// Merge joins an open shard, given by its number, with the one above it.
func (s *Server) Merge(name string, shard int) error {
	now := s.cfg.Now()
	return s.resharded(name, "merge shards", func(st *stream) error {
		i, err := s.openShard(st, shardID(shard))
		if err != nil {
			return err
		}
		if i+1 == len(st.open) {
			return invalidArgument("Shard " + shardID(shard) + " has no shard above it.")
		}
		st.reshard(func() { st.merge(i, now) })
		return nil
	})
}

// Scale makes a stream n open shards of equal size. Unlike UpdateShardCount it
// may be done at any time and to any number.
func (s *Server) Scale(name string, n int) error {
	now := s.cfg.Now()
	if n < 1 || n > quota.MaxShardsPerStream {
		return fmt.Errorf("scale stream %s: %d shards", name, n)
	}
	return s.resharded(name, "scale stream", func(st *stream) error {
		st.reshard(func() { st.scale(n, now) })
		return nil
	})
}

// resharded is a change of a stream's shards, as a control operation makes it.
func (s *Server) resharded(name, what string, change func(*stream) error) error {
	if err := s.update(streamRef{StreamName: &name}, s.cfg.Now(), change); err != nil {
		return fmt.Errorf("%s of %s: %w", what, name, err)
	}
	return nil
}
