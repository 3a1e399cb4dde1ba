package kinesis

import "weir/internal/quota"

// updateMaxRecordSize answers UpdateMaxRecordSize.
func (s *Server) updateMaxRecordSize(c *call) (any, error) {
	var in struct {
		StreamARN          *string
		MaxRecordSizeInKiB *int
	}
	err := c.read(&in, func(v *validation) {
		v.stream(streamRef{StreamARN: in.StreamARN})
		if in.MaxRecordSizeInKiB == nil {
			v.required("maxRecordSizeInKiB")
		}
		v.number("maxRecordSizeInKiB", in.MaxRecordSizeInKiB, quota.DefaultMaxRecordBytes>>10, quota.LargestRecordBytes>>10)
	})
	if err != nil {
		return nil, err
	}
	return nil, s.update(streamRef{StreamARN: in.StreamARN}, c.start, func(st *stream) error {
		st.settings.MaxRecordBytes = *in.MaxRecordSizeInKiB << 10
		return nil
	})
}
