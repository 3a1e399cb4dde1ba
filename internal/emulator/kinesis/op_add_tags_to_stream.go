package kinesis

// addTagsToStream answers AddTagsToStream.
func (s *Server) addTagsToStream(c *call) (any, error) {
	var in struct {
		streamRef
		Tags map[string]string
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.newTags(in.Tags)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.locked(in.streamRef, c.start, func(st *stream) (err error) {
		tags, err := withTags(st.settings.tags, in.Tags, "stream "+st.name+" under account "+s.cfg.AccountID)
		if err == nil {
			st.settings.tags = tags
		}
		return err
	})
}
