package capacity

import "time"

// eventKind is what happens at an event's time.
type eventKind uint8

const (
	offerDue     eventKind = iota // the next call, or stretch of calls, falls due
	callArrives                   // index: the call
	callAgain                     // index: the call
	shardWakes                    // index: the shard
	readAnswered                  // index: the shard
	batchArrives                  // index: the flight
	batchEnds                     // index: the flight
	faultStrikes                  // index: the fault
)

// event is something due in virtual time, counted from the load's start.
type event struct {
	at    time.Duration
	order uint64 // of equal times the first that was added comes first
	index int32
	turn  uint32 // of the index: events of an earlier turn are void
	kind  eventKind
}

func (e *event) before(other *event) bool {
	return e.at < other.at || e.at == other.at && e.order < other.order
}

// eventQueue gives events in order of time: a heap of four children a node,
// which compares more and moves less than one of two.
type eventQueue struct {
	heap []event
	last uint64
}

func (q *eventQueue) add(e event) {
	q.last++
	e.order = q.last
	q.heap = append(q.heap, e)
	i := len(q.heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&q.heap[parent]) {
			break
		}
		q.heap[i] = q.heap[parent]
		i = parent
	}
	q.heap[i] = e
}

// next takes the earliest event off; there must be one.
func (q *eventQueue) next() event {
	first := q.heap[0]
	n := len(q.heap) - 1
	e := q.heap[n]
	q.heap = q.heap[:n]
	if n == 0 {
		return first
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, n); c++ {
			if q.heap[c].before(&q.heap[least]) {
				least = c
			}
		}
		if !q.heap[least].before(&e) {
			break
		}
		q.heap[i] = q.heap[least]
		i = least
	}
	q.heap[i] = e
	return first
}
