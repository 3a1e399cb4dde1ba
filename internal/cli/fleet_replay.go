package cli

import (
	"context"
	"time"

	"weir/internal/observe"
)

// readAgain takes the frames of a load that is over and reads what the pipeline
// said since it began. Points of seconds are given out after everything was
// taken: what is read late belongs where it happened.
func (e *execution) readAgain(ctx context.Context) error {
	var end time.Time
	for f := range e.child.Frames() {
		e.takeFrame(f)
		end = f.T
	}
	e.endOfLoad()
	e.endOfChild()
	if !e.begun {
		return nil
	}
	e.record.LoadEnd = end
	now := time.Now()
	for at := e.replay; at.Before(now) && ctx.Err() == nil; {
		at = at.Add(observe.VendedMemory / 2)
		to := at
		if to.After(now) {
			to = now
		}
		within, cancel := context.WithTimeout(ctx, finalLimit) // the first reads all of the log
		e.takePoll(e.poller.poll(within, observe.VendedMemory, to))
		cancel()
	}
	return e.saveErr
}
