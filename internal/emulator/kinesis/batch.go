package kinesis

import (
	"fmt"
	"time"

	"weir/internal/quota"
)

// batch is a put on its way into a stream: the request's records, the shard of
// each and what became of it. Its buffers are used again.
type batch struct {
	body    putBody
	offers  []offer
	open    []*shard // the stream's open shards while the batch went in
	shards  []int32  // of each offer, its shard's index in open
	next    []int32  // the offer after this one in the same shard, -1 at the end
	first   []int32  // for each shard of the stream its first offer, -1 without
	touched []int32  // shards that have offers
	trouble Trouble  // nil: none
}

// put offers the batch's records to the stream.
func (s *Server) put(st *stream, b *batch, now time.Time) (tally, error) {
	drops, trouble := s.faults.take(len(b.body.entries))
	b.trouble = trouble
	err := st.take(b, now, &drops)
	s.faults.returnDrops(drops)
	if err != nil {
		return tally{}, err
	}
	st.sweep()

	var t tally
	for i := range b.offers {
		t.count(&b.offers[i])
	}
	if st.options().OnDemand {
		if shards := st.demand.add(now, t); shards > 0 {
			st.grow(shards, now)
		}
	}
	return t, nil
}

// take offers the batch's records to their shards, none of which closes in
// between.
func (st *stream) take(b *batch, now time.Time, drops *int) error {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if err := b.route(st); err != nil {
		return err
	}
	for _, i := range b.touched {
		b.open[i].put(now, b.offers, admitted(b.chain(i), b.trouble, b.open[i].id, now), drops)
		st.monitorPut(b, i, now)
	}
	return nil
}

// shardOf is the shard of the i-th offer.
func (b *batch) shardOf(i int) *shard { return b.open[b.shards[i]] }

// route finds each record's shard and chains the offers by shard, so that a
// shard is locked once.
func (b *batch) route(st *stream) error {
	b.open = st.open
	b.clear(len(b.open))
	for i := range b.body.entries {
		e := &b.body.entries[i]
		at := hashPartitionKey(e.key)
		if e.explicitHashKey != nil {
			var ok bool
			if at, ok = parseHashKey(string(e.explicitHashKey)); !ok {
				return invalidArgument("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. " +
					"Specified value was " + string(e.explicitHashKey))
			}
		}
		b.offers = append(b.offers, offer{key: e.key, data: e.data})
		b.shards = append(b.shards, int32(st.partition.of(at)))
	}
	b.next = append(b.next[:0], b.shards...)
	for i := len(b.shards) - 1; i >= 0; i-- {
		shard := b.shards[i]
		if b.first[shard] < 0 {
			b.touched = append(b.touched, shard)
		}
		b.next[i], b.first[shard] = b.first[shard], int32(i)
	}
	return nil
}

func (b *batch) clear(shards int) {
	b.offers, b.shards, b.touched = b.offers[:0], b.shards[:0], b.touched[:0]
	b.first = b.first[:0]
	for range shards {
		b.first = append(b.first, -1)
	}
}

// chain yields the offers of one shard in the request's order, then -1.
func (b *batch) chain(shard int32) func() int {
	i := b.first[shard]
	return func() int {
		at := i
		if at >= 0 {
			i = b.next[at]
		}
		return int(at)
	}
}

// entry checks one record; prefix names it in a list.
func (v *validation) entry(prefix string, e *putEntry) {
	if e.data == nil {
		v.required(prefix + "data")
	} else if len(e.data) > quota.LargestRecordBytes {
		v.violate(fmt.Sprintf("'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]'", len(e.data), len(e.data)),
			prefix+"data", fmt.Sprintf("Member must have length less than or equal to %d", quota.LargestRecordBytes))
	}
	if e.key == nil {
		v.required(prefix + "partitionKey")
	} else if len(e.key) == 0 || len(e.key) > quota.MaxPartitionKeyChars {
		v.text(prefix+"partitionKey", new(string(e.key)), "", 1, quota.MaxPartitionKeyChars)
	}
	if e.explicitHashKey != nil {
		v.text(prefix+"explicitHashKey", new(string(e.explicitHashKey)), hashKeyPattern, 0, 0)
	}
}

// checkSizes refuses what a stream can't take: a record, with its key, over the
// stream's limit, or a request over 10 MiB.
func (st *stream) checkSizes(entries []putEntry) error {
	total, largest := 0, st.options().MaxRecordBytes
	for i := range entries {
		size := len(entries[i].data) + len(entries[i].key)
		if size > largest {
			return invalidArgument(fmt.Sprintf("Record size of %d bytes exceeds the limit of %d KiB of stream %s.",
				size, largest>>10, st.name))
		}
		total += size
	}
	if total > quota.PutRecordsMaxBytes {
		return invalidArgument("Records size exceeds 10 MB limit")
	}
	return nil
}
