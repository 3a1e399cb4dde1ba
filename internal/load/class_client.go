package load

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"

	"weir/internal/plan"
	"weir/internal/producer"
	"weir/internal/quota"
)

// client is the class Client: puts records that the script makes, and calls the
// API's other operations (see operations).
//
//	const client = new Client({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:4567' });
//	const result = client.putRecordsSync('orders', [{ data: '…', partitionKey: 'k' }]);
//	const result = await client.putRecords('orders', [...]);
//
// What became of records is in the result, shaped like the AWS SDK's: an entry
// has ShardId and SequenceNumber, or ErrorCode and ErrorMessage. Puts throw for
// misuse only; the other operations throw what the service refuses.
type client struct {
	*instance
	to  producerKey     // but for the stream
	api *kinesis.Client // made at the first operation that is not a put
}

func (m *instance) newClient(call sobek.ConstructorCall) *sobek.Object {
	c := &client{instance: m, to: m.producerOf(m.optionsOf(call.Argument(0)))}
	for name, single := range map[string]bool{"putRecord": true, "putRecords": false} {
		m.forms(call.This, name, name+"Sync", func(f sobek.FunctionCall) work { return c.put(f, single) })
	}
	for name, op := range operations {
		m.forms(call.This, name, name+"Sync", func(f sobek.FunctionCall) work { return c.operate(f, name, op) })
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

// keysOf are the credentials that a script gives itself; zero where it gives
// none.
func (m *instance) keysOf(o options) accessKeys {
	given := m.optionsOf(o.value("credentials"))
	keys := accessKeys{given.text("accessKeyId"), given.text("secretAccessKey"), given.text("sessionToken")}
	if given.object != nil && (keys.id == "" || keys.secret == "") {
		m.throw(errors.New("kinesis: credentials need accessKeyId and secretAccessKey"))
	}
	return keys
}

// producerOf is the producer that options ask for; what they leave open is as
// the environment says, or the parent.
func (m *instance) producerOf(o options) producerKey {
	to := producerKey{keys: m.keysOf(o)}
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

// put is putRecord and putRecords.
func (c *client) put(f sobek.FunctionCall, single bool) work {
	p, records := c.arguments(f, single)
	p.Prepare()
	due := time.Now()
	ctx := c.vu.Context()
	return func() settlement {
		var result producer.Result
		p.Put(ctx, records, &result)
		return func() (value, thrown sobek.Value) {
			c.account(p, records, due, &result)
			return c.answer(&result, single), nil
		}
	}
}

// arguments reads (stream, record or records).
func (c *client) arguments(f sobek.FunctionCall, single bool) (*outlet, []producer.Record) {
	to := c.to
	to.Stream, to.StreamARN, to.single = f.Argument(0).String(), "", single
	if common.IsNullish(f.Argument(0)) || to.Stream == "" {
		c.throw(errors.New("kinesis: the first argument must be the stream's name or ARN"))
	}
	if strings.HasPrefix(to.Stream, "arn:") {
		to.Stream, to.StreamARN = "", to.Stream
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
	p, err := c.extension.outletFor(to, c.env)
	if err != nil {
		c.throw(fmt.Errorf("kinesis: %w", err))
	}
	return p, records
}

// record reads one record.
func (c *client) record(v sobek.Value) producer.Record {
	o := c.optionsOf(v)
	data := o.value("data")
	if data == nil || o.text("partitionKey") == "" {
		c.throw(errors.New("kinesis: a record needs data and partitionKey"))
	}
	return producer.Record{Data: c.bytes(data), PartitionKey: o.text("partitionKey"), ExplicitHashKey: o.text("explicitHashKey")}
}

// bytes are those of a string (as UTF-8), an ArrayBuffer, a view of one (typed
// array, DataView) or an array of byte values. They are copied, for the script
// may go on to change a buffer.
func (c *client) bytes(data sobek.Value) []byte {
	if text, ok := data.Export().(string); ok {
		return []byte(text)
	}
	var b []byte
	if _, isObject := data.(*sobek.Object); !isObject || c.vu.Runtime().ExportTo(data, &b) != nil {
		c.throw(errors.New("kinesis: a record's data must be a string, an ArrayBuffer, a typed array or an array of bytes"))
	}
	return slices.Clone(b)
}

// account counts a call of records without tokens.
func (c *client) account(o *outlet, records []producer.Record, due time.Time, result *producer.Result) {
	s := sent{
		first: c.extension.take(o, uint64(len(records))), due: func(uint64) time.Time { return due },
		lateness: result.Started.Sub(due), records: records,
		token: func(int) bool { return false }, result: result,
	}
	c.extension.count(o, s)
	var r report
	r.add(s)
	c.metrics.push(c.vu, r.counts)
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
	answer := map[string]any{"FailedRecordCount": failed, "Records": entries}
	if r.Err != nil { // the call failed as a whole, and every record for the same reason
		answer["ErrorCode"], answer["ErrorMessage"] = r.Records[0].Cause, r.Records[0].Message
	}
	return rt.ToValue(answer)
}
