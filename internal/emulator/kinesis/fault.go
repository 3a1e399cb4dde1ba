package kinesis

import (
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// faults are the troubles that tests and plans order.
type faults struct {
	mu      sync.Mutex
	drop    int // accepted records still to be stored nowhere
	fail    map[string]failure
	trouble Trouble
}

type failure struct {
	calls int
	err   *wire.Error
}

// Trouble decides about single records and reads. It is asked with locks held
// and must not call the server.
type Trouble interface {
	// RefuseRecord reports whether a record is refused as one over its shard's limit.
	RefuseRecord(shard string, now time.Time) bool
	// HoldRead reports whether a read of the shard gets no records.
	HoldRead(shard string, now time.Time) bool
}

// Suffer makes every record that is put and every read ask t first; nil ends it.
func (s *Server) Suffer(t Trouble) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.trouble = t
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

// take reserves the drop of up to n records, and tells the trouble there is.
func (f *faults) take(n int) (int, Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n = min(n, f.drop)
	f.drop -= n
	return n, f.trouble
}

// returnDrops gives back the drops of records that were refused.
func (f *faults) returnDrops(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop += n
}

// held reports whether a read of the shard gets no records.
func (f *faults) held(shard string, now time.Time) bool {
	f.mu.Lock()
	t := f.trouble
	f.mu.Unlock()
	return t != nil && t.HoldRead(shard, now)
}
