package kinesis

import "weir/internal/quota"

const (
	provisioned = "PROVISIONED"
	onDemand    = "ON_DEMAND"
)

type createStreamRequest struct {
	StreamName         *string
	ShardCount         *int
	MaxRecordSizeInKiB *int
	StreamModeDetails  *struct{ StreamMode *string }
	Tags               map[string]string
}

// mode is the capacity mode asked for; without one a shard count decides.
func (r *createStreamRequest) mode() string {
	switch {
	case r.StreamModeDetails != nil && r.StreamModeDetails.StreamMode != nil:
		return *r.StreamModeDetails.StreamMode
	case r.ShardCount == nil:
		return onDemand
	}
	return provisioned
}

func (r *createStreamRequest) check(v *validation) {
	v.text("streamName", r.StreamName, namePattern, 1, quota.MaxStreamNameChars)
	if r.StreamName == nil {
		v.required("streamName")
	}
	v.number("shardCount", r.ShardCount, 1, quota.MaxShardsPerStream)
	v.tags(r.Tags)
	v.number("maxRecordSizeInKiB", r.MaxRecordSizeInKiB, quota.DefaultMaxRecordBytes>>10, quota.LargestRecordBytes>>10)
	if d := r.StreamModeDetails; d != nil {
		if d.StreamMode == nil {
			v.required("streamModeDetails.streamMode")
		}
		v.choice("streamModeDetails.streamMode", d.StreamMode, onDemand, provisioned)
	}
	if r.mode() == provisioned && r.ShardCount == nil {
		v.required("shardCount")
	}
}

// createStream answers CreateStream. WarmThroughputMiBps and
// RecordDistributionStrategy are read over.
func (s *Server) createStream(c *call) (any, error) {
	var in createStreamRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	options := StreamOptions{OnDemand: in.mode() == onDemand}
	if in.MaxRecordSizeInKiB != nil {
		options.MaxRecordBytes = *in.MaxRecordSizeInKiB << 10
	}
	shards := onDemandShards
	if !options.OnDemand {
		shards = *in.ShardCount
	} else if in.ShardCount != nil {
		return nil, invalidArgument("ShardCount cannot be set for a stream in ON_DEMAND mode.")
	}
	tags, err := withTags(nil, in.Tags, "stream "+*in.StreamName)
	if err != nil {
		return nil, err
	}
	return nil, s.add(*in.StreamName, shards, options, tags, c.start, s.cfg.CreateTime)
}
