package load

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/plan"
	"weir/internal/producer"
	"weir/internal/quota"
	"weir/probe/line"
	"weir/probe/token"
)

// generator carries out a test's schedule. All VUs of a k6 process share one:
// each iteration calls next, which takes the next turn of the schedule: one
// call, or several where calls are very many.
//
// A call is sent in a goroutine of its own, so that an endpoint that stalls
// does not stop the schedule. Every slot that was offered is settled exactly
// once: by the answer to its call, or as not sent, either because the call
// could not start in time or, at the end, because nobody got to it.
type generator struct {
	spec      Spec
	share     *share // of the schedule's turns
	pacer     *Pacer
	packer    *packer
	put       func(context.Context, []producer.Record, *producer.Result) // the producer's
	warm      func()                                                     // makes the producer ready, once
	tally     *tally                                                     // nil: nobody takes it
	report    report                                                     // for k6's own metrics
	shipments sync.Pool                                                  // of *shipment

	turns, calls uint64 // of this process

	taken   atomic.Uint64 // number of turns that iterations have taken
	settled atomic.Uint64 // number of calls whose slots have their fate
	done    chan struct{} // closed when all calls are settled
	places  chan struct{} // one for each call that may be under way
	sends   sync.WaitGroup

	// repeating ends when failed records are no longer to be put again.
	repeating context.Context
	halt      context.CancelFunc

	mu        sync.Mutex
	started   time.Time    // when the schedule's clock started
	stopped   time.Time    // when k6 stopped the iterations early
	sentTo    uint64       // one past the highest slot sent
	abandoned []line.Range // calls taken by iterations that were stopped
}

// newGenerator prepares a test; it connects at the first call.
func newGenerator(ctx context.Context, spec Spec, s *share, t *tally, env lookup, chose func(producer.Choice)) (*generator, error) {
	put := spec.Test.Put
	var err error
	if spec.Test.Keys, err = resolveKeys(ctx, spec.Target, accessKeys{}, spec.Test.Keys, env); err != nil {
		return nil, err
	}
	packer, err := newPacker(spec.Test.Payload, spec.Test.Keys, spec.Test.Seed)
	if err != nil {
		return nil, err
	}
	spec.Test.Steps = plan.Replayed(spec.Test.Steps, packer.bodies.Moments())
	if err := spec.Test.Validate(); err != nil {
		return nil, err
	}
	key := producerKey{
		Target: spec.Target, timeout: put.Timeout, single: put.MaxRecords == 1,
		retry: producer.Retry(put.Retry), encoding: producer.Encoding(put.Encoding),
	}
	p, err := newProducer(ctx, key, put.MaxInFlight, env, chose)
	if err != nil {
		return nil, err
	}
	g := generatorWith(spec, s, packer, t, p.Put)
	g.warm = sync.OnceFunc(func() { p.Warm(int(g.peakCalls()*answerTime.Seconds()) + 1) })
	return g, nil
}

// answerTime is what an answer takes where little is known of the endpoint: as
// many connections are opened ahead of the load as calls come due in it.
const answerTime = 50 * time.Millisecond

// generatorWith is a generator that puts by the given function.
func generatorWith(spec Spec, s *share, packer *packer, t *tally, put func(context.Context, []producer.Record, *producer.Result)) *generator {
	test := spec.Test
	recordBytes := packer.bodies.MaxBytes() + quota.MaxPartitionKeyChars
	pacer := NewPacer(test.Steps, test.Put, recordBytes)
	repeating, halt := context.WithCancel(context.Background())
	return &generator{
		repeating: repeating, halt: halt,
		spec:      spec,
		share:     s,
		turns:     s.of(pacer.Turns()),
		calls:     pacer.CallsOf(s),
		pacer:     pacer,
		packer:    packer,
		warm:      func() {},
		put:       put,
		tally:     t,
		shipments: sync.Pool{New: func() any { return new(shipment) }},
		done:      make(chan struct{}),
		places:    make(chan struct{}, places(test.Put.MaxInFlight, pacer.LargestCall(), recordBytes)),
	}
}

