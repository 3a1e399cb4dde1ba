package kinesis

import (
	"maps"
	"slices"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

type streamSummary struct {
	StreamName              string
	StreamARN               string
	StreamStatus            string
	StreamCreationTimestamp wire.Timestamp
	StreamModeDetails       streamMode
}

type streamMode struct{ StreamMode string }

func (o StreamOptions) mode() streamMode {
	if o.OnDemand {
		return streamMode{onDemand}
	}
	return streamMode{provisioned}
}

// listStreams answers ListStreams, in the names' order. A NextToken is the last
// name of the page before.
func (s *Server) listStreams(c *call) (any, error) {
	var in struct {
		ExclusiveStartStreamName *string
		NextToken                *string
		Limit                    *int
	}
	err := c.read(&in, func(v *validation) {
		v.text("exclusiveStartStreamName", in.ExclusiveStartStreamName, namePattern, 1, quota.MaxStreamNameChars)
		v.text("nextToken", in.NextToken, "", 1, 1048576)
		v.number("limit", in.Limit, 1, 10000)
	})
	if err != nil {
		return nil, err
	}
	after, limit := "", 100
	if in.ExclusiveStartStreamName != nil {
		after = *in.ExclusiveStartStreamName
	}
	if in.NextToken != nil {
		after = *in.NextToken
	}
	if in.Limit != nil {
		limit = *in.Limit
	}
	all := s.summaries(c.start, after)
	out := struct {
		StreamNames     []string
		HasMoreStreams  bool
		NextToken       string `json:",omitempty"`
		StreamSummaries []streamSummary
	}{[]string{}, len(all) > limit, "", all[:min(limit, len(all))]}
	for _, st := range out.StreamSummaries {
		out.StreamNames = append(out.StreamNames, st.StreamName)
	}
	if out.HasMoreStreams {
		out.NextToken = out.StreamNames[limit-1]
	}
	return out, nil
}

// summaries are the streams with names above after, in order.
func (s *Server) summaries(now time.Time, after string) []streamSummary {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := []streamSummary{}
	for _, name := range slices.Sorted(maps.Keys(s.streams)) {
		if st := s.streams[name]; name > after && !s.gone(st, now) {
			all = append(all, streamSummary{name, st.arn, st.status(now), wire.Timestamp{Time: st.created}, st.options().mode()})
		}
	}
	return all
}
