package kinesis

// removeTagsFromStream answers RemoveTagsFromStream. Keys that the stream
// doesn't have are passed over.
func (s *Server) removeTagsFromStream(c *call) (any, error) {
	var in struct {
		streamRef
		TagKeys []string
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.tagKeys(in.TagKeys)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.locked(in.streamRef, c.start, func(st *stream) error {
		st.settings.tags = withoutTags(st.settings.tags, in.TagKeys)
		return nil
	})
}
