package kinesis

// deleteStream answers DeleteStream: the stream is DELETING for the configured
// time and then gone, with its records.
func (s *Server) deleteStream(c *call) (any, error) {
	var in streamRef
	if err := c.read(&in, func(v *validation) { v.stream(in) }); err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[name]
	if st == nil || s.gone(st, c.start) {
		return nil, s.streamNotFound(name)
	}
	if st.deletedAt.IsZero() {
		st.deletedAt = c.start
	}
	if s.gone(st, c.start) {
		delete(s.streams, name)
	}
	return nil, nil
}
