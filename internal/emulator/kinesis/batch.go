package kinesis

import (
	"fmt"
	"slices"
	"time"

	"weir/internal/quota"
)

// batch is a put on its way into a stream: the request's records, the shard of
// each and what became of it. Its buffers are used again.
type batch struct {
	body    putBody
	offers  []offer
	memory  *memory  // the stream's
	open    []*shard // its open shards while the batch went in
	first   []int32  // for each of them its first offer, none without
	touched []int32  // of them, those that have offers
	trouble Trouble  // nil: none
	drops   int      // accepted records to store nowhere
	warmth  int64    // of no meaning, see warm
}

// none stands for no offer.
const none = -1

// offer is one record offered to a shard, and what became of it.
type offer struct {
	key, data []byte
	plain     bool  // the key, see putEntry
	shard     int32 // its place among the open ones
	next      int32 // the offer after this one in the same shard, or none

	accepted bool
	number   [sequenceDigits]byte // of an accepted one
}

func (o *offer) size() int { return len(o.key) + len(o.data) }

// put offers the batch's records to the stream.
func (s *Server) put(st *stream, b *batch, now time.Time) (tally, error) {
	b.drops, b.trouble = s.faults.take(len(b.body.entries))
	err := st.take(b, now)
	s.faults.returnDrops(b.drops)
	if err != nil {
		return tally{}, err
	}
	st.sweep(now)

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
func (st *stream) take(b *batch, now time.Time) error {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if err := b.route(st); err != nil {
		return err
	}
	b.put(now)
	for _, i := range b.touched {
		st.monitorPut(b, i, now)
	}
	return nil
}

// put offers the records to their shards. One lock for all lets the processor
// fetch what the next shards need while it waits for the last one's: with a lock
// for each, every record waited alone.
func (b *batch) put(now time.Time) {
	b.memory.mu.Lock()
	defer b.memory.mu.Unlock()
	b.warm()
	for _, i := range b.touched {
		b.open[i].put(now, b, b.first[i])
	}
}

// warm looks at what put will write to, shard after shard without waiting for
// any, as the memory of many shards is in no near cache.
func (b *batch) warm() {
	for _, i := range b.touched {
		s := b.open[i]
		b.warmth += s.log.newest + s.write.bytes.level + int64(s.number.second)
	}
	for _, i := range b.touched {
		if l := &b.open[i].log; !l.full() {
			e := l.at(l.next) // which may lie in two lines
			b.warmth += e.arrival + int64(e.size)
		}
	}
}

// shardOf is the shard of the i-th offer.
func (b *batch) shardOf(i int) *shard { return b.open[b.offers[i].shard] }

// route finds each record's shard and chains the offers by shard.
func (b *batch) route(st *stream) error {
	b.clear(st)
	for i := range b.body.entries {
		e := &b.body.entries[i]
		b.offers = append(b.offers, offer{key: e.key, data: e.data, plain: e.plain})
	}
	for i := 0; i < len(b.offers); i += 2 {
		first, second := &b.offers[i], &b.offers[min(i+1, len(b.offers)-1)]
		at, next := hashPair(first.key, second.key)
		first.shard, second.shard = int32(st.partition.of(at)), int32(st.partition.of(next))
	}
	if err := b.routeExplicitly(st); err != nil {
		return err
	}
	for i := range slices.Backward(b.offers) {
		o := &b.offers[i]
		if b.first[o.shard] == none {
			b.touched = append(b.touched, o.shard)
		}
		o.next, b.first[o.shard] = b.first[o.shard], int32(i)
	}
	return nil
}

// routeExplicitly finds the shards of the records that have an ExplicitHashKey.
func (b *batch) routeExplicitly(st *stream) error {
	for i := range b.body.entries {
		e := &b.body.entries[i]
		if e.explicitHashKey == nil {
			continue
		}
		at, ok := parseHashKey(string(e.explicitHashKey))
		if !ok {
			return invalidArgument("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. " +
				"Specified value was " + string(e.explicitHashKey))
		}
		b.offers[i].shard = int32(st.partition.of(at))
	}
	return nil
}

// clear makes the batch ready for a stream.
func (b *batch) clear(st *stream) {
	for _, i := range b.touched {
		b.first[i] = none
	}
	for len(b.first) < len(st.open) {
		b.first = append(b.first, none)
	}
	b.memory, b.open = st.memory, st.open
	b.offers, b.touched = b.offers[:0], b.touched[:0]
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
