package lambda

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"weir/probe/line"
)

// WorkModel is the built-in function: it waits as long as the work is said to
// take, and accounts for its records with one ledger line per invocation, as a
// function under the probe does.
type WorkModel struct {
	PerBatch  time.Duration
	PerRecord time.Duration
	ErrorRate float64 // part of the invocations that fail, at the end of their time
	Seed      uint64  // draws which: the nth invocation of the function fails by the nth draw
	Lanes     bool    // the ledger lines carry lanes
}

// WorkModelError is the error type of an invocation that failed by ErrorRate.
const WorkModelError = "WorkModelError"

// worker is a WorkModel at work.
type worker struct {
	WorkModel
	mu      sync.Mutex
	draws   *rand.Rand
	records sync.Pool // *[]line.Record
	now     func() time.Time
}

func newWorker(m WorkModel, now func() time.Time) *worker {
	w := &worker{WorkModel: m, draws: rand.New(rand.NewPCG(m.Seed, 0)), now: now}
	w.records.New = func() any { return new([]line.Record) }
	return w
}

func (w *worker) handle(ctx context.Context, inv Invocation) (response []byte, logLines []string, err error) {
	work := w.PerBatch + time.Duration(len(inv.Records))*w.PerRecord
	if inv.dies {
		sleep(ctx, work/2)
		return nil, nil, exitError(inv.RequestID, "signal: killed")
	}
	if !sleep(ctx, work) {
		return nil, nil, ctx.Err()
	}
	if w.fails() {
		failed := &FunctionError{Type: WorkModelError, Message: "the work model's error rate struck"}
		return nil, w.account(inv, failed), failed
	}
	response = []byte("null")
	if inv.Window != nil {
		response = []byte(`{"state":{}}`)
	}
	return response, w.account(inv, nil), nil
}

func (w *worker) fails() bool {
	if w.ErrorRate <= 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.draws.Float64() < w.ErrorRate
}

// account is the ledger line of an invocation that had records.
func (w *worker) account(inv Invocation, failed *FunctionError) []string {
	if len(inv.Records) == 0 {
		return nil
	}
	buffer := w.records.Get().(*[]line.Record)
	records := (*buffer)[:0]
	for _, r := range inv.Records {
		records = append(records, line.Record{Shard: inv.Shard, SequenceNumber: r.SequenceNumber, Arrival: r.Arrival, Data: r.Data})
	}
	end := w.now()
	l := line.Account(records, end, line.Options{Lanes: w.Lanes})
	clear(records)
	*buffer = records
	w.records.Put(buffer)

	l.RequestID, l.Function, l.Shard = inv.RequestID, inv.FunctionName, inv.Shard
	l.Stream = streamName(inv.StreamARN)
	l.Start, l.End, l.OK = inv.Start, end, failed == nil
	if failed != nil {
		l.Error = failed.Error()
	}
	return []string{string(l.Append(nil))}
}
