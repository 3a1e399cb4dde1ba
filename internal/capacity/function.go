package capacity

import (
	"time"

	"weir/internal/emulator/lambda"
)

// functionName is the simulation's one function.
const functionName = "function"

// flight is an invocation on its way.
type flight struct {
	station int
	invoke  lambda.Invoke
	records int
	began   time.Duration // of the work
	env     int
	result  lambda.Result
	broken  bool   // its environment dies with it
	again   bool   // a second delivery of a batch that succeeded
	running bool   // in an environment
	alone   bool   // nothing else of its shard is under way
	turn    uint32 // of the events that count
}

// handOver starts the way of a batch to the function. Of one that is alone
// nothing else of its shard is under way.
func (s *simulation) handOver(station int, inv lambda.Invoke, alone bool) {
	var i int32
	if n := len(s.spare); n > 0 {
		i, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		i = int32(len(s.flights))
		s.flights = append(s.flights, flight{})
	}
	f := &s.flights[i]
	*f = flight{station: station, invoke: inv, turn: f.turn + 1}
	for g := range inv.Batch {
		f.records += inv.Batch[g].Count
	}
	st := &s.shards[station]
	st.flying++
	f.alone = alone && st.flying == 1 && !st.reading
	latency := s.invoke.sample(s.chance)
	if s.roomy() { // then it is not refused
		s.ahead(latency, func() { s.enter(i) })
		return
	}
	s.queue.add(event{at: s.now + latency, kind: batchArrives, index: i, turn: f.turn})
}

// enter runs a batch in an environment, if it may.
func (s *simulation) enter(i int32) {
	f := &s.flights[i]
	if s.concurrency.Acquire(functionName) != "" {
		s.throttled(f, i)
		return
	}
	id, warm := s.environment(f)
	if !warm {
		if s.concurrency.Grow(functionName, s.now) != "" {
			s.concurrency.Release(functionName)
			s.throttled(f, i)
			return
		}
		id = s.environments.Start()
		s.warm++
	}
	s.inUse++
	f.env, f.running, f.began = id, true, s.now
	if !warm {
		f.began += s.coldStart()
	}
	length := s.work(f)
	s.begun(f)
	s.busy.add(s.now, f.began+length)
	end := f.began + length
	if f.alone && end < s.shards[f.station].wake && s.roomy() {
		s.ahead(end-s.now, func() { s.leave(i) })
		return
	}
	s.queue.add(event{at: end, kind: batchEnds, index: i, turn: f.turn})
}

// environment is an idle environment, if there is one. A batch whose end is
// carried out ahead gives its environment back at once: whether one would be
// idle is then told by how many batches are running.
func (s *simulation) environment(f *flight) (id int, warm bool) {
	if s.roomy() && f.alone {
		if int(s.busy.level) >= s.warm {
			return 0, false
		}
		return s.environments.Take()
	}
	s.reap()
	return s.environments.Take()
}

// coldStart is the init of a new environment.
func (s *simulation) coldStart() time.Duration {
	init := s.cold.sample(s.chance)
	sec := s.line.at(s.now)
	sec.coldStarts++
	sec.initMax = max(sec.initMax, milliseconds(init))
	return init
}

// work decides how an invocation ends and how long it takes.
func (s *simulation) work(f *flight) time.Duration {
	t := &s.scenario.Timing
	length := t.PerBatch + time.Duration(f.records)*t.PerRecord
	if t.Exponential {
		length = time.Duration(s.chance.ExpFloat64() * float64(length))
	}
	f.result = lambda.Succeeded
	switch {
	case s.kills > 0:
		s.kills--
		f.result, f.broken = lambda.Failed, true
		length /= 2
	case length >= s.scenario.Pipeline.FunctionTimeout:
		f.result, f.broken = lambda.Failed, true
		length = s.scenario.Pipeline.FunctionTimeout
	case t.ErrorRate > 0 && s.failures.Float64() < t.ErrorRate:
		f.result = lambda.Failed
	}
	return length
}

// begun counts an invocation where CloudWatch does: at its start.
func (s *simulation) begun(f *flight) {
	sec := s.line.at(f.began)
	sec.invocations++
	sec.invoked += float64(f.records)
	if n := len(f.invoke.Batch); n > 0 {
		last := f.invoke.Batch[n-1].LastArrival
		sec.lambdaAge = max(sec.lambdaAge, milliseconds(f.began-last))
	}
	for g := range f.invoke.Batch {
		group := &f.invoke.Batch[g]
		p := group.Item.(*parcel)
		p.step.Attempted += int64(group.Count)
		if f.invoke.Attempt == 1 && !f.again {
			p.step.delivered += int64(group.Count)
		}
	}
}

