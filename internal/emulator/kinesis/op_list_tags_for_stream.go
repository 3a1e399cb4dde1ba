package kinesis

import "weir/internal/quota"

// listTagsForStream answers ListTagsForStream, in the keys' order.
func (s *Server) listTagsForStream(c *call) (any, error) {
	var in struct {
		streamRef
		ExclusiveStartTagKey *string
		Limit                *int
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.text("exclusiveStartTagKey", in.ExclusiveStartTagKey, "", 1, quota.MaxTagKeyChars)
		v.number("limit", in.Limit, 1, quota.MaxTags)
	})
	if err != nil {
		return nil, err
	}
	limit := quota.MaxTags
	if in.Limit != nil {
		limit = *in.Limit
	}
	out := struct {
		Tags        []tag
		HasMoreTags bool
	}{Tags: []tag{}}
	err = s.locked(in.streamRef, c.start, func(st *stream) error {
		for _, t := range listTags(st.settings.tags) {
			if in.ExclusiveStartTagKey == nil || t.Key > *in.ExclusiveStartTagKey {
				out.Tags = append(out.Tags, t)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if out.HasMoreTags = len(out.Tags) > limit; out.HasMoreTags {
		out.Tags = out.Tags[:limit]
	}
	return out, nil
}
