package kinesis

// listTagsForResource answers ListTagsForResource.
func (s *Server) listTagsForResource(c *call) (any, error) {
	var in struct{ ResourceARN *string }
	err := c.read(&in, func(v *validation) { v.resource(in.ResourceARN) })
	if err != nil {
		return nil, err
	}
	var out struct{ Tags []tag }
	err = s.withResource(*in.ResourceARN, c.start, func(r resource) error {
		out.Tags = listTags(*r.tags)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
