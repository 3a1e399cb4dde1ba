package capacity

import (
	"slices"
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
)

// call is a put call on its way: its records by cell, in order of cells. One of
// a stretch stands for several.
type call struct {
	step    int
	parcels []*parcel
	sent    time.Duration
	made    int           // calls for these records
	first   time.Duration // when the first of them was sent
	stretch time.Duration // over which the records are put
	turn    Turn          // nil where no record is put twice
	unheard bool          // it is carried out, and the answer is lost
}

// newCall is the first call for records.
func (s *simulation) newCall(st stretch, parcels []*parcel) *call {
	c := &call{step: st.step, parcels: parcels}
	if s.turns != nil {
		c.turn = s.turns()
	}
	return c
}

// offer carries out a stretch that is due now: a call of its own goes on its
// way, calls taken together are put at once over the time they take.
func (s *simulation) offer(st stretch) {
	step := s.steps[st.step]
	n := st.records()
	step.Offered += int64(n)
	s.over(st.first, st.last, n, func(sec *second, n int) { sec.offered += float64(n) })
	parcels := s.parcels(st)
	if s.offering.stretch > 0 {
		s.putStretch(st, parcels)
		return
	}
	c := s.newCall(st, parcels)
	c.first = s.now
	s.send(c)
}

// parcels deals the records of a stretch to the cells, in their order.
func (s *simulation) parcels(st stretch) []*parcel {
	all := s.dealt[:0]
	if s.offering.stretch == 0 {
		all = nil // a call keeps them until it arrives
	}
	add := func(cell, n int) {
		lanes := s.scenario.Pipeline.Parallelization
		p := s.newParcel()
		*p = parcel{step: s.steps[st.step], part: int32(cell / lanes), lane: uint32(cell % lanes), left: n, due: st.first, last: st.last}
		all = append(all, p)
	}
	if s.place == nil || s.offering.stretch > 0 {
		spreadOver(s.chance, st.records(), s.cells(), s.shares, add)
		s.dealt = all
		return all
	}
	clear(s.counts)
	for slot := st.from; slot < st.to; slot++ {
		s.counts[s.place(slot)]++
	}
	for cell, n := range s.counts {
		if n > 0 {
			add(cell, n)
		}
	}
	return all
}

// over shares n things out to the seconds of a span, evenly.
func (s *simulation) over(first, last time.Duration, n int, each func(*second, int)) {
	for n > 0 {
		end := (first/time.Second + 1) * time.Second
		part := n
		if end <= last {
			part = int(float64(n) * float64(end-first) / float64(last-first))
		}
		each(s.line.at(first), part)
		n -= part
		first = end
	}
}

// send puts a call on its way; what comes of it is known when it arrives.
func (s *simulation) send(c *call) {
	operation := "PutRecords"
	if s.single() {
		operation = "PutRecord"
	}
	c.sent = s.now
	c.made++
	v := s.faults.Call(fault.Kinesis, operation, s.time(s.now))
	took := v.Wait + s.putting.sample(s.chance)
	step, sec := s.steps[c.step], s.line.at(s.now)
	sec.calls++
	step.calls++
	for _, p := range c.parcels {
		p.sent = c.first
		p.tries++
		s.tried(p)
	}
	if took > s.scenario.Test.Put.Timeout {
		took = s.scenario.Test.Put.Timeout
		v.Reset = true
	}
	s.line.at(s.now+took).put.add(took, 1)
	step.put.add(took, 1)
	switch {
	case v.Reset:
		s.failed(c, NoAnswer, 0, took)
	case v.Error != nil:
		s.failed(c, v.Error.Code, v.Error.Status, took)
	default:
		c.unheard = v.DropAnswer
		s.queue.add(event{at: s.now + took, kind: callArrives, index: s.keep(c)})
	}
}

// single reports that records are put one by one.
func (s *simulation) single() bool { return s.scenario.Test.Put.MaxRecords == 1 }

// tried counts a put of a parcel's records.
func (s *simulation) tried(p *parcel) {
	n := int64(p.left)
	sec := s.line.at(s.now)
	p.step.PutTries += n
	sec.tries += float64(n)
	sec.sentBytes += float64(n) * float64(s.scenario.Records.Bytes)
	if p.tries > 1 {
		p.step.PutRetries += n
		sec.retries += float64(n)
	}
}

// keep remembers a call until it arrives.
func (s *simulation) keep(c *call) int32 {
	if n := len(s.places); n > 0 {
		i := s.places[n-1]
		s.places = s.places[:n-1]
		s.calls[i] = c
		return i
	}
	s.calls = append(s.calls, c)
	return int32(len(s.calls) - 1)
}

// take is a call that was kept.
func (s *simulation) take(i int32) *call {
	c := s.calls[i]
	s.calls[i] = nil
	s.places = append(s.places, i)
	return c
}

// arrive is a call's arrival at the stream.
func (s *simulation) arrive(c *call) {
	if c.unheard {
		s.storeUnheard(c)
		return
	}
	s.store(c)
	s.putLeft(c)
}

// store puts a call's records into their shards.
func (s *simulation) store(c *call) {
	accepted := s.put(c.parcels, s.now, s.now)
	sec := s.line.at(s.now)
	sec.putCalls++
	sec.putLatency += milliseconds(s.now - c.sent)
	if accepted > 0 {
		sec.putSuccess++
	}
	for _, p := range c.parcels {
		if !p.unheard {
			p.step.putFromDue.add(s.now-(p.due+p.last)/2, p.count)
		}
		s.settle(p, 0) // of one that was refused whole nothing is open
	}
}

