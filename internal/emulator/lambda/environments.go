package lambda

import "time"

// DefaultIdleReap is how long an idle environment is kept where the
// configuration doesn't say: Lambda publishes no figure; ten minutes is ours.
const DefaultIdleReap = 10 * time.Minute

// Environments decides which execution environment of a function serves an
// invocation. The most recently used idle one is taken, so that the surplus of
// a burst ages and goes. Not safe for concurrent use.
type Environments struct {
	idle []idleEnvironment // by the time of Give: the last is the most recent
	last int
}

type idleEnvironment struct {
	id    int
	since time.Duration
}

// Take is the id of the environment that serves the next invocation; ok is
// false where none is idle.
func (e *Environments) Take() (id int, ok bool) {
	if len(e.idle) == 0 {
		return 0, false
	}
	id = e.idle[len(e.idle)-1].id
	e.idle = e.idle[:len(e.idle)-1]
	return id, true
}

// Start is the id of a new environment, in use: a cold start.
func (e *Environments) Start() int {
	e.last++
	return e.last
}

// Give returns an environment that is idle since now.
func (e *Environments) Give(id int, now time.Duration) {
	e.idle = append(e.idle, idleEnvironment{id, now})
}

// Reap removes and returns the environments idle for at least the given time.
func (e *Environments) Reap(now, after time.Duration) []int {
	var gone []int
	for len(e.idle) > 0 && now-e.idle[0].since >= after {
		gone = append(gone, e.idle[0].id)
		e.idle = e.idle[1:]
	}
	return gone
}
