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
	b := &c.batch
	var ordering *string
	if !c.scanned {
		var err error
		if ordering, err = b.body.decodeOne(c.text); err != nil {
			return nil, err
		}
	}
	var v validation
	ref := b.body.ref()
	v.stream(ref)
	if e := &b.body.entries[0]; !e.ordinary() {
		v.entry("", e)
	}
	v.text("sequenceNumberForOrdering", ordering, sequencePattern, 0, 0)
	if err := v.err(); err != nil {
		return nil, err
	}
	st, err := s.startPut(c, ref)
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
	if c.cbor {
		c.out = o.renderCBOR(c.out[:0], sh)
		return encoded(c.out), nil
	}
	c.out = o.render(c.out[:0], sh)
	return rendered(c.out), nil
}

// render appends what the answers say of an accepted record.
func (o *offer) render(dst []byte, sh *shard) []byte {
	dst = append(dst, `{"SequenceNumber":"`...)
	dst = append(dst, o.number[:]...)
	dst = append(dst, `","ShardId":"`...)
	dst = appendShardID(dst, sh.sequence.shard)
	return append(dst, `"}`...)
}
