package lambda

import (
	"context"
	"time"
)

// poller runs one mapping in real time: a goroutine that owns the state
// machine, and one for each read and invocation under way, which report back
// to it.
type poller struct {
	s      *Server
	config MappingConfig
	shards []ShardStart
	source *eventSource
	f      *function
	core   *Mapping
	series mappingSeries
	seen   Events // as far as the metrics have been told
	report func(problem string)

	events  chan func(now time.Time) // what reads and invocations report
	stop    chan struct{}            // closed to drain
	stopped chan struct{}            // closed when nothing of the poller runs; then shards says where to go on
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
	for i := range p.shards {
		p.shards[i].From = p.core.Checkpoint(i)
	}
}

// idle is how long a poller sleeps that waits for an event only.
const idle = time.Hour

// carryOut starts what the mapping wants now, and returns how long it can wait.
func (p *poller) carryOut(ctx context.Context) time.Duration {
	now := p.s.now()
	a := p.core.Step(now)
	for _, r := range a.Reads {
		go p.read(ctx, r)
	}
	for _, i := range a.Invokes {
		go p.invoke(ctx, i)
	}
	p.count(now)
	if a.Next.IsZero() {
		return idle
	}
	return max(a.Next.Sub(now), 0)
}

// read reads once and reports the records; a failing source is polled again as
// one over its limit is.
func (p *poller) read(ctx context.Context, r ReadShard) {
	shard := p.shards[r.Shard].ID
	got, err := p.s.cfg.Source.Read(p.config.StreamARN, shard, r.From, r.Limit)
	result := ReadResult{Next: got.Next, MillisBehind: got.MillisBehind, Throttled: got.Throttled || err != nil}
	if err == nil {
		sleep(ctx, got.Latency)
		result.Groups = p.groups(shard, got.Records)
		p.s.skipped.Add(got.Skipped)
	}
	p.events <- func(now time.Time) {
		if err != nil {
			p.report("PROBLEM: " + err.Error())
		}
		p.core.AddRead(now, r.Shard, result)
		if !result.Throttled {
			p.series.polled(now, float64(len(got.Records)), 1)
			p.series.filteredOut(now, 0, 1)
		}
	}
}

func (p *poller) groups(shard string, records []Record) []Group {
	groups := make([]Group, len(records))
	for i := range records {
		r := &records[i]
		groups[i] = Group{
			Count: 1, Bytes: p.source.size(shard, r), First: r.Position, Last: r.Position,
			FirstArrival: r.Arrival, LastArrival: r.Arrival, Item: r,
		}
		if p.config.Parallelization > 1 {
			groups[i].LaneHash = laneHash(r.PartitionKey)
		}
	}
	return groups
}

// laneHash is FNV-1a. Which hash Lambda uses is not published.
func laneHash(key string) uint32 {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return h
}

// invoke delivers one batch, a second time where a fault asks for it, and
// reports what came of it.
func (p *poller) invoke(ctx context.Context, i Invoke) {
	inv := Invocation{StreamARN: p.config.StreamARN, Shard: p.shards[i.Shard].ID, source: p.source}
	inv.Records = make([]*Record, len(i.Batch))
	for n := range i.Batch {
		inv.Records[n] = i.Batch[n].Item.(*Record)
	}
	outcome := p.deliver(ctx, inv)
	if outcome.Result == Succeeded && p.s.faults.take(&p.s.faults.repeats) {
		p.deliver(ctx, inv)
	}
	p.events <- func(now time.Time) {
		p.core.Finish(now, i.ID, outcome)
		p.report(processingResult(outcome))
	}
}

// deliver invokes the function with the batch. An invocation that the server's
// end cut short counts as throttled: nothing is known of it.
func (p *poller) deliver(ctx context.Context, inv Invocation) Outcome {
	if !sleep(ctx, p.s.random.sample(p.s.cfg.InvokeLatency)) {
		return Outcome{Result: Throttled}
	}
	result := p.s.invoke(ctx, p.f, &inv)
	if result.throttled != "" || result.aborted {
		return Outcome{Result: Throttled}
	}
	p.series.invoked(result.start, float64(len(inv.Records)), 1)
	last := inv.Records[len(inv.Records)-1].Arrival
	observe(p.f.series.iteratorAge, result.start, milliseconds(result.start.Sub(last)))
	switch {
	case result.failed != nil:
		return Outcome{Result: Failed}
	case p.config.ReportItemFailures:
		return itemFailures(result.response, inv.Records)
	}
	return Outcome{Result: Succeeded}
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

func processingResult(o Outcome) string {
	switch o.Result {
	case Succeeded:
		return "OK"
	case Throttled:
		return "PROBLEM: Function throttled"
	case Failed, PartialFailed:
	}
	return "PROBLEM: Function call failed"
}
