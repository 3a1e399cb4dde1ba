package kinesis

import (
	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// description is what DescribeStream and DescribeStreamSummary share.
type description struct {
	StreamName              string
	StreamARN               string
	StreamStatus            string
	StreamModeDetails       streamMode
	RetentionPeriodHours    int
	StreamCreationTimestamp wire.Timestamp
	EnhancedMonitoring      []enhancedMonitoring
	EncryptionType          string
}

type enhancedMonitoring struct{ ShardLevelMetrics []string }

func (st *stream) describe(status string) description {
	return description{
		StreamName:              st.name,
		StreamARN:               st.arn,
		StreamStatus:            status,
		StreamModeDetails:       st.mode(),
		RetentionPeriodHours:    st.options.RetentionHours,
		StreamCreationTimestamp: wire.Timestamp{Time: st.created},
		EnhancedMonitoring:      []enhancedMonitoring{{ShardLevelMetrics: []string{}}},
		EncryptionType:          "NONE",
	}
}

// shardDescription is a shard as DescribeStream and ListShards give it.
type shardDescription struct {
	ShardID             string `json:"ShardId"`
	HashKeyRange        struct{ StartingHashKey, EndingHashKey string }
	SequenceNumberRange struct{ StartingSequenceNumber string }
}

func (s *shard) describe() (d shardDescription) {
	d.ShardID = s.id
	d.HashKeyRange.StartingHashKey = s.hashes.start.String()
	d.HashKeyRange.EndingHashKey = s.hashes.end.String()
	d.SequenceNumberRange.StartingSequenceNumber = s.sequence.start()
	return d
}

// page describes up to limit shards of index from on. A stream that is CREATING
// has none yet.
func (st *stream) page(status string, from, limit int) (page []shardDescription, more bool) {
	page = []shardDescription{}
	if status == statusCreating {
		return page, false
	}
	from = min(from, len(st.shards))
	until := min(from+limit, len(st.shards))
	for _, s := range st.shards[from:until] {
		page = append(page, s.describe())
	}
	return page, until < len(st.shards)
}

// indexAfter is the index of the first shard with an id above the given one;
// nil is before all.
func (st *stream) indexAfter(id *string) int {
	if id == nil {
		return 0
	}
	for i, s := range st.shards {
		if s.id > *id {
			return i
		}
	}
	return len(st.shards)
}

// describeStream answers DescribeStream.
func (s *Server) describeStream(c *call) (any, error) {
	var in struct {
		streamRef
		ExclusiveStartShardID *string `json:"ExclusiveStartShardId"`
		Limit                 *int
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.text("exclusiveStartShardId", in.ExclusiveStartShardID, namePattern, 1, 128)
		v.number("limit", in.Limit, 1, quota.MaxShardsPerStream)
	})
	if err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	st, status, err := s.find(name, c.start)
	if err != nil {
		return nil, err
	}
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	var out struct {
		StreamDescription struct {
			description
			Shards        []shardDescription
			HasMoreShards bool
		}
	}
	d := &out.StreamDescription
	d.description = st.describe(status)
	d.Shards, d.HasMoreShards = st.page(status, st.indexAfter(in.ExclusiveStartShardID), limit)
	return out, nil
}
