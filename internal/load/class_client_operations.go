package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	"github.com/grafana/sobek"
)

// operation is one operation of the API: parameters as JSON, the SDK's output.
type operation func(ctx context.Context, api *kinesis.Client, params []byte) (any, error)

// operations are the API's operations that a Client has beside the puts, by
// method name. Each takes the API's parameters as one object, in the API's
// spelling or with a small first letter; a text stands for { StreamName }. They
// go through AWS's SDK with its standard retries: they are for setting up,
// tearing down and reading back, and nothing of theirs is counted as load.
var operations = map[string]operation{
	"addTagsToStream":               operationOf((*kinesis.Client).AddTagsToStream),
	"createStream":                  operationOf((*kinesis.Client).CreateStream),
	"decreaseStreamRetentionPeriod": operationOf((*kinesis.Client).DecreaseStreamRetentionPeriod),
	"deleteStream":                  operationOf((*kinesis.Client).DeleteStream),
	"deregisterStreamConsumer":      operationOf((*kinesis.Client).DeregisterStreamConsumer),
	"describeLimits":                operationOf((*kinesis.Client).DescribeLimits),
	"describeStream":                operationOf((*kinesis.Client).DescribeStream),
	"describeStreamConsumer":        operationOf((*kinesis.Client).DescribeStreamConsumer),
	"describeStreamSummary":         operationOf((*kinesis.Client).DescribeStreamSummary),
	"getRecords":                    operationOf((*kinesis.Client).GetRecords),
	"getShardIterator":              operationOf((*kinesis.Client).GetShardIterator),
	"increaseStreamRetentionPeriod": operationOf((*kinesis.Client).IncreaseStreamRetentionPeriod),
	"listShards":                    operationOf((*kinesis.Client).ListShards),
	"listStreamConsumers":           operationOf((*kinesis.Client).ListStreamConsumers),
	"listStreams":                   operationOf((*kinesis.Client).ListStreams),
	"listTagsForStream":             operationOf((*kinesis.Client).ListTagsForStream),
	"mergeShards":                   operationOf((*kinesis.Client).MergeShards),
	"registerStreamConsumer":        operationOf((*kinesis.Client).RegisterStreamConsumer),
	"removeTagsFromStream":          operationOf((*kinesis.Client).RemoveTagsFromStream),
	"splitShard":                    operationOf((*kinesis.Client).SplitShard),
	"subscribeToShard":              subscribeToShard,
	"updateShardCount":              operationOf((*kinesis.Client).UpdateShardCount),
	"updateStreamMode":              operationOf((*kinesis.Client).UpdateStreamMode),
	"waitUntilStreamExists":         waitUntilStreamExists,
}

// operationOf makes an operation of an SDK method.
func operationOf[In, Out any](call func(*kinesis.Client, context.Context, *In, ...func(*kinesis.Options)) (*Out, error)) operation {
	return func(ctx context.Context, api *kinesis.Client, params []byte) (any, error) {
		in := new(In)
		if err := decodeParameters(params, in); err != nil {
			return nil, err
		}
		return call(api, ctx, in)
	}
}

// maxWait is how long waitUntilStreamExists waits.
const maxWait = 5 * time.Minute

// waitUntilStreamExists waits for a stream that was created or changed to
// become ACTIVE.
func waitUntilStreamExists(ctx context.Context, api *kinesis.Client, params []byte) (any, error) {
	in := new(kinesis.DescribeStreamSummaryInput)
	if err := decodeParameters(params, in); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(maxWait); ; {
		out, err := api.DescribeStreamSummary(ctx, in)
		if err != nil {
			return nil, err
		}
		status := out.StreamDescriptionSummary.StreamStatus
		if status == "ACTIVE" {
			return out, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the stream is still %s after %v", status, maxWait)
		}
		if !sleep(ctx, time.Second) { // DescribeStreamSummary allows 20 calls a second
			return nil, ctx.Err()
		}
	}
}

// decodeParameters reads a script's parameters into the SDK's input. Names are
// matched without regard to case; one that the API doesn't know is refused.
func decodeParameters(params []byte, in any) error {
	d := json.NewDecoder(bytes.NewReader(params))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return fmt.Errorf("read the parameters: %w", err)
	}
	return nil
}

