package kinesis

// describeStreamConsumer answers DescribeStreamConsumer.
func (s *Server) describeStreamConsumer(c *call) (any, error) {
	var in consumerRef
	if err := c.read(&in, func(v *validation) { v.consumer(in) }); err != nil {
		return nil, err
	}
	var out struct {
		ConsumerDescription struct {
			consumerDescription
			StreamARN string
		}
	}
	err := s.withConsumer(in, c.start, func(st *stream, of *consumer) error {
		out.ConsumerDescription.consumerDescription = of.describe(c.start)
		out.ConsumerDescription.StreamARN = st.arn
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
