package lambda

import "sync"

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
