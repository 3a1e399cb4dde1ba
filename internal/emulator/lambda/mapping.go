package lambda

import (
	"container/heap"
	"math"
	"time"

	"weir/internal/quota"
)

// Modelling choices: Lambda publishes none of these.
const (
	// DefaultErrorBackoff is the wait before the first retry of a failed batch;
	// it doubles with each further one, up to DefaultMaxBackoff. Lambda was recorded to
	// make 8 attempts within a maximum record age of 60 s; doubling from 250 ms
	// gives attempts at 0, 0.25, 0.75 … 31.75 s: eight before 60 s.
	DefaultErrorBackoff = 250 * time.Millisecond
	// DefaultThrottleBackoff is the same for a throttled invocation.
	DefaultThrottleBackoff = 500 * time.Millisecond
	// DefaultMaxBackoff bounds both.
	DefaultMaxBackoff = 60 * time.Second

	// readGap is the least time between two polls of a shard that is behind: a
	// fifth of a second, so that the mapping alone keeps to the shard's read
	// limit of quota.ShardReadCallsPerSecond.
	readGap = time.Second / quota.ShardReadCallsPerSecond
	// idlePoll replaces a poll interval of zero after a read that found nothing.
	idlePoll = 5 * time.Millisecond

	eventEnvelopeBytes = len(`{"Records":[]}`)
)

// Never is later than any time a mapping asks to be called at.
const Never time.Duration = math.MaxInt64

// MappingOptions are the parameters of an event source mapping that its state
// machine obeys. They are taken as valid.
type MappingOptions struct {
	BatchSize       int
	Window          time.Duration // MaximumBatchingWindowInSeconds
	Parallelization int           // lanes a shard, at least 1
	RetryAttempts   int           // MaximumRetryAttempts; negative: without limit
	RecordAge       time.Duration // MaximumRecordAgeInSeconds; 0 or negative: without limit
	Bisect          bool          // BisectBatchOnFunctionError
	OnFailure       bool          // discarded batches go to a destination
	Tumbling        time.Duration // TumblingWindowInSeconds; 0: none. Needs Parallelization 1

	// Push is enhanced fan-out: the next read is asked for when the last one is
	// answered, and waits for records.
	Push bool
	// PollInterval is the base time between the polls of a shard. 0 polls again
	// at once after records, and after 5 ms when there were none. The first polls
	// are spread evenly over it, the first shard's a Phase after the start.
	PollInterval    time.Duration
	Phase           time.Duration
	ErrorBackoff    time.Duration
	ThrottleBackoff time.Duration
	MaxBackoff      time.Duration // 0: DefaultMaxBackoff
}

// ShardStart is a shard and the position from which the mapping reads it, once
// it is done with all of its Parents: the mapping must be given these too, at
// the start or as the children of others.
type ShardStart struct {
	ID      string
	From    uint64
	Parents []string // ids; nil: it is read at once
}

// ReadResult is what a read of a shard gave.
type ReadResult struct {
	Groups       []Group // in order of position; the mapping's until it is done with all of them
	Filtered     int     // records that were read and that the filter dropped; not in Groups
	Next         uint64  // position after the last record read
	MillisBehind int64
	Throttled    bool // nothing was read; nothing else is looked at

	End      bool         // the shard is closed and was read to its end
	Children []ShardStart // at the end, the shards that go on; those that are known already are passed over
}

// Result is how an invocation ended.
type Result int

// The results of an invocation.
const (
	Succeeded     Result = iota
	Failed               // function error: exception, timeout, crash
	Throttled            // the function was never called
	PartialFailed        // ReportBatchItemFailures named records of the batch
)

// Outcome is a Result; with PartialFailed, From is the lowest position that was
// named, one of the batch: all before it is done, all from it on is delivered
// again.
type Outcome struct {
	Result Result
	From   uint64
	Item   any // the caller's; a Discard of the batch carries its last outcome's

	// With a tumbling window, of Succeeded and PartialFailed: the state the
	// function answered with, and whether it is too large to go on with.
	State     any
	StateFull bool
}

// ReadShard asks for up to Limit records of a shard from position From.
type ReadShard struct {
	Shard   int // index in the list of shards, for AddRead; children follow at its end
	ShardID string
	From    uint64
	Limit   int
}

