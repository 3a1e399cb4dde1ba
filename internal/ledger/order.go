package ledger

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
)

// track is where order is kept: a shard, or with a parallelization factor
// above 1 a key lane of one producer in a shard.
type track struct {
	shard    string
	producer uint16
	lane     int32 // wholeShard: the batches of the shard came one after the other
}

const wholeShard = -1

// Stretches told apart per track. Lanes are many and have few batches each.
const (
	shardStretches = 1024
	laneStretches  = 8
)

func (t track) limit() int {
	if t.lane == wholeShard {
		return shardStretches
	}
	return laneStretches
}

// span is what one invocation processed of a track.
type span struct {
	track
	stretch
	start   int64 // of the invocation, Unix nanoseconds
	records int64 // processed for the first time
	step    int
}

// window is how many spans wait for earlier ones. Log lines come late and out
// of order, seconds apart; a 64 Ki window is minutes of a busy pipeline in
// about 8 MB.
const window = 1 << 16

// order judges whether the invocations processed each track in the order of
// the stream. Lines arrive in the order of the logs, so spans wait in a window
// sorted by the start of their invocation; the oldest leave it when it is
// full, and all of them (in a copy) when the account is closed.
type order struct {
	waiting spanHeap
	size    int // of the window
	lines   map[track]*progress
	behind  []int64 // records processed after later ones, by step
	late    int64   // spans that came after a later one had left the window
}

// progress is what has left the window of one track.
type progress struct {
	passage
	start int64 // of the newest invocation
}

func newOrder(steps int) *order {
	return &order{size: window, lines: map[track]*progress{}, behind: make([]int64, steps)}
}

// add enters a span.
func (o *order) add(s span) {
	heap.Push(&o.waiting, s)
	for len(o.waiting) > o.size {
		o.judge(heap.Pop(&o.waiting).(span))
	}
}

// judge takes the next span by start. One that overlaps what was passed is a
// redelivery, which Duplicates count; any other that starts below the highest
// position passed comes too late in the stream's order.
func (o *order) judge(s span) {
	p := o.lines[s.track]
	if p == nil {
		p = &progress{}
		o.lines[s.track] = p
	}
	switch {
	case s.start < p.start:
		o.late++
	case s.records > 0 && !p.overlaps(s.stretch) && s.first.below(p.highest()):
		o.behind[s.step] += s.records
	}
	p.start = max(p.start, s.start)
	p.add(s.stretch, s.limit())
}

// closed is the order once all waiting spans are judged; o is unchanged.
func (o *order) closed() *order {
	c := &order{
		waiting: slices.Clone(o.waiting),
		lines:   maps.Clone(o.lines),
		behind:  slices.Clone(o.behind),
		late:    o.late,
	}
	for t, p := range c.lines {
		c.lines[t] = &progress{passage: *p.clone(), start: p.start}
	}
	for len(c.waiting) > 0 {
		c.judge(heap.Pop(&c.waiting).(span))
	}
	return c
}

// spanHeap is ordered by the start of the invocation, then by place.
type spanHeap []span

func (h spanHeap) Len() int { return len(h) }
func (h spanHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].start, h[j].start), h[i].first.compare(h[j].first)) < 0
}
func (h spanHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *spanHeap) Push(x any)   { *h = append(*h, x.(span)) }
func (h *spanHeap) Pop() any {
	last := len(*h) - 1
	s := (*h)[last]
	*h = (*h)[:last]
	return s
}