// memoryUnderWay bounds what the calls under way hold, so that a stall at a
// high rate can't take the machine's memory: calls beyond it wait for a place,
// and are not sent when they find none in time.
const memoryUnderWay = 256 << 20

// places is how many calls may be under way at once: at most limit, and no more
// than memoryUnderWay has room for. A record is held as it was made and as the
// body carries it, in base64 at worst; its outcome and its part of the answer
// take some 350 bytes more.
func places(limit, records, recordBytes int) int {
	call := records * (recordBytes*5/2 + 350)
	return max(1, min(limit, memoryUnderWay/call))
}

// newProducer makes the producer that key describes; chose is told the encoding
// if that is the producer's to find.
func newProducer(ctx context.Context, key producerKey, conns int, env lookup, chose func(producer.Choice)) (*producer.Producer, error) {
	c, err := key.credentials(ctx, key.keys, env)
	if err != nil {
		return nil, err
	}
	stream := key.Stream
	if key.StreamARN != "" {
		stream = key.StreamARN
	}
	roots, err := authorities(env)
	if err != nil {
		return nil, err
	}
	return producer.New(producer.Config{
		RootCAs:  roots,
		Endpoint: key.Endpoint, Region: key.Region, Stream: stream, Credentials: c,
		Timeout: key.timeout, MaxConns: conns, SinglePut: key.single, Retry: key.retry, Encoding: key.encoding, OnChoice: chose,
	})
}

// next takes the next turn of the schedule and carries out its calls. It
// returns when all are under way or not sent; the iteration with the last turn
// returns when all calls are settled, so that k6 counts them. It returns early
// when ctx ends.
func (g *generator) next(ctx context.Context) {
	number := g.taken.Add(1) - 1
	if number >= g.turns {
		return
	}
	started := g.start()
	from, to := g.turn(number)
	for n := from; n < to; {
		if hopeless := g.hopeless(n, to, time.Since(started)); hopeless > n {
			g.drop(g.pacer.Call(n), g.pacer.Call(hopeless-1))
			g.settle(hopeless - n)
			n = hopeless
			continue
		}
		if !g.offer(ctx, g.pacer.Call(n), started) {
			g.abandon(n, to)
			return
		}
		n++
	}
	if number == g.turns-1 {
		select {
		case <-g.done:
		case <-ctx.Done():
		}
	}
}

// hopeless is one past the last of the calls from number on that can't start in
// time any more, or have nothing to carry: those are dropped together, for a generator that is far behind
// has no time to look after each.
func (g *generator) hopeless(number, end uint64, at time.Duration) uint64 {
	for number < end {
		if call := g.pacer.Call(number); !call.Empty() && g.pacer.Left(call, at) > 0 {
			break
		}
		number++
	}
	return number
}

// offer waits until a call is due and starts it, or drops it when it found no
// place in time. It reports false when ctx ended before.
func (g *generator) offer(ctx context.Context, call Call, started time.Time) bool {
	if !sleep(ctx, time.Until(started.Add(call.Due))) {
		return false
	}
	switch left := g.pacer.Left(call, time.Since(started)); g.place(ctx, left) {
	case placed:
		g.send(call, started)
	case late:
		g.drop(call, call)
		g.settle(1)
	case stopped:
		return false
	}
	return true
}

// turn is the range of calls of this process's turn of that number.
func (g *generator) turn(number uint64) (from, to uint64) { return g.pacer.Turn(g.share.turn(number)) }

// peakCalls is the highest number of calls a second that come due here.
func (g *generator) peakCalls() float64 {
	return g.pacer.PeakCalls() * float64(g.share.of(g.share.parts())) / float64(g.share.parts())
}

// start starts the schedule's clock: at the first call, or at the instant that
// the spec gives, which those who carry out the test together share.
func (g *generator) start() time.Time {
	g.warm()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.started.IsZero() {
		g.started = g.spec.Start
	}
	if g.started.IsZero() {
		g.started = time.Now()
	}
	return g.started
}

