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
	out.OpenShardCount, out.OnDemandStreamCount = s.usage(c.start)
	return out, nil
}
