package kinesis

// deregisterStreamConsumer answers DeregisterStreamConsumer and ends the
// consumer's subscriptions.
func (s *Server) deregisterStreamConsumer(c *call) (any, error) {
	var in consumerRef
	if err := c.read(&in, func(v *validation) { v.consumer(in) }); err != nil {
		return nil, err
	}
	return nil, s.withConsumer(in, c.start, func(st *stream, of *consumer) error {
		if !of.gone.IsZero() {
			return nil
		}
		of.gone = c.start.Add(s.cfg.CreateTime)
		for _, sub := range of.subscribed {
			sub.end(s.consumerNotFound(of.arn))
		}
		return nil
	})
}
