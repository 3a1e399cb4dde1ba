package capacity

import (
	"slices"
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// station is one shard and what the mapping has to do with it. The mapping's
// shards share little but their function, so that each is stepped by itself, at
// times that are among the events.
type station struct {
	id      string
	index   int      // the mapping's, once it follows the shard
	parents []string // ids of the shards it came from
	heirs   []int    // of a closed one, the numbers of those that came from it
	shard   *kinesis.GroupShard
	read    lambda.ReadResult // under way
	groups  []lambda.Group    // the mapping has or had from the last read
	held    int               // records that were read and are not done with
	wake    time.Duration     // when the mapping is looked at next
	turn    uint32            // of the wakes that count
	flying  int               // batches handed over and not ended
	reading bool              // the answer is among the events
}

// stations makes the shards and the mapping behind them at the load's start. The
// polls begin at a phase of their interval that chance decides.
func (s *simulation) stations() {
	n := s.scenario.Pipeline.Shards
	options := s.mappingOptions()
	options.Phase = time.Duration(s.chance.Float64() * float64(options.PollInterval))
	s.shards = make([]station, 0, s.placement.ShardCount)
	s.owners = s.placement.Stages[0].Shards
	starts := make([]lambda.ShardStart, n)
	s.followed = make([]int, n)
	for i := range n {
		s.openShard(nil)
		s.shards[i].index, s.followed[i] = i, i
		starts[i].ID = s.shards[i].id
	}
	s.mapping = lambda.NewMapping(options, starts, 0)
	for i := range s.shards {
		s.wakeAt(i, 0)
	}
}

func (s *simulation) factor() float64 {
	if f := s.scenario.Pipeline.ShardLimitFactor; f > 0 {
		return f
	}
	return 1
}

func (s *simulation) mappingOptions() lambda.MappingOptions {
	p, t := s.scenario.Pipeline, s.scenario.Timing
	return lambda.MappingOptions{
		BatchSize: p.BatchSize, Window: p.BatchingWindow, Parallelization: p.Parallelization, RetryAttempts: p.RetryAttempts,
		Bisect: s.scenario.Bisect, OnFailure: s.scenario.OnFailure,
		PollInterval: t.PollInterval, ErrorBackoff: t.ErrorBackoff, ThrottleBackoff: t.ThrottleBackoff, MaxBackoff: t.MaxBackoff,
	}
}

// wakeAt has the shard looked at then and not before, but for its inputs.
func (s *simulation) wakeAt(i int, at time.Duration) {
	st := &s.shards[i]
	if st.wake == at {
		return
	}
	st.wake = at
	st.turn++
	if at != lambda.Never {
		s.queue.add(event{at: at, kind: shardWakes, index: int32(i), turn: st.turn})
	}
}

// advance carries out what the shard's mapping wants now.
func (s *simulation) advance(i int) {
	st := &s.shards[i]
	actions := s.mapping.StepShard(s.now, st.index)
	next := max(actions.Next, s.now)
	s.wakeAt(i, next)
	for _, woken := range actions.Woken {
		s.wakeAt(s.followed[woken], s.now)
	}
	for _, d := range actions.Discards {
		s.giveUp(st, d)
	}
	if len(actions.Reads) == 0 && len(actions.Invokes) == 1 { // the most common by far
		s.handOver(i, actions.Invokes[0], true)
		return
	}
	for _, inv := range actions.Invokes {
		s.handOver(i, inv, false)
	}
	for _, r := range actions.Reads { // one at most
		latency := s.poll(i, r)
		if st.flying == 0 && next > s.now+latency && s.roomy() {
			s.ahead(latency, func() { s.answer(i) })
			return
		}
		st.reading = true
		s.queue.add(event{at: s.now + latency, kind: readAnswered, index: int32(i)})
	}
}

// roomy reports that nothing which the shards share is scarce: a shard's next
// doings may then be carried out ahead of the others', which spares the queue
// work and the memory jumps. Small simulations, for which that is little, keep
// to the order of time.
func (s *simulation) roomy() bool {
	return s.offering.stretch > 0 && 2*int(s.busy.level) < s.limit && 2*s.inUse < s.limit
}

// ahead carries out what happens to one shard after a time in which nothing
// else happens to it.
func (s *simulation) ahead(after time.Duration, do func()) {
	now := s.now
	s.now += after
	s.furthest = max(s.furthest, s.now)
	do()
	s.now = now
}

// poll reads the shard and returns how long the answer takes.
func (s *simulation) poll(i int, r lambda.ReadShard) time.Duration {
	st := &s.shards[i]
	s.expire(st, r.From)
	var v fault.Verdict
	if len(s.scenario.Faults) > 0 {
		v = s.faults.Call("", "GetRecords", s.time(s.now)) // the pipeline's own, of no service
	}
	if v.Error != nil || v.Reset {
		st.read = unread(r)
		return v.Wait
	}
	return v.Wait + s.fetch(st, r, v.DropAnswer)
}

// unread is the answer to a read that failed: the mapping has nothing of it, and
// polls again.
func unread(r lambda.ReadShard) lambda.ReadResult {
	return lambda.ReadResult{Next: r.From, Throttled: true}
}

// fetch reads the shard and returns how long it takes. Of one that is unheard the
// mapping gets nothing.
func (s *simulation) fetch(st *station, r lambda.ReadShard, unheard bool) time.Duration {
	limit := r.Limit
	if s.troubled && s.faults.HoldRead(st.id, s.time(s.now)) {
		limit = 0
	}
	got := st.shard.Read(s.now, r.From, limit)
	latency := s.get.sample(s.chance)
	sec := s.line.at(s.now)
	sec.reads++
	sec.readLatency += milliseconds(latency)
	if got.Throttled {
		sec.readThrottled++
	} else {
		sec.readRecords += float64(got.Count)
		sec.iteratorAge = max(sec.iteratorAge, float64(got.MillisBehind))
	}
	if unheard {
		st.read = unread(r)
		return latency
	}
	st.read = lambda.ReadResult{Next: got.Next, MillisBehind: got.MillisBehind, Throttled: got.Throttled, Groups: s.batchable(st, got.Groups)}
	if got.End {
		st.read.End, st.read.Children = true, s.children(st)
	}
	st.held += got.Count
	return latency
}

// batchable is what was read, as the mapping takes it. The groups of the last
// read are used again once the mapping is done with all of them.
func (s *simulation) batchable(st *station, read []kinesis.Group) []lambda.Group {
	groups := st.groups[:0]
	if st.held > 0 {
		groups = nil
	}
	groups = slices.Grow(groups, len(read))
	for i := range read {
		g := &read[i]
		groups = append(groups, lambda.Group{
			Count: g.Count, Bytes: g.Count * s.scenario.Records.EventBytes, LaneHash: g.Item.(*parcel).lane,
			First: g.Position, Last: g.Position + uint64(g.Count) - 1,
			FirstArrival: g.First, LastArrival: g.Last, Item: g.Item,
		})
	}
	st.groups = groups
	return groups
}

// answer hands the mapping what was read.
func (s *simulation) answer(i int) {
	st := &s.shards[i]
	n := 0
	for g := range st.read.Groups {
		n += st.read.Groups[g].Count
	}
	s.line.at(s.now).polled += float64(n)
	st.reading = false
	ended := st.read.End
	s.mapping.AddRead(s.now, st.index, st.read)
	st.read = lambda.ReadResult{}
	if ended {
		s.follow(st.heirs)
	}
	s.advance(i)
}

// expire drops what the retention period has passed.
func (s *simulation) expire(st *station, from uint64) {
	hours := s.scenario.Pipeline.RetentionHours
	cutoff := s.now - time.Duration(hours)*time.Hour
	if hours == 0 || cutoff < 0 {
		return
	}
	for _, g := range st.shard.Expire(cutoff, from) {
		p := g.Item.(*parcel)
		p.step.Expired += int64(s.end(p, g.Position, g.Count))
		s.settle(p, g.Count)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
