package lambda

import (
	"context"
	"errors"
	"slices"
	"time"
)

// poller runs one mapping in real time: a goroutine that owns the state
// machine, and one for each read and invocation under way, which report back
// to it.
type poller struct {
	s      *Server
	uuid   string
	config MappingConfig
	filter filter
	source *eventSource
	f      *function
	core   *Mapping // run's own
	series mappingSeries
	seen   Events // as far as the metrics have been told
	report func(problem string)

	events  chan func(now time.Time) // what reads and invocations report
	stop    chan struct{}            // closed to drain
	stopped chan struct{}            // closed when nothing of the poller runs
}

// run drives the mapping until stop is closed or ctx ends, and then until what
// was under way has ended.
func (p *poller) run(ctx context.Context) {
	defer close(p.stopped)
	stop, closed := p.stop, ctx.Done()
	for !p.core.Idle() || (stop != nil && closed != nil) {
		timer := time.NewTimer(p.carryOut(ctx))
		select {
		case event := <-p.events:
			event(p.s.now())
		case <-timer.C:
		case <-stop:
			p.core.Drain()
			stop = nil
		case <-closed:
			p.core.Drain()
			closed = nil
		}
		timer.Stop()
	}
	p.count(p.s.now())
}

// idle is how long a poller sleeps that waits for an event only.
const idle = time.Hour

// carryOut starts what the mapping wants now, and returns how long it can wait.
func (p *poller) carryOut(ctx context.Context) time.Duration {
	now := p.s.now()
	at := p.s.clock.at(now)
	a := p.core.Step(at)
	for _, r := range a.Reads {
		go p.read(ctx, r)
	}
	for _, i := range a.Invokes {
		go p.invoke(ctx, i)
	}
	for _, d := range a.Discards {
		if d.Deliver {
			go p.giveUp(d)
		}
	}
	p.count(now)
	return min(max(a.Next-at, 0), idle)
}

// read reads once and reports the records; a failing source is polled again as
// one over its limit is, unless it has forgotten the shard.
func (p *poller) read(ctx context.Context, r ReadShard) {
	got, err := p.next(ctx, r)
	var result ReadResult
	if err == nil {
		sleep(ctx, got.Latency)
		result = p.result(r.ShardID, got)
		p.s.skipped.Add(got.Skipped)
	} else {
		result = p.forgotten(r)
	}
	p.events <- func(now time.Time) {
		if err != nil {
			p.report("PROBLEM: " + err.Error())
		}
		p.core.AddRead(p.s.clock.at(now), r.Shard, result)
		if !result.Throttled {
			p.series.polled(now, float64(len(got.Records)), 1)
			p.series.filteredOut(now, float64(result.Filtered), 1)
		}
	}
}

// next reads by polling, or waits for what is pushed.
func (p *poller) next(ctx context.Context, r ReadShard) (Read, error) {
	if !p.config.consumer() {
		return p.s.cfg.Source.Read(p.config.StreamARN, r.ShardID, r.From, r.Limit)
	}
	pusher, ok := p.s.cfg.Source.(Pusher)
	if !ok {
		return Read{}, errors.New("the stream has no enhanced fan-out")
	}
	return pusher.Push(ctx, p.config.StreamARN, r.ShardID, r.From)
}

// result is a read as the state machine takes it.
func (p *poller) result(shard string, got Read) ReadResult {
	groups := p.groups(shard, got.Records)
	result := ReadResult{
		Groups: groups, Filtered: len(got.Records) - len(groups),
		Next: got.Next, MillisBehind: got.MillisBehind, Throttled: got.Throttled, End: got.End,
	}
	for _, child := range got.Children {
		result.Children = append(result.Children, ShardStart{ID: child.ID, Parents: child.Parents})
	}
	return result
}

// forgotten is the answer to a read that failed: where the stream no longer has
// the shard, because it was closed a retention period ago, the end of it, and
// else no answer.
func (p *poller) forgotten(r ReadShard) ReadResult {
	shards, err := p.s.lineage(p.config.StreamARN)
	there := func(s ShardStart) bool { return s.ID == r.ShardID }
	if err != nil || slices.ContainsFunc(shards, there) {
		return ReadResult{Throttled: true}
	}
	return ReadResult{Next: r.From, End: true, Children: shards}
}

