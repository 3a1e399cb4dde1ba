package kinesis

import (
	"math"
	"time"
)

// shardFilter lets shards pass by when they were open: those that were open at
// since or were opened later, or only those that were open at since.
type shardFilter struct {
	since  int64 // Unix milliseconds
	onlyAt bool
}

var (
	everyShard = shardFilter{}
	openShards = shardFilter{since: math.MaxInt64 >> 1}
)

func (f shardFilter) passes(s *shard) bool {
	closed := s.closedAt()
	return (closed.IsZero() || closed.UnixMilli() >= f.since) &&
		(!f.onlyAt || s.opened.UnixMilli() <= f.since)
}

// packed is the filter in one number, for a page token.
func (f shardFilter) packed() uint64 {
	n := uint64(f.since) << 1
	if f.onlyAt {
		n |= 1
	}
	return n
}

func unpackFilter(n uint64) shardFilter { return shardFilter{int64(n >> 1), n&1 != 0} }

// page is up to limit shards that pass the filter, in order, with ids above
// after; nil is below all.
func (st *stream) page(now time.Time, filter shardFilter, after *string, limit int) (page []*shard, more bool) {
	for _, s := range st.kept(now) {
		if after != nil && s.id <= *after || !filter.passes(s) {
			continue
		}
		if len(page) == limit {
			return page, true
		}
		page = append(page, s)
	}
	return page, false
}

func describeShards(shards []*shard) []shardDescription {
	out := make([]shardDescription, len(shards))
	for i, s := range shards {
		out[i] = s.describe()
	}
	return out
}
