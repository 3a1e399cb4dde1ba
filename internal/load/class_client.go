package load

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"

	"weir/internal/plan"
	"weir/internal/producer"
	"weir/internal/quota"
)

// client is the class Client: puts records that the script makes.
//
//	const client = new Client({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:4567' });
//	const result = client.putRecordsSync('orders', [{ data: '…', partitionKey: 'k' }]);
//	const result = await client.putRecords('orders', [...]);
//
// What became of records is in the result, shaped like the AWS SDK's: an entry
// has ShardId and SequenceNumber, or ErrorCode and ErrorMessage. Methods throw
// for misuse only.
type client struct {
	*instance
	to producerKey // but for the stream
}

func (m *instance) newClient(call sobek.ConstructorCall) *sobek.Object {
	c := &client{m, m.producerOf(m.optionsOf(call.Argument(0)))}
	for name, single := range map[string]bool{"putRecord": true, "putRecords": false} {
		m.method(call.This, name, func(f sobek.FunctionCall) sobek.Value { return c.put(f, single) })
		m.method(call.This, name+"Sync", func(f sobek.FunctionCall) sobek.Value { return c.putSync(f, single) })
	}
	return nil
}

// targetOf is the target by environment, as far as options don't say another,
// and the timeout of calls.
func (m *instance) targetOf(o options) (Target, time.Duration) {
	target, err := m.extension.target(m.env)
	endpoint := o.text("endpoint")
	if err != nil && endpoint == "" {
		m.throw(fmt.Errorf("kinesis: %w", err))
	}
	if endpoint != "" {
		target = Target{Endpoint: endpoint, Region: firstOf(m.env, "AWS_REGION", "AWS_DEFAULT_REGION"), Stream: target.Stream}
		if target.Region == "" {
			target.Region = "us-east-1"
		}
	}
	if region := o.text("region"); region != "" {
		target.Region = region
	}
	timeout, err := o.duration("timeout", plan.DefaultPut.Timeout)
	if err != nil {
		m.throw(fmt.Errorf("kinesis: %w", err))
	}
	named := target
	named.Stream = ""
	m.announce(named)
	return target, timeout
}

// producerOf is the producer that options ask for; what they leave open is as
// the environment says, or the parent.
func (m *instance) producerOf(o options) producerKey {
	to := producerKey{}
	to.Target, to.timeout = m.targetOf(o)
	var asked plan.Put
	if spec, err := specFrom(m.env); err == nil && spec != nil {
		asked = spec.Test.Put
	}
	var err error
	if to.retry, err = producer.ParseRetry(cmp.Or(o.text("retry"), m.env("RETRY"), asked.Retry)); err != nil {
		m.throw(fmt.Errorf("kinesis: retry: %w", err))
	}
	if to.encoding, err = producer.ParseEncoding(cmp.Or(o.text("encoding"), m.env("ENCODING"), asked.Encoding)); err != nil {
		m.throw(fmt.Errorf("kinesis: encoding: %w", err))
	}
	return to
}

// put is putRecord and putRecords: a promise of the result.
func (c *client) put(f sobek.FunctionCall, single bool) sobek.Value {
	c.inIteration()
	rt := c.vu.Runtime()
	p, records := c.arguments(f, single)
	promise, resolve, _ := rt.NewPromise()
	enqueue := c.vu.RegisterCallback()
	due := time.Now()
	ctx := c.vu.Context()
	go func() {
		var result producer.Result
		p.Put(ctx, records, &result)
		// Back on the VU's event loop: only there may its runtime be touched.
		enqueue(func() error {
			c.account(records, due, &result)
			return resolve(c.answer(&result, single))
		})
	}()
	return rt.ToValue(promise)
}

// putSync is putRecordSync and putRecordsSync: it blocks the VU.
func (c *client) putSync(f sobek.FunctionCall, single bool) sobek.Value {
	c.inIteration()
	p, records := c.arguments(f, single)
	due := time.Now()
	var result producer.Result
	p.Put(c.vu.Context(), records, &result)
	c.account(records, due, &result)
	return c.answer(&result, single)
}

// arguments reads (stream, record or records).
func (c *client) arguments(f sobek.FunctionCall, single bool) (*producer.Producer, []producer.Record) {
	to := c.to
	to.Stream, to.StreamARN, to.single = f.Argument(0).String(), "", single
	if common.IsNullish(f.Argument(0)) || to.Stream == "" {
		c.throw(errors.New("kinesis: the first argument must be the stream's name"))
	}
	var records []producer.Record
	if single {
		records = append(records, c.record(f.Argument(1)))
	} else {
		c.vu.Runtime().ForOf(f.Argument(1), func(v sobek.Value) bool {
			records = append(records, c.record(v))
			return true
		})
	}
	if n := len(records); n < 1 || n > quota.PutRecordsMaxRecords {
		c.throw(fmt.Errorf("kinesis: %d records in one call: at least 1 and at most %d", n, quota.PutRecordsMaxRecords))
	}
	p, err := c.extension.producerFor(to, c.env)
	if err != nil {
		c.throw(fmt.Errorf("kinesis: %w", err))
	}
	return p, records
}

// record reads one record; its data is copied, for the script may go on to
// change a buffer.
func (c *client) record(v sobek.Value) producer.Record {
	o := c.optionsOf(v)
	data := o.value("data")
	if data == nil || o.text("partitionKey") == "" {
		c.throw(errors.New("kinesis: a record needs data and partitionKey"))
	}
	bytes, err := common.ToBytes(data.Export())
	if err != nil {
		c.throw(fmt.Errorf("kinesis: a record's data: %w", err))
	}
	return producer.Record{
		Data: slices.Clone(bytes), PartitionKey: o.text("partitionKey"), ExplicitHashKey: o.text("explicitHashKey"),
	}
}

// account counts a call of records without tokens.
func (c *client) account(records []producer.Record, due time.Time, result *producer.Result) {
	n := uint64(len(records))
	c.count(sent{
		first: c.extension.slots.Add(n) - n, due: func(uint64) time.Time { return due },
		lateness: result.Started.Sub(due), records: records,
		token: func(int) bool { return false }, result: result,
	})
}

// count tells the parent and k6 what became of a call. It must run on the VU's
// event loop.
func (m *instance) count(s sent) {
	m.extension.tally.send(s)
	var r report
	r.add(s)
	m.metrics.push(m.vu, r.counts)
}

// answer is the script's view of a result.
func (c *client) answer(r *producer.Result, single bool) sobek.Value {
	rt := c.vu.Runtime()
	entries := make([]map[string]any, len(r.Records))
	failed := 0
	for i, o := range r.Records {
		if o.Fate == producer.Accepted {
			entries[i] = map[string]any{"ShardId": string(o.ShardID), "SequenceNumber": string(o.SequenceNumber)}
			continue
		}
		failed++
		entries[i] = map[string]any{"ErrorCode": o.Cause, "ErrorMessage": o.Message}
	}
	if single {
		return rt.ToValue(entries[0])
	}
	return rt.ToValue(map[string]any{"FailedRecordCount": failed, "Records": entries})
}
