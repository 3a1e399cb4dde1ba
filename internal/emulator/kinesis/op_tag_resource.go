package kinesis

// tagResource answers TagResource.
func (s *Server) tagResource(c *call) (any, error) {
	var in struct {
		ResourceARN *string
		Tags        map[string]string
	}
	err := c.read(&in, func(v *validation) {
		v.resource(in.ResourceARN)
		v.newTags(in.Tags)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.withResource(*in.ResourceARN, c.start, func(r resource) error {
		tags, err := withTags(*r.tags, in.Tags, r.arn)
		if err == nil {
			*r.tags = tags
		}
		return err
	})
}
