package kinesis

import (
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// faults are the troubles that tests and plans order.
type faults struct {
	mu    sync.Mutex
	until time.Time // requests wait until then
	drop  int       // accepted records still to be stored nowhere
	fail  map[string]failure
}

type failure struct {
	calls int
	err   *wire.Error
}

// Stall makes every HTTP request wait until then, the ones under way excepted:
// an endpoint that hangs. A time that has passed ends it for new requests.
func (s *Server) Stall(until time.Time) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.until = until
}

// DropRecords makes the server acknowledge the next n records and store them
// nowhere. Records that a shard refuses don't count.
func (s *Server) DropRecords(n int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.drop = n
}

// Fail makes the next n HTTP calls of an operation ("PutRecords") answer err,
// unseen by the metrics; n 0 ends it.
func (s *Server) Fail(operation string, n int, err *wire.Error) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if s.faults.fail == nil {
		s.faults.fail = make(map[string]failure)
	}
	s.faults.fail[operation] = failure{n, err}
}

// stalled is how long a request that came at now has to wait.
func (f *faults) stalled(now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(0, f.until.Sub(now))
}

// failed is the answer ordered for a call of operation, nil for none.
func (f *faults) failed(operation string) *wire.Error {
	f.mu.Lock()
	defer f.mu.Unlock()
	order := f.fail[operation]
	if order.calls <= 0 {
		return nil
	}
	order.calls--
	f.fail[operation] = order
	return order.err
}

// takeDrops reserves the drop of up to n records.
func (f *faults) takeDrops(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n = min(n, f.drop)
	f.drop -= n
	return n
}

// returnDrops gives back the drops of records that were refused.
func (f *faults) returnDrops(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop += n
}
