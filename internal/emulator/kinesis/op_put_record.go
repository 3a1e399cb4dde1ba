package kinesis

type putRecordRequest struct {
	streamRef
	Data                          []byte
	PartitionKey, ExplicitHashKey *string
	SequenceNumberForOrdering     *string
}

// putRecord answers PutRecord. Records of one shard are always in the order of
// their puts, so SequenceNumberForOrdering is only checked.
func (s *Server) putRecord(c *call) (any, error) {
	var in putRecordRequest
	entry := putEntry{}
	err := c.read(&in, func(v *validation) {
		entry = putEntry{in.Data, bytesOf(in.PartitionKey), bytesOf(in.ExplicitHashKey)}
		v.stream(in.streamRef)
		v.entry("", &entry)
		v.text("sequenceNumberForOrdering", in.SequenceNumberForOrdering, sequencePattern, 0, 0)
	})
	if err != nil {
		return nil, err
	}
	b := &c.batch
	b.body.reset(0)
	b.body.entries = append(b.body.entries, entry)
	st, err := s.startPut(c, in.streamRef)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	t, err := s.put(st, b, now)
	if err != nil {
		return nil, err
	}
	st.series.put(&st.series.putRecord, now, now.Sub(c.start), t)
	o, sh := &b.offers[0], b.shardOf(0)
	if !o.accepted {
		return nil, s.throttled(st, sh)
	}
	return struct {
		SequenceNumber string
		ShardID        string `json:"ShardId"`
	}{string(sh.sequence.append(nil, o.position, o.arrival)), sh.id}, nil
}