// groups are the records that pass the filter, each a group of its own.
func (p *poller) groups(shard string, records []Record) []Group {
	groups, now := make([]Group, 0, len(records)), p.s.now()
	for i := range records {
		r := &records[i]
		if !p.filter.admits(r.Data) {
			continue
		}
		arrival := p.s.clock.arrival(r.Arrival, now)
		g := Group{
			Count: 1, Bytes: p.source.size(shard, r), First: r.Position, Last: r.Position,
			FirstArrival: arrival, LastArrival: arrival, LaneHash: LaneHash(r.PartitionKey), Item: r,
		}
		groups = append(groups, g)
	}
	return groups
}

// LaneHash is a partition key's hash, which decides its lane: FNV-1a. Which
// hash Lambda uses is not published.
func LaneHash(key string) uint32 {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return h
}

// invoke delivers one batch, a second time where a fault asks for it, and
// reports what came of it.
func (p *poller) invoke(ctx context.Context, i Invoke) {
	inv := Invocation{StreamARN: p.config.StreamARN, Shard: i.ShardID, source: p.source}
	inv.Records, inv.Window = recordsOf(i.Batch), i.Window
	outcome, problem := p.deliver(ctx, inv)
	if outcome.Result == Succeeded && p.s.faults.take(&p.s.faults.repeats) {
		p.deliver(ctx, inv)
	}
	p.events <- func(now time.Time) {
		p.core.Finish(p.s.clock.at(now), i, outcome)
		p.report(problem)
	}
}

func recordsOf(batch []Group) []*Record {
	records := make([]*Record, len(batch))
	for i := range batch {
		records[i] = batch[i].Item.(*Record)
	}
	return records
}

// deliver invokes the function with the batch, and gives the outcome with the
// mapping's LastProcessingResult. An invocation that the server's end cut short
// counts as throttled, for nothing is known of it; so does one of a function
// that is not there.
func (p *poller) deliver(ctx context.Context, inv Invocation) (Outcome, string) {
	if !sleep(ctx, p.s.random.sample(p.s.cfg.InvokeLatency)) {
		return Outcome{Result: Throttled}, throttledResult
	}
	result := p.s.invoke(ctx, p.f.name, &inv)
	switch {
	case result.missing != nil:
		return Outcome{Result: Throttled}, "PROBLEM: Function not found"
	case result.throttled != "" || result.aborted:
		return Outcome{Result: Throttled}, throttledResult
	}
	p.series.invoked(result.start, float64(len(inv.Records)), 1)
	if n := len(inv.Records); n > 0 {
		observe(p.f.series.iteratorAge, result.start, milliseconds(result.start.Sub(inv.Records[n-1].Arrival)))
	}
	outcome := p.judge(&result, inv)
	outcome.Item = delivery{requestID: inv.RequestID, failed: result.failed != nil}
	if outcome.Result != Succeeded {
		return outcome, "PROBLEM: Function call failed"
	}
	return outcome, "OK"
}

const throttledResult = "PROBLEM: Function throttled"

// judge is the outcome of an invocation that was made.
func (p *poller) judge(result *invocation, inv Invocation) Outcome {
	if result.failed != nil {
		return Outcome{Result: Failed}
	}
	outcome := Outcome{Result: Succeeded}
	if p.config.ReportItemFailures {
		outcome = itemFailures(result.response, inv.Records)
	}
	if inv.Window != nil && outcome.Result != Failed {
		outcome = withState(outcome, result.response)
	}
	return outcome
}

// count tells the metrics what the mapping counted since the last time; Polled
// and Invoked are told with the times they belong to.
func (p *poller) count(now time.Time) {
	e := p.core.Events()
	told := func(point point, before, after int) {
		if after > before {
			point(now, float64(after-before), 1)
		}
	}
	told(p.series.failedInvoke, p.seen.FailedInvoke, e.FailedInvoke)
	told(p.series.dropped, p.seen.Dropped, e.Dropped)
	told(p.series.delivered, p.seen.Delivered, e.Delivered)
	p.seen = e
}
