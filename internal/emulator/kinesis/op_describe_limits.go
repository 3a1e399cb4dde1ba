package kinesis

import "weir/internal/quota"

// describeLimits answers DescribeLimits.
func (s *Server) describeLimits(c *call) (any, error) {
	out := struct {
		ShardLimit, OpenShardCount, OnDemandStreamCount, OnDemandStreamCountLimit int
		ChannelCount                                                              int
	}{ShardLimit: quota.DefaultShardsPerRegion, OnDemandStreamCountLimit: quota.OnDemandStreamsPerRegion}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, st := range s.streams {
		if s.gone(st, c.start) {
			continue
		}
		if st.options().OnDemand {
			out.OnDemandStreamCount++
		} else {
			out.OpenShardCount += st.openCount()
		}
	}
	return out, nil
}
