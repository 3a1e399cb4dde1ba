package load

import (
	"errors"
	"fmt"
	"time"

	"github.com/grafana/sobek"

	"weir/internal/producer"
	"weir/internal/quota"
	"weir/probe/token"
)

// stream is the class Stream: puts records that Go makes, each with its ledger
// token, for scripts that bring their own executor.
//
//	const stream = new Stream({ name: 'orders', payload: '500B', keys: 10000 });
//	export default function () { stream.put(100); }
//
// Such a script has no schedule: a record is due when the iteration first puts
// something, so what an iteration waits for between two puts counts as
// latency, and what k6 dropped does not.
type stream struct {
	*instance
	run      uint32
	number   uint16
	packer   *packer
	producer *producer.Producer
	shipment shipment

	iteration int64 // of the VU
	due       time.Time
}

func (m *instance) newStream(call sobek.ConstructorCall) *sobek.Object {
	o := m.optionsOf(call.Argument(0))
	s := &stream{instance: m, iteration: -1}
	to := m.producerOf(o)
	if name := o.text("name"); name != "" {
		to.Stream, to.StreamARN = name, ""
	}
	if err := s.prepare(o, to); err != nil {
		m.throw(fmt.Errorf("kinesis: %w", err))
	}
	m.method(call.This, "put", s.put)
	return nil
}

func (s *stream) prepare(o options, to producerKey) error {
	if to.Stream == "" {
		return errors.New("no stream: give a name, or set KINESIS_STREAM_NAME")
	}
	test, err := settings{
		payload: o.text("payload"), payloadFile: o.text("payloadFile"), template: o.text("template"), keys: o.text("keys"),
	}.test(func(string) string { return "" }) // the environment's RATE and PAYLOAD are of a Test
	if err != nil {
		return err
	}
	if s.run, s.number, err = s.extension.identity(s.env); err != nil {
		return err
	}
	if s.packer, err = newPacker(test.Payload, test.Keys, test.Seed); err != nil {
		return err
	}
	s.producer, err = s.extension.producerFor(to, s.env)
	return err
}

// put puts that many records (default 1) in one call and blocks the VU. It
// returns the numbers of records accepted, rejected and indeterminate.
func (s *stream) put(f sobek.FunctionCall) sobek.Value {
	s.inIteration()
	n := int64(1)
	if len(f.Arguments) > 0 {
		n = f.Argument(0).ToInteger()
	}
	if n < 1 || n > quota.PutRecordsMaxRecords {
		s.throw(fmt.Errorf("kinesis: %d records in one call: at least 1 and at most %d", n, quota.PutRecordsMaxRecords))
	}
	now := time.Now()
	if at := s.vu.State().Iteration; at != s.iteration {
		s.iteration, s.due = at, now
	}
	due := s.due
	first := s.extension.slots.Add(uint64(n)) - uint64(n)
	s.packer.pack(&s.shipment, token.Token{Run: s.run, Producer: s.number, Sent: now}, first, first+uint64(n),
		func(uint64) time.Time { return due })
	s.producer.Put(s.vu.Context(), s.shipment.records, &s.shipment.result)
	s.count(sent{
		first: first, due: func(uint64) time.Time { return due }, lateness: now.Sub(due),
		records: s.shipment.records, token: func(i int) bool { return s.shipment.tokens[i] }, result: &s.shipment.result,
	})
	var byFate [3]int
	for _, o := range s.shipment.result.Records {
		byFate[o.Fate]++
	}
	return s.vu.Runtime().ToValue(map[string]any{
		"accepted": byFate[producer.Accepted], "rejected": byFate[producer.Rejected], "indeterminate": byFate[producer.Indeterminate],
	})
}
