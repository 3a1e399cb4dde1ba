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
	KeyID                   string `json:"KeyId,omitempty"`
}

type enhancedMonitoring struct{ ShardLevelMetrics []string }

func (st *stream) describe(status string) description {
	now := st.current()
	d := description{
		StreamName:              st.name,
		StreamARN:               st.arn,
		StreamStatus:            status,
		StreamModeDetails:       now.mode(),
		RetentionPeriodHours:    now.RetentionHours,
		StreamCreationTimestamp: wire.Timestamp{Time: st.created},
		EnhancedMonitoring:      []enhancedMonitoring{{ShardLevelMetrics: now.monitored.names()}},
		EncryptionType:          encryptionNone,
	}
	if now.key != "" {
		d.EncryptionType, d.KeyID = encryptionKMS, now.key
	}
	return d
}

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

func (r hashRange) describe() hashKeyRange { return hashKeyRange{r.start.String(), r.end.String()} }

// shardDescription is a shard as DescribeStream and ListShards give it.
type shardDescription struct {
	ShardID               string `json:"ShardId"`
	ParentShardID         string `json:"ParentShardId,omitempty"`
	AdjacentParentShardID string `json:"AdjacentParentShardId,omitempty"`
	HashKeyRange          hashKeyRange
	SequenceNumberRange   struct {
		StartingSequenceNumber string
		EndingSequenceNumber   string `json:",omitempty"` // of a closed shard
	}
}

func (s *shard) describe() (d shardDescription) {
	d.ShardID = s.id
	d.HashKeyRange = s.hashes.describe()
	if len(s.parents) > 0 {
		d.ParentShardID = s.parents[0].id
	}
	if len(s.parents) > 1 {
		d.AdjacentParentShardID = s.parents[1].id
	}
	d.SequenceNumberRange.StartingSequenceNumber = s.sequence.start()
	d.SequenceNumberRange.EndingSequenceNumber = s.lastSequence()
	return d
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
	if status == statusCreating {
		d.Shards = []shardDescription{}
		return out, nil
	}
	page, more := st.page(c.start, everyShard, in.ExclusiveStartShardID, limit)
	d.Shards, d.HasMoreShards = describeShards(page), more
	return out, nil
}
