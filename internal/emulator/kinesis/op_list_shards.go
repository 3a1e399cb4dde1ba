package kinesis

import (
	"strings"
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
		Type      *string
		ShardID   *string `json:"ShardId"`
		Timestamp *wire.Timestamp
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

// filter is what the request's ShardFilter comes to, horizon being the stream's
// TRIM_HORIZON.
func (r *listShardsRequest) filter(horizon time.Time) (shardFilter, error) {
	f := r.ShardFilter
	if f == nil {
		return everyShard, nil
	}
	at := horizon
	switch *f.Type {
	case "AFTER_SHARD_ID":
		if f.ShardID == nil {
			return shardFilter{}, invalidArgument("ShardId must be specified for ShardFilter of type AFTER_SHARD_ID.")
		}
		return everyShard, nil
	case "AT_LATEST":
		return openShards, nil
	case "AT_TIMESTAMP", "FROM_TIMESTAMP":
		if f.Timestamp == nil {
			return shardFilter{}, invalidArgument("Timestamp must be specified for ShardFilter of type " + *f.Type + ".")
		}
		if f.Timestamp.After(horizon) {
			at = f.Timestamp.Time
		}
	}
	return shardFilter{at.UnixMilli(), strings.HasPrefix(*f.Type, "AT_")}, nil
}

// after is the shard id to start behind.
func (r *listShardsRequest) after() *string {
	if f := r.ShardFilter; f != nil && *f.Type == "AFTER_SHARD_ID" {
		return f.ShardID
	}
	return r.ExclusiveStartShardID
}

// listing is where a list of shards goes on.
type listing struct {
	stream *stream
	status string
	filter shardFilter
	after  *string
}

// listShards answers ListShards.
func (s *Server) listShards(c *call) (any, error) {
	var in listShardsRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	from, err := s.startListing(&in, c.start)
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
	if from.status == statusCreating {
		out.Shards = []shardDescription{}
		return out, nil
	}
	page, more := from.stream.page(c.start, from.filter, from.after, limit)
	out.Shards = describeShards(page)
	if more {
		last := page[len(page)-1].sequence.shard
		out.NextToken = s.seals.seal(kindShards, from.stream.cursor(int(last), from.filter.packed(), c.start))
	}
	return out, nil
}

// startListing is the listing that a request or its token asks for.
func (s *Server) startListing(in *listShardsRequest, now time.Time) (listing, error) {
	if in.NextToken != nil {
		if in.StreamName != nil || in.StreamARN != nil {
			return listing{}, invalidArgument("NextToken and StreamName cannot be provided together.")
		}
		return s.resumeListing(*in.NextToken, now)
	}
	if in.StreamName == nil && in.StreamARN == nil {
		return listing{}, invalidArgument("Either NextToken or StreamName should be provided.")
	}
	name, err := in.name()
	if err != nil {
		return listing{}, err
	}
	st, status, err := s.find(name, now)
	if err != nil {
		return listing{}, err
	}
	horizon := now.Add(-st.retention())
	if horizon.Before(st.created) {
		horizon = st.created
	}
	filter, err := in.filter(horizon)
	return listing{st, status, filter, in.after()}, err
}

func (s *Server) resumeListing(token string, now time.Time) (listing, error) {
	at, ok := s.seals.open(kindShards, token)
	if !ok {
		return listing{}, invalidArgument("Invalid NextToken.")
	}
	if at.expired(now) {
		return listing{}, &wire.Error{Code: "ExpiredNextTokenException", Message: "NextToken expired."}
	}
	st, status, err := s.find(at.stream, now)
	return listing{st, status, unpackFilter(at.position), new(shardID(int(at.shard)))}, err
}