// sleep waits and reports true, or false when ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// placement is how waiting for a place among the calls under way ended.
type placement int

const (
	placed placement = iota
	late
	stopped
)

// place waits at most left for a place.
func (g *generator) place(ctx context.Context, left time.Duration) placement {
	if left <= 0 {
		return late
	}
	select {
	case g.places <- struct{}{}:
		return placed
	default:
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case g.places <- struct{}{}:
		return placed
	case <-timer.C:
		return late
	case <-ctx.Done():
		return stopped
	}
}

// send starts a call that has its place. The call outlives the iteration.
func (g *generator) send(call Call, started time.Time) {
	g.mu.Lock()
	g.sentTo = max(g.sentTo, call.To)
	g.mu.Unlock()
	g.sends.Go(func() {
		defer g.settle(1)
		defer func() { <-g.places }()
		g.carry(call, started)
	})
}

// carry makes a call's records, puts them and counts what became of them.
func (g *generator) carry(call Call, started time.Time) {
	now := time.Now()
	if g.pacer.Left(call, now.Sub(started)) <= 0 { // a busy machine let its goroutine wait
		g.drop(call, call)
		return
	}
	s := g.shipments.Get().(*shipment)
	defer g.shipments.Put(s)
	due := func(slot uint64) time.Time { return started.Add(g.pacer.Due(call.Step, slot)) }
	stamp := token.Token{
		Run: g.spec.Run, Step: uint8(call.Step), Producer: g.spec.Producer, Sent: now,
	}
	g.packer.pack(s, stamp, call.From, call.To, due)
	g.put(g.repeating, s.records, &s.result)
	outcome := sent{
		step: call.Step, first: call.From, due: due,
		lateness: now.Sub(started.Add(call.Due)),
		records:  s.records, token: func(i int) bool { return s.tokens[i] }, lanes: s.lanes, result: &s.result,
	}
	g.tally.send(outcome)
	g.report.add(outcome)
}

// drop counts the slots of the calls from first to last, of one step, as not
// sent.
func (g *generator) drop(first, last Call) {
	g.tally.notSent(first.Step, first.From, last.To)
	g.report.addNotSent(last.To - first.From)
}

// settle notes that the slots of so many calls have their fate.
func (g *generator) settle(calls uint64) {
	if g.settled.Add(calls) == g.calls {
		close(g.done)
	}
}

// abandon puts back the calls of a turn whose iteration was stopped.
func (g *generator) abandon(from, to uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.abandoned = append(g.abandoned, line.Range{From: from, To: to})
	if g.stopped.IsZero() {
		g.stopped = time.Now()
	}
}

// offered is when the clock started and the number of slots offered by now:
// those due, but no longer than iterations ran.
func (g *generator) offered(now time.Time) (started time.Time, slots uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.started.IsZero() {
		return time.Time{}, 0
	}
	if !g.stopped.IsZero() && g.stopped.Before(now) {
		now = g.stopped
	}
	// A call may have started in the instant in which others were stopped.
	return g.started, max(g.pacer.DueBy(now.Sub(g.started)), g.sentTo)
}

// underWay is the number of calls without an answer.
func (g *generator) underWay() int { return len(g.places) }

// finish waits for the calls under way, each bounded by its timeout, and
// settles as not sent what was offered and never started. Failed records are
// not put again any more. Iterations must have ended.
func (g *generator) finish(now time.Time) {
	g.halt()
	g.sends.Wait()
	_, end := g.offered(now)
	left := slices.Clone(g.abandoned)
	for n := g.taken.Load(); n < g.turns; n++ {
		from, to := g.turn(n)
		if g.pacer.Call(from).From >= end {
			break
		}
		left = append(left, line.Range{From: from, To: to})
	}
	for _, calls := range left {
		first, last := g.pacer.Call(calls.From), g.pacer.Call(calls.To-1)
		g.tally.notSent(first.Step, first.From, min(last.To, end))
	}
}

// finished reports whether all calls are settled.
func (g *generator) finished() bool {
	select {
	case <-g.done:
		return true
	default:
		return false
	}
}
