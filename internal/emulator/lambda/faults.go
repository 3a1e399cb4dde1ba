package lambda

import (
	"maps"
	"slices"
	"sync"
)

// faults are the failures asked for and not yet made.
type faults struct {
	mu      sync.Mutex
	kills   int
	repeats int
}

// take reports whether one of the counter is left, and uses it.
func (f *faults) take(counter *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *counter == 0 {
		return false
	}
	*counter--
	return true
}

// KillNext makes the next n invocations die half way: a work model's after half
// its work, a process by SIGKILL to its group once it has the event. They are
// function errors of type Runtime.ExitError and write no ledger line.
func (s *Server) KillNext(n int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.kills += n
}

// DeliverTwice makes mappings deliver the next n batches that succeed once more
// before they move on, as a poller does that died before its checkpoint.
func (s *Server) DeliverTwice(n int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.repeats += n
}

// KillEnvironments ends up to n execution environments at once, busy ones
// first, and returns how many it found. A busy one's invocation is a function
// error of type Runtime.ExitError; an idle one is missed at the next
// invocation, which is a cold start.
func (s *Server) KillEnvironments(n int) int {
	s.mu.Lock()
	killed := 0
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		for _, env := range s.functions[name].busy() {
			if killed < n && env.life.Err() == nil {
				env.kill()
				killed++
			}
		}
	}
	var idle []*environment
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		f := s.functions[name]
		for killed+len(idle) < n {
			id, ok := f.environments.Take()
			if !ok {
				break
			}
			idle = append(idle, f.live[id])
			delete(f.live, id)
		}
	}
	s.mu.Unlock()
	for _, env := range idle {
		env.stop()
	}
	return killed + len(idle)
}

// busy are the environments that are starting or have an invocation, in order
// of their ids. The caller holds the server's lock.
func (f *function) busy() []*environment {
	idle := map[int]bool{}
	for _, e := range f.environments.idle {
		idle[e.id] = true
	}
	var busy []*environment
	for _, id := range slices.Sorted(maps.Keys(f.live)) {
		if !idle[id] {
			busy = append(busy, f.live[id])
		}
	}
	return busy
}
