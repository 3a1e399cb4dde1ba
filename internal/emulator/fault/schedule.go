package fault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/emulator/wire"
)

// Schedule holds the faults that were ordered and decides, call by call and
// record by record, which of them strike. Chance is drawn by each fault on its
// own from the seed: its n-th candidate meets its n-th draw. It has no clock;
// it is safe for concurrent use.
type Schedule struct {
	seed  uint64
	feeds atomic.Bool // a fault of points or log events was ordered

	mu     sync.Mutex
	orders []*order
	last   int // the newest order's id
}

// NewSchedule is a schedule without faults.
func NewSchedule(seed uint64) *Schedule { return &Schedule{seed: seed} }

// order is a fault with its times.
type order struct {
	Fault
	id          int
	from, until time.Time // until zero: no end
	draws       *rand.Rand
	candidates  int // calls or records that it might have struck
	struck      int
	over        bool
	failed      error // why a fault of a moment could not be made to happen
}

// mostOrders is how many faults a schedule holds.
const mostOrders = 1000

var errTooMany = errors.New("there are 1000 faults already: end some of them")

// Add orders a fault whose clock began at began, and returns its id, from 1.
func (s *Schedule) Add(f Fault, began time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.orders) >= mostOrders {
		return 0, errTooMany
	}
	s.last++
	o := &order{Fault: f, id: s.last, from: began.Add(f.At), draws: rand.New(rand.NewPCG(s.seed, uint64(s.last)))}
	if f.Length > 0 {
		o.until = o.from.Add(f.Length)
	}
	s.orders = append(s.orders, o)
	if f.OfFeed() {
		s.feeds.Store(true)
	}
	return o.id, nil
}

// End takes a fault away; false where there is none of the id.
func (s *Schedule) End(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.orders)
	s.orders = slices.DeleteFunc(s.orders, func(o *order) bool { return o.id == id })
	return len(s.orders) < before
}

// EndAll takes all faults away.
func (s *Schedule) EndAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = nil
}

// Strike ends a fault of a moment that is about to be made to happen; false
// where it was taken away before.
func (s *Schedule) Strike(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.order(id)
	if o == nil || o.over {
		return false
	}
	o.over = true
	return true
}

// Struck notes what came of a fault of a moment: how much it struck, or why it
// could not happen.
func (s *Schedule) Struck(id, n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.order(id); o != nil {
		o.struck, o.failed = n, err
	}
}

// order is the fault of an id, nil for none; the lock is held.
func (s *Schedule) order(id int) *order {
	i := slices.IndexFunc(s.orders, func(o *order) bool { return o.id == id })
	if i < 0 {
		return nil
	}
	return s.orders[i]
}

// Verdict is what happens to one call. The zero value is nothing.
type Verdict struct {
	Wait       time.Duration // first
	Error      *wire.Error   // then this is the answer, and nothing is done
	Reset      bool          // or the connection is reset, and nothing is done
	DropAnswer bool          // or the work is done, and the connection closed without an answer
}

// Call decides about one call of an operation. service is one of Services or,
// for a call inside the pipeline, empty: then only faults that name the
// operation strike.
func (s *Schedule) Call(service, operation string, now time.Time) (v Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.active(now) && o.concerns(service, operation) {
			o.call(&v, service, operation, now)
		}
	}
	return v
}

func (o *order) active(now time.Time) bool {
	return !o.over && !now.Before(o.from) && (o.until.IsZero() || now.Before(o.until))
}

// concerns reports whether a fault is about such calls.
func (o *order) concerns(service, operation string) bool {
	if k, _ := kindNamed(o.Kind); k.place != atCall {
		return false
	}
	switch o.Where {
	case "":
		if o.Kind == Stall {
			return service == Kinesis
		}
		return o.Kind != Throttle && service == Kinesis && (operation == "PutRecord" || operation == "PutRecords")
	case operation:
		return true
	default:
		return service == o.Where
	}
}

// call adds what one fault does to a call. The first that keeps the call from
// its answer decides.
func (o *order) call(v *Verdict, service, operation string, now time.Time) {
	o.candidates++
	switch o.Kind {
	case Stall:
		v.Wait = max(v.Wait, o.until.Sub(now))
		o.struck++
		return
	case Delay:
		v.Wait += o.Delay.Sample(o.draws)
		o.struck++
		return
	}
	strikes := o.strikes()
	if !strikes || v.Error != nil || v.Reset || v.DropAnswer {
		return
	}
	o.struck++
	switch o.Kind {
	case Throttle:
		v.Error = throttled(service, operation)
	case Error, FailNth:
		v.Error = internalFailure(service)
	case Reset:
		v.Reset = true
	case DropAnswer:
		v.DropAnswer = true
	}
}

// strikes draws for a candidate; the N-th is known without.
func (o *order) strikes() bool {
	if o.Kind == FailNth {
		o.over = o.candidates == o.Count
		return o.over
	}
	return o.Share >= 1 || o.draws.Float64() < o.Share
}

// RefuseRecord decides about one record on its way into a shard: whether it is
// refused as one over the shard's limit.
func (s *Schedule) RefuseRecord(shard string, now time.Time) bool {
	return s.any(now, func(o *order) bool {
		switch o.Kind {
		case Throttle:
			return o.Where == "" && o.strikes()
		case PauseShard:
			return o.Side != Reads && shardID(o.Where) == shard
		}
		return false
	})
}

// HoldRead decides about one read of a shard: whether it gets no records.
func (s *Schedule) HoldRead(shard string, now time.Time) bool {
	return s.any(now, func(o *order) bool {
		return o.Kind == PauseShard && o.Side != Writes && shardID(o.Where) == shard
	})
}

// any reports whether one of the active faults strikes, and counts it.
func (s *Schedule) any(now time.Time, strikes func(*order) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.active(now) && strikes(o) {
			o.struck++
			return true
		}
	}
	return false
}

// Status is one fault as it stands. Its JSON is the admin endpoint's.
type Status struct {
	ID     int       `json:"id"`
	Fault  string    `json:"fault"`
	State  State     `json:"state"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until,omitzero"`  // zero: to the end, or a fault of a moment
	Struck int       `json:"struck"`          // calls, records, reads or, of a moment, its count
	Failed string    `json:"failed,omitzero"` // why a fault of a moment could not happen
}

// Outcome is what has become of the fault when its run ends, in words.
func (s Status) Outcome() string {
	switch {
	case s.Failed != "":
		return fmt.Sprintf("fault %s could not happen: %s", s.Fault, s.Failed)
	case s.State == Waiting:
		return fmt.Sprintf("fault %s did not happen: the run ended before", s.Fault)
	case s.Struck == 1:
		return fmt.Sprintf("fault %s struck 1 time", s.Fault)
	default:
		return fmt.Sprintf("fault %s struck %d times", s.Fault, s.Struck)
	}
}

// State is where a fault is in its life.
type State string

// The three states.
const (
	Waiting State = "waiting"
	Active  State = "active"
	Over    State = "over"
)

// List is all faults in the order in which they were ordered.
func (s *Schedule) List(now time.Time) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Status{}
	for _, o := range s.orders {
		status := Status{ID: o.id, Fault: o.String(), State: o.state(now), From: o.from, Until: o.until, Struck: o.struck}
		if o.failed != nil {
			status.Failed = o.failed.Error()
		}
		list = append(list, status)
	}
	return list
}

func (o *order) state(now time.Time) State {
	switch {
	case o.over || !o.until.IsZero() && !now.Before(o.until):
		return Over
	case now.Before(o.from):
		return Waiting
	default:
		return Active
	}
}