// putStretch puts several calls' records over the time in which they arrive:
// later than they fall due by the wait for their call and the call itself.
func (s *simulation) putStretch(st stretch, parcels []*parcel) {
	for _, p := range parcels {
		p.stretch = true
	}
	c := s.newCall(st, parcels)
	c.first, c.stretch = st.first, st.last-st.first
	s.putOver(c, st, s.offering.linger(st.step))
}

// putOver puts the records of a stretch of calls that fall due over a time, each
// after a wait for its call.
func (s *simulation) putOver(c *call, st stretch, flow time.Duration) {
	step := s.steps[c.step]
	c.made++
	const draws = 4 // of latencies, which stand for all calls
	var mean time.Duration
	for i := range draws {
		took := s.putting.sample(s.chance)
		mean += took / draws
		n := st.calls*(i+1)/draws - st.calls*i/draws
		s.line.at(st.last).put.add(took, n)
		step.put.add(took, n)
	}
	step.calls += int64(st.calls)
	for _, p := range c.parcels {
		p.tries++
		s.tried(p)
	}
	first, last := st.first+flow+mean, st.last+flow+mean
	accepted := s.put(c.parcels, first, last)
	s.over(first, last, st.calls, func(sec *second, n int) {
		sec.calls += float64(n)
		sec.putCalls += float64(n)
		sec.putLatency += float64(n) * milliseconds(mean)
		if accepted > 0 {
			sec.putSuccess += float64(n)
		}
	})
	step.putFromDue.add(first-c.first, accepted)
	for _, p := range c.parcels {
		s.settle(p, 0) // of one that was refused whole nothing is open
	}
	s.putLeft(c)
}

// put offers parcels, in order of parts and so of shards, at times of arrival.
func (s *simulation) put(parcels []*parcel, first, last time.Duration) (accepted int) {
	for _, p := range parcels {
		p.shard = int32(s.owners[p.part])
	}
	for i := 0; i < len(parcels); {
		end := i + 1
		for end < len(parcels) && parcels[end].shard == parcels[i].shard {
			end++
		}
		accepted += s.putShard(int(parcels[i].shard), parcels[i:end], first, last)
		i = end
	}
	return accepted
}

// putShard offers parcels to one shard and accounts for them.
func (s *simulation) putShard(shard int, parcels []*parcel, first, last time.Duration) (accepted int) {
	st := &s.shards[shard]
	groups := s.groups[:0]
	for _, p := range parcels {
		groups = append(groups, kinesis.Group{
			Count: p.left - s.refusals(st, p.left), RecordBytes: s.scenario.Records.Bytes + s.scenario.Records.KeyBytes,
			First: first, Last: last, Item: p,
		})
	}
	s.groups = groups
	base := st.shard.Next()
	drops := s.drops
	if slices.ContainsFunc(parcels, func(p *parcel) bool { return p.twins != nil }) {
		drops = 0 // they strike other records
	}
	accepted = st.shard.Put(groups, drops)
	for i, p := range parcels {
		taken := groups[i].Count
		lost := min(drops, taken)
		drops, s.drops = drops-lost, s.drops-lost
		p.count, p.base = taken-lost, base
		p.open = p.count
		base += uint64(p.count)
		s.taken(p, taken, lost, first, last)
		s.refused(p, p.left-taken, first, last)
	}
	return accepted
}

// refusals is how many of n records for a shard faults refuse.
func (s *simulation) refusals(st *station, n int) (refused int) {
	if !s.troubled {
		return 0
	}
	for range n {
		if s.faults.RefuseRecord(st.id, s.time(s.now)) {
			refused++
		}
	}
	return refused
}

// taken accounts for records that a shard took; those lost of them it stored
// nowhere.
func (s *simulation) taken(p *parcel, n, lost int, first, last time.Duration) {
	fresh := p.store(n)
	s.copies += n - fresh
	p.step.Accepted += int64(fresh)
	p.step.Lost += int64(lost)
	s.over(first, last, fresh, func(sec *second, n int) { sec.stored += float64(n) })
	if !p.unheard {
		p.step.shards[p.shard].accepted += int64(n)
		s.over(first, last, n, func(sec *second, n int) { sec.accepted += float64(n) })
	}
	bytes := float64(s.scenario.Records.Bytes + s.scenario.Records.KeyBytes)
	s.over(first, last, n, func(sec *second, n int) {
		sec.incoming += float64(n)
		sec.incomingBytes += float64(n) * bytes
		sec.shards[p.shard].accepted += int64(n)
	})
}

// refused accounts for records over the shard's limit: they are put again where
// the producer does that, or rejected.
func (s *simulation) refused(p *parcel, n int, first, last time.Duration) {
	if n == 0 {
		return
	}
	s.over(first, last, n, func(sec *second, n int) {
		sec.writeThrottled += float64(n)
		sec.shards[p.shard].throttled += int64(n)
	})
	if p.unheard {
		return
	}
	p.step.shards[p.shard].throttled += int64(n)
	if s.turns != nil {
		s.refusedOnce = append(s.refusedOnce, s.rest(p, n))
		return
	}
	p.step.Rejected[throughputExceeded] += int64(n)
	s.over(first, last, n, func(sec *second, n int) { sec.throttled += float64(n) })
}
