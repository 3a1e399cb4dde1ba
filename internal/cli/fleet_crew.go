package cli

import (
	"fmt"
	"sync"

	"weir/internal/fleet"
	"weir/internal/load/frame"
	"weir/internal/record"
)

// crew is the runners of a fleet as one loader: one goroutine a runner reports,
// one puts together what they say.
type crew struct {
	frames chan frame.Frame
	done   chan struct{}
	stop   func() // interrupts the runners
	once   sync.Once

	// Set when done is closed.
	runners []record.Runner
	exit    int
}

// member is one runner as the crew sees it.
type member struct {
	where string
	// follow reports the runner's frames until there are no more and returns how
	// the runner ended, in words, and k6's exit code, 0 where it isn't known.
	follow func(report func(frame.Numbered)) (how string, exit int)
}

// said is what came from one runner: a frame, or its end.
type said struct {
	runner int
	frame  *frame.Numbered
	how    string
	exit   int
}

// newCrew follows the runners, in the order of their numbers; stop interrupts
// them.
func newCrew(members []member, stop func()) *crew {
	c := &crew{frames: make(chan frame.Frame, 8), done: make(chan struct{}), stop: stop}
	words := make(chan said, len(members))
	for i, m := range members {
		go func() {
			how, exit := m.follow(func(n frame.Numbered) { words <- said{runner: i + 1, frame: &n} })
			words <- said{runner: i + 1, how: how, exit: exit}
		}()
	}
	go c.merge(members, words)
	return c
}

// merge is the only one to touch the Merger.
func (c *crew) merge(members []member, words <-chan said) {
	merger := fleet.NewMerger(len(members))
	for left := len(members); left > 0; {
		w := <-words
		var frames []frame.Frame
		if w.frame == nil {
			left--
			c.exit = max(c.exit, w.exit)
			frames = merger.End(w.runner, w.how)
		} else if w.frame.Runner == w.runner {
			frames, _ = merger.Add(*w.frame) // fails for runners that there are not
		}
		for _, f := range frames {
			c.frames <- f
		}
	}
	c.runners = merger.Runners()
	for i, m := range members {
		c.runners[i].Where = m.where
	}
	close(c.frames)
	close(c.done)
}

// Frames implements loader.
func (c *crew) Frames() <-chan frame.Frame { return c.frames }

// Wait implements loader. How each runner ended is in runners; the exit code is
// the highest of k6's.
func (c *crew) Wait() (exit int, err error) {
	<-c.done
	return c.exit, nil
}

// Runners are the runners as they ended; nil before they have.
func (c *crew) Runners() []record.Runner { return c.runners }

// Interrupt implements loader.
func (c *crew) Interrupt() { c.once.Do(c.stop) }

// ending is a crew that has something to end when its runners have.
type ending struct {
	*crew
	end func()
}

// Wait implements loader.
func (e ending) Wait() (int, error) {
	defer e.end()
	return e.crew.Wait()
}

// childMember is a k6 child of this process as a runner.
func childMember(number int, where string, child loader) member {
	return member{where: where, follow: func(report func(frame.Numbered)) (string, int) {
		n := 0
		for f := range child.Frames() {
			report(frame.Numbered{Runner: number, Number: n, Frame: f})
			n++
		}
		exit, err := child.Wait()
		if err != nil {
			return err.Error(), max(exit, 1)
		}
		return fmt.Sprintf("k6 ended with exit code %d", exit), exit
	}}
}