// Invoke asks for one invocation of the function.
type Invoke struct {
	Shard   int
	ShardID string
	Lane    int
	Attempt int     // 1 for the first delivery of this batch
	Batch   []Group // valid until Finish; empty in the final invocation of a window
	Window  *Window // nil without tumbling windows
}

// Condition is why a batch was given up, in the words of the on-failure document.
type Condition string

// The conditions.
const (
	RetriesExhausted Condition = "RetryAttemptsExhausted"
	AgeExceeded      Condition = "RecordAgeExceeded"
)

// Discard says that the mapping gave up records and goes on behind them.
type Discard struct {
	Shard     int
	ShardID   string
	Condition Condition
	Attempts  int  // deliveries made
	Deliver   bool // to the destination; Delivered is to be called
	Batch     []Group
	Item      any // of the batch's last Outcome; nil: it was never delivered
}

// Events are the mapping's EventCount metrics as running totals, in records.
// Invoked counts when the invocation ends, and each retry again; a throttled
// invocation invoked nothing. Dropped and Delivered count what Delivered was
// told of a Discard that goes to the destination, and of others at once.
type Events struct {
	Polled, FilteredOut, Invoked, FailedInvoke, Dropped, Delivered int
}

// Actions are what the caller has to do now.
type Actions struct {
	Reads    []ReadShard
	Invokes  []Invoke
	Discards []Discard
	Woken    []int         // shards that waited for one that is done now: StepShard is due for them
	Next     time.Duration // call Step again then; Never: only after an input
}

// Mapping is the state machine of one event source mapping. The caller feeds
// it with AddRead and Finish, calls Step after each input and at the time the
// last Step named, or StepShard, and carries out the actions. Its times count from an origin
// of the caller's, from which tumbling windows are counted too, and are not
// negative. Not safe for concurrent use.
type Mapping struct {
	opt      MappingOptions
	shards   []*shard
	known    map[string]*shard   // by id
	heirs    map[string][]*shard // that wait for the shard of that id
	wakes    wakeQueue           // from the first Step on
	reading  int
	flying   int // invocations under way
	leaving  int // discards that Delivered was not called for
	draining bool
	events   Events
	out      Actions
}

// NewMapping is an enabled mapping at now.
func NewMapping(o MappingOptions, shards []ShardStart, now time.Duration) *Mapping {
	m := &Mapping{opt: o, known: make(map[string]*shard, len(shards)), heirs: map[string][]*shard{}}
	for i, start := range shards {
		first := o.Phase + o.PollInterval*time.Duration(i)/time.Duration(len(shards))
		m.follow(start, now+first%max(o.PollInterval, 1))
	}
	return m
}

// AddRead takes the answer to a ReadShard.
func (m *Mapping) AddRead(now time.Duration, shard int, r ReadResult) {
	s := m.shards[shard]
	s.addRead(now, r)
	m.reading--
	if !r.Throttled {
		m.events.Polled += count(r.Groups) + r.Filtered
		m.events.FilteredOut += r.Filtered
	}
	if r.End && !r.Throttled {
		s.close()
		for _, child := range r.Children {
			m.follow(child, now)
		}
	}
	m.wake(s, now)
}

// Finish takes the end of an invocation that Step asked for.
func (m *Mapping) Finish(now time.Duration, i Invoke, o Outcome) {
	s := m.shards[i.Shard]
	m.flying--
	s.lanes[i.Lane].finish(now, o)
	m.wake(s, now)
}

// Delivered takes the end of a delivery to the on-failure destination. Of a
// delivery that failed the records are lost, and counted as dropped.
func (m *Mapping) Delivered(d Discard, ok bool) {
	m.leaving--
	if ok {
		m.events.Delivered += count(d.Batch)
	} else {
		m.events.Dropped += count(d.Batch)
	}
}

// Step gives what is to be done at now. The slices are valid until the next Step.
func (m *Mapping) Step(now time.Duration) Actions {
	if m.wakes == nil {
		m.wakes = newWakeQueue(m.shards)
	}
	for len(m.wakes) > 0 && m.wakes[0].wake <= now {
		s := m.wakes[0]
		m.wakes.set(s, s.step(now))
	}
	if len(m.wakes) == 0 {
		return m.take(Never)
	}
	return m.take(m.wakes[0].wake)
}

