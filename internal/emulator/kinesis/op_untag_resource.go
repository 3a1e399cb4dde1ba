package kinesis

// untagResource answers UntagResource.
func (s *Server) untagResource(c *call) (any, error) {
	var in struct {
		ResourceARN *string
		TagKeys     []string
	}
	err := c.read(&in, func(v *validation) {
		v.resource(in.ResourceARN)
		v.tagKeys(in.TagKeys)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.withResource(*in.ResourceARN, c.start, func(r resource) error {
		*r.tags = withoutTags(*r.tags, in.TagKeys)
		return nil
	})
}