// throttled is the end of a batch that the function's concurrency refused.
func (s *simulation) throttled(f *flight, i int32) {
	s.line.at(s.now).throttles++
	f.result = lambda.Throttled
	s.finish(i)
}

// leave ends an invocation.
func (s *simulation) leave(i int32) {
	f := &s.flights[i]
	f.running = false
	s.inUse--
	s.concurrency.Release(functionName)
	if f.broken {
		s.warm--
	} else {
		s.environments.Give(f.env, s.now)
	}
	began := s.line.at(f.began)
	began.duration.add(s.now-f.began, 1)
	if f.result == lambda.Failed {
		began.errors++
	} else {
		s.line.at(s.now).batches++
		s.succeeded(f)
	}
	if f.result == lambda.Succeeded && !f.again && s.repeats > 0 {
		s.repeats--
		f.again = true
		f.turn++
		s.queue.add(event{at: s.now + s.invoke.sample(s.chance), kind: batchArrives, index: i, turn: f.turn})
		return
	}
	s.finish(i)
}

// succeeded accounts for a batch: its records are processed, or the second time
// duplicates.
func (s *simulation) succeeded(f *flight) {
	for g := range f.invoke.Batch {
		group := &f.invoke.Batch[g]
		if f.again {
			group.Item.(*parcel).step.Duplicates.Mapping += int64(group.Count)
			s.latencies(group)
			continue
		}
		s.processed(group)
	}
}

// finish tells the mapping how the batch ended. Of a second delivery it takes
// the first one's word.
func (s *simulation) finish(i int32) {
	f := &s.flights[i]
	result := f.result
	if f.again {
		result = lambda.Succeeded
	}
	if result == lambda.Failed {
		s.line.at(s.now).failedInvoke += float64(f.records)
	}
	station := f.station
	st := &s.shards[station]
	st.flying--
	if result == lambda.Succeeded {
		s.done(st, f.invoke.Batch)
	}
	s.mapping.Finish(s.now, f.invoke, lambda.Outcome{Result: result})
	f.invoke = lambda.Invoke{}
	s.spare = append(s.spare, i)
	s.advance(station)
}

// done lets go of groups that were processed or given up.
func (s *simulation) done(st *station, batch []lambda.Group) {
	for g := range batch {
		st.held -= batch[g].Count
		s.settle(batch[g].Item.(*parcel), batch[g].Count)
	}
}

// giveUp accounts for records that the mapping discards.
func (s *simulation) giveUp(st *station, d lambda.Discard) {
	sec := s.line.at(s.now)
	for g := range d.Batch {
		n := d.Batch[g].Count
		p := d.Batch[g].Item.(*parcel)
		fresh := int64(s.end(p, d.Batch[g].First, n))
		if d.Deliver {
			p.step.DeadLettered += fresh
			sec.deadLettered += float64(n)
		} else {
			p.step.Expired += fresh
			sec.dropped += float64(n)
		}
	}
	if d.Deliver {
		s.mapping.Delivered(d, true)
	}
	s.done(st, d.Batch)
}

// reap ends environments that were idle for long.
func (s *simulation) reap() {
	if s.now-s.reaped < time.Minute {
		return
	}
	s.reaped = s.now
	s.warm -= len(s.environments.Reap(s.now, lambda.DefaultIdleReap))
}

// killEnvironments ends environments: busy ones first, the lowest first, whose
// invocations fail at once; an idle one is missed at the next invocation.
func (s *simulation) killEnvironments(n int) (killed int) {
	for ; killed < n; killed++ {
		busiest := int32(-1)
		for i := range s.flights {
			if f := &s.flights[i]; f.running && !f.broken && (busiest < 0 || f.env < s.flights[busiest].env) {
				busiest = int32(i)
			}
		}
		if busiest < 0 {
			break
		}
		f := &s.flights[busiest]
		f.result, f.broken = lambda.Failed, true
		f.turn++
		s.queue.add(event{at: max(s.now, f.began), kind: batchEnds, index: busiest, turn: f.turn})
	}
	for ; killed < n; killed++ {
		if _, ok := s.environments.Take(); !ok {
			break
		}
		s.warm--
	}
	return killed
}
