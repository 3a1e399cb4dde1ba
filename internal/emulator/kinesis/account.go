package kinesis

import (
	"fmt"
	"time"

	"weir/internal/quota"
)

// usage is what the account has at now: the open shards of provisioned streams
// and the on-demand streams; s.mu is held and no stream's lock.
func (s *Server) usage(now time.Time) (shards, onDemand int) {
	for _, st := range s.streams {
		switch {
		case s.gone(st, now):
		case st.options().OnDemand:
			onDemand++
		default:
			shards += st.openCount()
		}
	}
	return shards, onDemand
}

// checkAccount refuses a stream that the account has no room for; s.mu is held.
func (s *Server) checkAccount(shards int, isOnDemand bool, now time.Time) error {
	has, streams := s.usage(now)
	switch {
	case isOnDemand && streams >= quota.OnDemandStreamsPerRegion:
		return limitExceeded(fmt.Sprintf("This request would exceed the on-demand stream limit of %d for the account %s in %s.",
			quota.OnDemandStreamsPerRegion, s.cfg.AccountID, s.cfg.Region))
	case !isOnDemand && has+shards > quota.DefaultShardsPerRegion:
		return limitExceeded(fmt.Sprintf("This request would exceed the shard limit for the account %s in %s. Current shard count for the account: %d. Limit: %d. Number of additional shards that would have resulted from this request: %d.",
			s.cfg.AccountID, s.cfg.Region, has, quota.DefaultShardsPerRegion, shards))
	}
	return nil
}
