package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"

	"weir/internal/quota"
	"weir/probe/token"
)

// stream is the class Stream: puts records that Go makes, each with its ledger
// token, for scripts that bring their own executor.
//
//	const stream = new Stream({ name: 'orders', payload: '500B', keys: 10000 });
//	export default function () { stream.put(100); }
//	export default async function () { await stream.putAsync(1000, { batch: 1 }); }
//
// Such a script has no schedule: a record is due when the iteration first puts
// something, so what an iteration waits for between two puts counts as
// latency, and what k6 dropped does not.
type stream struct {
	*instance
	run       uint32
	number    uint16
	packer    *packer
	outlet    *outlet   // sends a call of one record as PutRecord
	shipments sync.Pool // of *shipment

	iteration int64 // of the VU
	due       time.Time
}

// Bounds of one put.
const (
	maxPut = 1_000_000
	// putsInFlight is how many calls one put has under way at most.
	putsInFlight = 100
)

func (m *instance) newStream(call sobek.ConstructorCall) *sobek.Object {
	o := m.optionsOf(call.Argument(0))
	s := &stream{instance: m, iteration: -1, shipments: sync.Pool{New: func() any { return new(shipment) }}}
	to := m.producerOf(o)
	to.single = true
	if name := o.text("name"); name != "" {
		to.Stream, to.StreamARN = name, ""
	}
	if err := s.prepare(o, to); err != nil {
		m.throw(fmt.Errorf("kinesis: %w", err))
	}
	m.forms(call.This, "putAsync", "put", s.put)
	return nil
}

func (s *stream) prepare(o options, to producerKey) error {
	if to.Stream == "" {
		return errors.New("no stream: give a name, or set KINESIS_STREAM_NAME")
	}
	test, err := settings{
		payload: o.text("payload"), payloadFile: o.text("payloadFile"), payloadOrder: o.text("payloadOrder"), template: o.text("template"), keys: o.text("keys"),
	}.test(func(string) string { return "" }) // the environment's RATE and PAYLOAD are of a Test
	if err != nil {
		return err
	}
	if s.run, s.number, err = s.extension.identity(s.env); err != nil {
		return err
	}
	if test.Keys, err = resolveKeys(context.Background(), to.Target, to.keys, test.Keys, s.env); err != nil {
		return err
	}
	if s.packer, err = newPacker(test.Payload, test.Keys, test.Seed); err != nil {
		return err
	}
	s.outlet, err = s.extension.outletFor(to, s.env)
	return err
}

// put puts that many records (default 1) in calls of at most batch records
// (default 500), the calls at once. It gives the numbers of records accepted,
// rejected and indeterminate.
func (s *stream) put(f sobek.FunctionCall) work {
	count := s.whole(f.Argument(0), 1, maxPut)
	batch := s.whole(s.optionsOf(f.Argument(1)).value("batch"), quota.PutRecordsMaxRecords, quota.PutRecordsMaxRecords)
	s.outlet.Prepare()
	now := time.Now()
	if at := s.vu.State().Iteration; at != s.iteration {
		s.iteration, s.due = at, now
	}
	due := s.due
	first := s.extension.take(s.outlet, count)
	ctx := s.vu.Context()
	return func() settlement {
		var sum report
		s.calls(count, batch, func(from, to uint64) { s.call(ctx, first+from, first+to, due, &sum) })
		return func() (value, thrown sobek.Value) {
			s.metrics.push(s.vu, sum.counts)
			return s.vu.Runtime().ToValue(sum.byFate()), nil
		}
	}
}

// whole reads a whole number from 1 to limit.
func (s *stream) whole(v sobek.Value, otherwise, limit int64) uint64 {
	n := otherwise
	if !common.IsNullish(v) {
		n = v.ToInteger()
	}
	if n < 1 || n > limit {
		s.throw(fmt.Errorf("kinesis: %d records: at least 1 and at most %d", n, limit))
	}
	return uint64(n)
}

// calls cuts count records into calls of at most batch and carries them out,
// many at once; a single one in this goroutine.
func (s *stream) calls(count, batch uint64, carry func(from, to uint64)) {
	calls := (count + batch - 1) / batch
	if calls == 1 {
		carry(0, count)
		return
	}
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range min(calls, putsInFlight) {
		workers.Go(func() {
			for from := (next.Add(1) - 1) * batch; from < count; from = (next.Add(1) - 1) * batch {
				carry(from, min(from+batch, count))
			}
		})
	}
	workers.Wait()
}

// call makes the records of the slots, puts them and counts what became of
// them.
func (s *stream) call(ctx context.Context, from, to uint64, due time.Time, sum *report) {
	parcel := s.shipments.Get().(*shipment)
	defer s.shipments.Put(parcel)
	now := time.Now()
	dueOf := func(uint64) time.Time { return due }
	s.packer.pack(parcel, token.Token{Run: s.run, Producer: s.number, Sent: now}, from, to, dueOf)
	s.outlet.Put(ctx, parcel.records, &parcel.result)
	outcome := sent{
		first: from, due: dueOf, lateness: now.Sub(due),
		records: parcel.records, token: func(i int) bool { return parcel.tokens[i] }, lanes: parcel.lanes, result: &parcel.result,
	}
	s.extension.count(s.outlet, outcome)
	sum.add(outcome)
}
