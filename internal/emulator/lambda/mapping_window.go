package lambda

import (
	"slices"
	"time"

	"weir/internal/quota"
)

// Window is the tumbling window that an invocation belongs to
// (lambda/latest/dg/services-kinesis-windows, read 2026-11-22). Windows begin
// at multiples of their length since the origin of time, on AWS the Unix epoch,
// and a record belongs to the one that it arrived in.
type Window struct {
	Start, End time.Duration
	State      any  // of the last invocation in the window; nil: this is the first
	Final      bool // the window ends with this invocation, which has no records
	Early      bool // because its state outgrew its limit
}

// tumbling is a lane's window. When Lambda closes one is not published: here
// it is when a record of a later window is next, or a poll made after the
// window's end found nothing more to read.
type tumbling struct {
	open  bool
	start time.Duration
	state any
	full  bool // the state has outgrown its limit
}

// windowEventBytes bounds what a window adds to an event beside its state and
// the mapping's names.
const windowEventBytes = 512

// windowStart is the start of the window that g's first record arrived in.
func (l *lane) windowStart(g *Group) time.Duration {
	length := l.shard.m.opt.Tumbling
	return g.FirstArrival / length * length
}

// windowEnds reports whether the open window's final invocation is next.
func (l *lane) windowEnds() bool {
	w := &l.window
	switch {
	case !w.open:
		return false
	case w.full:
		return true
	case l.queued > 0:
		return l.windowStart(&l.queue[0]) > w.start
	}
	return l.shard.drainedAt >= w.start+l.shard.m.opt.Tumbling
}

// inWindow is the number of groups at the queue's head that a batch may take:
// without tumbling windows all, else those of the first one's window. The rest
// of a window that has begun with a later one counts to that.
func (l *lane) inWindow() int {
	if l.shard.m.opt.Tumbling == 0 || len(l.queue) == 0 {
		return len(l.queue)
	}
	start, n := l.windowStart(&l.queue[0]), 1
	for n < len(l.queue) && l.windowStart(&l.queue[n]) <= start {
		n++
	}
	return n
}

// windowComplete reports whether all records of the window at the queue's head
// are in the queue.
func (l *lane) windowComplete() bool {
	length := l.shard.m.opt.Tumbling
	if length == 0 {
		return false
	}
	return l.inWindow() < len(l.queue) || l.shard.drainedAt >= l.windowStart(&l.queue[0])+length
}

// openWindow opens the window of the records at the queue's head.
func (l *lane) openWindow() {
	if l.shard.m.opt.Tumbling > 0 && !l.window.open {
		l.window = tumbling{open: true, start: l.windowStart(&l.queue[0])}
	}
}

// eventSpace is the room for records in one event.
func (l *lane) eventSpace() int {
	space := quota.InvocationPayloadBytes - eventEnvelopeBytes
	if l.shard.m.opt.Tumbling > 0 {
		space -= quota.WindowStateBytes + windowEventBytes
	}
	return space
}

// keepState takes over the state that an invocation left.
func (l *lane) keepState(o Outcome) {
	if l.shard.m.opt.Tumbling > 0 {
		l.window.state, l.window.full = o.State, o.StateFull
	}
}

// done takes pending[0] off. With the final invocation the window goes: after
// an early end, its other records open it anew, without a state.
func (l *lane) done() {
	if l.pending[0].final {
		l.window = tumbling{}
	}
	l.pending = slices.Delete(l.pending, 0, 1)
}

// of is the window as an invocation with b sees it; nil without windows.
func (w *tumbling) of(b *batch, length time.Duration) *Window {
	if length == 0 {
		return nil
	}
	return &Window{Start: w.start, End: w.start + length, State: w.state, Final: b.final, Early: b.final && w.full}
}
