package kinesis

// describeStreamSummary answers DescribeStreamSummary.
func (s *Server) describeStreamSummary(c *call) (any, error) {
	var in streamRef
	if err := c.read(&in, func(v *validation) { v.stream(in) }); err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	st, status, err := s.find(name, c.start)
	if err != nil {
		return nil, err
	}
	var out struct {
		StreamDescriptionSummary struct {
			description
			OpenShardCount     int
			ConsumerCount      int
			MaxRecordSizeInKiB int
		}
	}
	d := &out.StreamDescriptionSummary
	d.description = st.describe(status)
	d.MaxRecordSizeInKiB = st.options().MaxRecordBytes >> 10
	d.ConsumerCount = st.consumerCount(c.start)
	if status != statusCreating {
		d.OpenShardCount = st.openCount()
	}
	return out, nil
}
