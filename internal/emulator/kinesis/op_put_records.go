package kinesis

import (
	"fmt"
	"strconv"
	"strings"

	"weir/internal/quota"
)

func (b *putBody) check(v *validation) {
	v.stream(b.ref())
	switch n := len(b.entries); {
	case n == 0:
		v.violate("'[]'", "records", "Member must have length greater than or equal to 1")
	case n > quota.PutRecordsMaxRecords:
		entry := "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry"
		v.violate("'["+strings.Repeat(entry+", ", n-1)+entry+"]'", "records",
			fmt.Sprintf("Member must have length less than or equal to %d", quota.PutRecordsMaxRecords))
	}
	for i := range b.entries {
		if e := &b.entries[i]; !e.ordinary() {
			v.entry(fmt.Sprintf("records.%d.member.", i+1), e)
		}
	}
}

// ordinary reports whether an entry needs no closer look.
func (e *putEntry) ordinary() bool {
	return e.data != nil && len(e.data) <= quota.LargestRecordBytes &&
		len(e.key) > 0 && len(e.key) <= quota.MaxPartitionKeyChars && e.explicitHashKey == nil
}

func (b *putBody) ref() (ref streamRef) {
	if b.streamName != nil {
		ref.StreamName = new(string(b.streamName))
	}
	if b.streamARN != nil {
		ref.StreamARN = new(string(b.streamARN))
	}
	return ref
}

// putRecords answers PutRecords. A record over its shard's limit fails alone;
// the answer is a success all the same.
func (s *Server) putRecords(c *call) (any, error) {
	b := &c.batch
	if !c.scanned {
		if err := b.body.decode(c.text); err != nil {
			return nil, err
		}
	}
	var v validation
	b.body.check(&v)
	if err := v.err(); err != nil {
		return nil, err
	}
	st, err := s.startPut(c, b.body.ref())
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	t, err := s.put(st, b, now)
	if err != nil {
		return nil, err
	}
	st.series.batch(now, now.Sub(c.start), t)
	if c.cbor {
		c.out = s.renderPutCBOR(c.out[:0], st, b, t)
		return encoded(c.out), nil
	}
	c.out = s.renderPut(c.out[:0], st, b, t)
	return rendered(c.out), nil
}

// startPut finds the stream, checks the records' sizes and waits the put
// latency: what comes after it happens at the time of the answer.
func (s *Server) startPut(c *call, ref streamRef) (*stream, error) {
	name, err := ref.name()
	if err != nil {
		return nil, err
	}
	st, err := s.findActive(name, c.start)
	if err != nil {
		return nil, err
	}
	if err := st.checkSizes(c.batch.body.entries); err != nil {
		return nil, err
	}
	return st, pause(c.ctx, s.sample(s.cfg.PutLatency))
}

// renderPut appends the answer of PutRecords as JSON.
func (s *Server) renderPut(dst []byte, st *stream, b *batch, t tally) []byte {
	dst = append(dst, `{"FailedRecordCount":`...)
	dst = strconv.AppendInt(dst, int64(t.total-t.accepted), 10)
	dst = append(dst, `,"Records":[`...)
	for i := range b.offers {
		if i > 0 {
			dst = append(dst, ',')
		}
		o, sh := &b.offers[i], b.shardOf(i)
		if !o.accepted {
			dst = append(dst, `{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"`...)
			dst = append(dst, s.rateExceeded(st.name, sh.id)...)
			dst = append(dst, `"}`...)
			continue
		}
		dst = o.render(dst, sh)
	}
	return append(dst, "]}"...)
}