// StepShard is Step for one shard. A caller of it calls it for each shard after
// its inputs, at the time that was named for it and where another's step has
// woken it, and Step never: it has a queue of its own. The children that an
// AddRead brings get the next indexes in their order, but for those known already,
// and are stepped at once.
func (m *Mapping) StepShard(now time.Duration, shard int) Actions {
	s := m.shards[shard]
	s.wake = s.step(now)
	return m.take(s.wake)
}

// take is what is to be done until next, and begins anew.
func (m *Mapping) take(next time.Duration) Actions {
	out := m.out
	out.Next = next
	m.out = Actions{Reads: out.Reads[:0], Invokes: out.Invokes[:0], Discards: out.Discards[:0], Woken: out.Woken[:0]}
	return out
}

// Drain lets what is under way come to its end and starts nothing more, until
// Resume.
func (m *Mapping) Drain() { m.draining = true }

// Resume goes on where Drain stopped, with other options: what was read and is
// not done with is cut into new batches, and nothing that is done is delivered
// again. Attempts count from the first again, and tumbling windows begin
// without a state. The mapping must be Idle.
func (m *Mapping) Resume(now time.Duration, o MappingOptions) {
	m.opt, m.draining = o, false
	for _, s := range m.shards {
		s.relane(now)
		m.wake(s, now)
	}
}

// Idle reports whether no read, invocation or delivery is under way.
func (m *Mapping) Idle() bool { return m.reading == 0 && m.flying == 0 && m.leaving == 0 }

// Checkpoint is the lowest position of the shard that is not done with: all
// before it was processed or discarded.
func (m *Mapping) Checkpoint(shard int) uint64 {
	s := m.shards[shard]
	at := s.from
	for i := range s.lanes {
		if first, ok := s.lanes[i].first(); ok {
			at = min(at, first)
		}
	}
	return at
}

// Events are the totals so far.
func (m *Mapping) Events() Events { return m.events }

func (m *Mapping) invoke(l *lane, b *batch) {
	m.flying++
	m.out.Invokes = append(m.out.Invokes, Invoke{
		Shard: l.shard.index, ShardID: l.shard.id, Lane: l.index, Attempt: b.deliveries, Batch: b.groups,
		Window: l.window.of(b, m.opt.Tumbling),
	})
}

// discard gives up groups, the head of b.
func (m *Mapping) discard(l *lane, c Condition, b *batch, groups []Group) {
	if m.opt.OnFailure {
		m.leaving++
	} else {
		m.events.Dropped += count(groups)
	}
	l.parted = nil // the batch is the caller's
	m.out.Discards = append(m.out.Discards, Discard{
		Shard: l.shard.index, ShardID: l.shard.id, Condition: c, Attempts: b.deliveries, Deliver: m.opt.OnFailure, Batch: groups, Item: b.last,
	})
}

// wake has the shard looked at then.
func (m *Mapping) wake(s *shard, at time.Duration) {
	if s.wake = at; m.wakes != nil {
		m.wakes.set(s, at)
	}
}

// wakeQueue is a heap of shards by the time they want to be looked at.
type wakeQueue []*shard

func newWakeQueue(shards []*shard) wakeQueue {
	q := make(wakeQueue, 0, len(shards))
	for _, s := range shards {
		heap.Push(&q, s)
	}
	return q
}

func (q *wakeQueue) set(s *shard, wake time.Duration) {
	if s.wake = wake; len(*q) > 1 {
		heap.Fix(q, s.heapIndex)
	}
}

func (q wakeQueue) Len() int { return len(q) }

func (q wakeQueue) Less(i, j int) bool {
	if q[i].wake == q[j].wake {
		return q[i].index < q[j].index
	}
	return q[i].wake < q[j].wake
}

func (q wakeQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].heapIndex, q[j].heapIndex = i, j
}

func (q *wakeQueue) Push(x any) {
	s := x.(*shard)
	s.heapIndex = len(*q)
	*q = append(*q, s)
}

// Pop is heap.Interface's; shards never leave.
func (q *wakeQueue) Pop() any { panic("a shard left its mapping") }
