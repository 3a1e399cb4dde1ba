package kinesis

import (
	"maps"
	"slices"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// listStreamConsumers answers ListStreamConsumers, in the names' order. A
// NextToken is the last name of the page before.
func (s *Server) listStreamConsumers(c *call) (any, error) {
	var in struct {
		StreamARN               *string
		NextToken               *string
		MaxResults              *int
		StreamCreationTimestamp *wire.Timestamp
	}
	err := c.read(&in, func(v *validation) {
		v.needs("streamARN", in.StreamARN, arnPattern, 1, quota.MaxARNChars)
		v.text("nextToken", in.NextToken, "", 1, 1048576)
		v.number("maxResults", in.MaxResults, 1, 10000)
	})
	if err != nil {
		return nil, err
	}
	out := struct {
		Consumers []consumerDescription
		NextToken string `json:",omitempty"`
	}{Consumers: []consumerDescription{}}
	limit := 100
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	err = s.locked(streamRef{StreamARN: in.StreamARN}, c.start, func(st *stream) error {
		living := st.living(c.start)
		for _, name := range slices.Sorted(maps.Keys(living)) {
			if in.NextToken != nil && name <= *in.NextToken {
				continue
			}
			if len(out.Consumers) == limit {
				out.NextToken = out.Consumers[limit-1].ConsumerName
				break
			}
			out.Consumers = append(out.Consumers, living[name].describe(c.start))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
