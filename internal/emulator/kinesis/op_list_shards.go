package kinesis

import (
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

type listShardsRequest struct {
	streamRef
	NextToken             *string
	ExclusiveStartShardID *string `json:"ExclusiveStartShardId"`
	MaxResults            *int
	ShardFilter           *struct {
		Type    *string
		ShardID *string `json:"ShardId"`
	}
}

func (r *listShardsRequest) check(v *validation) {
	v.stream(r.streamRef)
	v.text("nextToken", r.NextToken, "", 1, 1048576)
	v.text("exclusiveStartShardId", r.ExclusiveStartShardID, namePattern, 1, 128)
	v.number("maxResults", r.MaxResults, 1, quota.MaxShardsPerStream)
	if f := r.ShardFilter; f != nil {
		if f.Type == nil {
			v.required("shardFilter.type")
		}
		v.choice("shardFilter.type", f.Type,
			"AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP")
	}
}

// after is the shard id to start behind. As no shard is ever closed, every
// filter but AFTER_SHARD_ID lets all of them pass.
func (r *listShardsRequest) after() *string {
	if f := r.ShardFilter; f != nil && f.ShardID != nil {
		return f.ShardID
	}
	return r.ExclusiveStartShardID
}

// listShards answers ListShards.
func (s *Server) listShards(c *call) (any, error) {
	var in listShardsRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	st, status, from, err := s.startListing(&in, c.start)
	if err != nil {
		return nil, err
	}
	limit := 1000
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	var out struct {
		Shards    []shardDescription
		NextToken string `json:",omitempty"`
	}
	var more bool
	if out.Shards, more = st.page(status, from, limit); more {
		out.NextToken = s.seals.seal(kindShards, st.cursor(from+limit, 0, c.start))
	}
	return out, nil
}

// startListing is the stream that a request or its token names, and the index
// of the first shard to list.
func (s *Server) startListing(in *listShardsRequest, now time.Time) (st *stream, status string, from int, err error) {
	if in.NextToken != nil {
		if in.StreamName != nil || in.StreamARN != nil {
			return nil, "", 0, invalidArgument("NextToken and StreamName cannot be provided together.")
		}
		return s.resumeListing(*in.NextToken, now)
	}
	if in.StreamName == nil && in.StreamARN == nil {
		return nil, "", 0, invalidArgument("Either NextToken or StreamName should be provided.")
	}
	name, err := in.name()
	if err != nil {
		return nil, "", 0, err
	}
	st, status, err = s.find(name, now)
	if err != nil {
		return nil, "", 0, err
	}
	return st, status, st.indexAfter(in.after()), nil
}

func (s *Server) resumeListing(token string, now time.Time) (st *stream, status string, from int, err error) {
	at, ok := s.seals.open(kindShards, token)
	if !ok {
		return nil, "", 0, invalidArgument("Invalid NextToken.")
	}
	if at.expired(now) {
		return nil, "", 0, &wire.Error{Code: "ExpiredNextTokenException", Message: "NextToken expired."}
	}
	st, status, err = s.find(at.stream, now)
	return st, status, int(at.shard), err
}
