package kinesis

import (
	"net/http"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// getRecords answers GetRecords.
func (s *Server) getRecords(c *call) (any, error) {
	var in struct {
		ShardIterator *string
		Limit         *int
	}
	err := c.read(&in, func(v *validation) {
		if in.ShardIterator == nil {
			v.required("shardIterator")
		}
		v.text("shardIterator", in.ShardIterator, "", 1, 512)
		v.number("limit", in.Limit, 1, quota.GetRecordsMaxRecords)
	})
	if err != nil {
		return nil, err
	}
	at, ok := s.seals.open(kindIterator, *in.ShardIterator)
	if !ok {
		return nil, invalidArgument("Invalid ShardIterator.")
	}
	if at.expired(c.start) {
		return nil, at.expiredIterator(c.start)
	}
	if err := pause(c.ctx, s.sample(s.cfg.GetLatency)); err != nil {
		return nil, err
	}
	limit := 0
	if in.Limit != nil {
		limit = *in.Limit
	}
	return s.getFrom(c, at, limit)
}

func (s *Server) getFrom(c *call, at cursor, limit int) (any, error) {
	now := s.cfg.Now()
	st, sh, err := s.findShard(at.stream, shardID(int(at.shard)), now)
	if err != nil {
		return nil, err
	}
	if st.created.UnixMilli() != at.created {
		return nil, s.shardNotFound(at.stream, sh.id)
	}
	f := s.fetch(st, sh, now, at.position, limit, c.entries)
	c.entries = f.entries
	st.series.get(now, now.Sub(c.start), &f)
	st.monitorRead(sh, now, &f)
	if f.Throttled {
		return nil, s.throttled(st, sh)
	}
	return streaming(func(w http.ResponseWriter, r *http.Request) {
		c.out = append(c.out[:0], '{')
		if !f.End { // at a shard's end there is no next iterator
			c.out = append(c.out, `"NextShardIterator":"`...)
			c.out = append(c.out, s.iterator(st, sh, f.Next, now)...)
			c.out = append(c.out, `",`...)
		}
		c.out = f.write(w, r, f.appendHead(c.out))
	}), nil
}

// write writes the answer that begins with head, which it appends to, and
// returns the buffer. Errors of the connection are the client's loss.
func (f *found) write(w http.ResponseWriter, r *http.Request, head []byte) (buf []byte) {
	if wire.IsCBOR(r) {
		whole := func(buf []byte) []byte { return buf }
		buf = append(f.appendRecords(head, whole), recordsTail...)
		wire.WriteBody(w, r, http.StatusOK, encode(r, buf))
		return buf
	}
	wire.StartBody(w, r, http.StatusOK, len(head)+f.recordsLength()+len(recordsTail))
	send := func(buf []byte) []byte {
		_, _ = w.Write(buf)
		return buf[:0]
	}
	return send(append(f.appendRecords(head, send), recordsTail...))
}