// operate is one of operations.
func (c *client) operate(f sobek.FunctionCall, name string, op operation) work {
	params, err := parametersOf(f.Argument(0))
	if err == nil && c.api == nil {
		c.api, err = c.newAPI()
	}
	if err != nil {
		c.throw(fmt.Errorf("kinesis: %s: %w", name, err))
	}
	ctx, api := c.vu.Context(), c.api
	return func() settlement {
		out, err := op(ctx, api, params)
		return func() (value, thrown sobek.Value) {
			if err != nil {
				return nil, c.serviceError(name, err)
			}
			return c.scriptValue(reflect.ValueOf(out)), nil
		}
	}
}

// newAPI is the SDK's client of the target.
func (c *client) newAPI() (*kinesis.Client, error) {
	credentials, err := c.to.credentials(c.vu.Context(), c.to.keys, c.env)
	if err != nil {
		return nil, err
	}
	o := kinesis.Options{Region: c.to.Region, Credentials: credentials}
	if c.to.Endpoint != "" {
		o.BaseEndpoint = aws.String(c.to.Endpoint)
	}
	return kinesis.New(o), nil
}

// parametersOf is an operation's argument as JSON.
func parametersOf(v sobek.Value) ([]byte, error) {
	params := map[string]any{}
	switch given := v.Export().(type) {
	case nil:
	case string:
		params["StreamName"] = given
	case map[string]any:
		params = given
	default:
		return nil, errors.New("the argument must be an object of the API's parameters, or the stream's name")
	}
	for _, name := range []string{"Timestamp", "timestamp"} { // seconds, as the API's own JSON has them
		switch seconds := params[name].(type) {
		case int64:
			params[name] = time.Unix(seconds, 0)
		case float64:
			params[name] = time.UnixMilli(int64(seconds * 1000))
		}
	}
	return json.Marshal(params)
}

// serviceError is the Error that a script catches when an operation failed:
// name, code, message and operation as in jslib-aws.
func (m *instance) serviceError(operation string, err error) sobek.Value {
	code, message := "", err.Error()
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	object := m.construct("Error", message)
	for member, v := range map[string]string{"name": "KinesisServiceError", "code": code, "operation": operation} {
		if err := object.Set(member, v); err != nil {
			m.throw(fmt.Errorf("describe the failed %s: %w", operation, err))
		}
	}
	return object
}

// construct makes an object of one of JavaScript's own classes.
func (m *instance) construct(class string, argument any) *sobek.Object {
	rt := m.vu.Runtime()
	object, err := rt.New(rt.Get(class), rt.ToValue(argument))
	if err != nil {
		m.throw(fmt.Errorf("make a %s: %w", class, err))
	}
	return object
}

// scriptValue is an SDK output as a script has it: members in the API's
// spelling, without those that are not set; a time as a Date, a blob as an
// ArrayBuffer.
func (m *instance) scriptValue(v reflect.Value) sobek.Value {
	rt := m.vu.Runtime()
	switch typed := v.Interface().(type) {
	case time.Time:
		return m.construct("Date", typed.UnixMilli())
	case []byte:
		return rt.ToValue(rt.NewArrayBuffer(typed))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return sobek.Undefined()
		}
		return m.scriptValue(v.Elem())
	case reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = m.scriptValue(v.Index(i))
		}
		return rt.NewArray(items...)
	case reflect.Struct:
		return m.scriptObject(v)
	case reflect.String: // the SDK's enumerations are types of their own
		return rt.ToValue(v.String())
	}
	return rt.ToValue(v.Interface())
}

func (m *instance) scriptObject(v reflect.Value) sobek.Value {
	object := m.vu.Runtime().NewObject()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" { // the SDK's own, not the API's
			continue
		}
		member := m.scriptValue(v.Field(i))
		if sobek.IsUndefined(member) {
			continue
		}
		if err := object.Set(field.Name, member); err != nil {
			m.throw(fmt.Errorf("set %s: %w", field.Name, err))
		}
	}
	return object
}
