package load

import (
	"io"
	"sync"
	"sync/atomic"

	"weir/internal/load/frame"
)

// feed is the parent's way of observations to the child. A child that doesn't
// take them costs observations, and never makes anybody wait.
type feed struct {
	queue   chan []frame.Observation
	dropped atomic.Int64

	mu    sync.Mutex
	ended bool // queue is closed
}

// queuedObservations is how many batches, about two a second, may wait.
const queuedObservations = 64

// startFeed writes what is put to a pipe, which it closes at the end.
func startFeed(to io.WriteCloser) *feed {
	f := &feed{queue: make(chan []frame.Observation, queuedObservations)}
	go func() {
		defer func() { _ = to.Close() }() // what the child did not read is counted
		for seen := range f.queue {
			if err := frame.WriteObservations(to, seen); err != nil {
				f.dropped.Add(int64(len(seen)))
			}
		}
	}()
	return f
}

// put does nothing after the end.
func (f *feed) put(seen []frame.Observation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended || len(seen) == 0 {
		return
	}
	select {
	case f.queue <- seen:
	default:
		f.dropped.Add(int64(len(seen)))
	}
}

func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ended {
		f.ended = true
		close(f.queue)
	}
}
