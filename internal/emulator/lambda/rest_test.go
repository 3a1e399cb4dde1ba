package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
)

// client is AWS's client for a pipeline's server.
func client(t *testing.T, server *Server) *sdk.Client {
	t.Helper()
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return sdk.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: new(web.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

// echo answers with the payload, fails on "fail", and logs a line.
func echo(_ context.Context, inv Invocation) ([]byte, []string, error) {
	payload := inv.Payload()
	if string(payload) == `"fail"` {
		return nil, nil, &FunctionError{Type: "Unwilling", Message: "will not"}
	}
	return payload, []string{"echoed"}, nil
}

func TestInvoke(t *testing.T) {
	server, o := pipeline(t, newStream(1), FunctionConfig{InProcess: echo}, MappingConfig{})
	c := client(t, server)
	out, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("arn:aws:lambda:us-east-1:123456789012:function:f"), Payload: []byte(`{"a":1}`), LogType: types.LogTypeTail})
	if err != nil {
		t.Fatal(err)
	}
	if string(out.Payload) != `{"a":1}` || out.StatusCode != http.StatusOK || out.FunctionError != nil || *out.ExecutedVersion != "$LATEST" {
		t.Errorf("%+v", out)
	}
	log, err := base64.StdEncoding.DecodeString(*out.LogResult)
	if err != nil || !strings.HasPrefix(string(log), "START RequestId: ") || !strings.Contains(string(log), "\nechoed\nEND ") {
		t.Errorf("log %q, %v", log, err)
	}

	out, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f"), Payload: []byte(`"fail"`)})
	if err != nil || aws.ToString(out.FunctionError) != "Unhandled" || string(out.Payload) != `{"errorType":"Unwilling","errorMessage":"will not"}` {
		t.Errorf("%s, %v", out.Payload, err)
	}

	out, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f"), InvocationType: types.InvocationTypeDryRun})
	if err != nil || out.StatusCode != http.StatusNoContent {
		t.Errorf("%+v, %v", out, err)
	}
	before := o.sum("Invocations")
	out, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f"), InvocationType: types.InvocationTypeEvent})
	if err != nil || out.StatusCode != http.StatusAccepted {
		t.Errorf("%+v, %v", out, err)
	}
	await(t, "the event", func() bool { return o.sum("Invocations") == before+1 })
}

func TestInvokeRefusals(t *testing.T) {
	server, _ := pipeline(t, newStream(1), FunctionConfig{InProcess: echo, ReservedConcurrency: new(0)}, MappingConfig{})
	c := client(t, server)
	_, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f")})
	throttled, ok := errors.AsType[*types.TooManyRequestsException](err)
	if !ok || throttled.Reason != types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded || aws.ToString(throttled.RetryAfterSeconds) != "1" {
		t.Errorf("%+v", err)
	}
	_, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("g")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("%v", err)
	}
	_, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f"), Payload: []byte("{")})
	if _, ok := errors.AsType[*types.InvalidRequestContentException](err); !ok {
		t.Errorf("%v", err)
	}
	_, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f"), Payload: []byte(`"` + strings.Repeat("x", 6<<20) + `"`)})
	if _, ok := errors.AsType[*types.RequestTooLargeException](err); !ok {
		t.Errorf("%v", err)
	}
	_, err = c.CreateFunction(t.Context(), &sdk.CreateFunctionInput{FunctionName: new("h"), Role: new("arn:aws:iam::123456789012:role/r"), Code: &types.FunctionCode{ZipFile: []byte("zip")}})
	if _, ok := errors.AsType[*types.InvalidParameterValueException](err); !ok {
		t.Errorf("%v", err)
	}
}

func TestFunctionOperations(t *testing.T) {
	server, _ := pipeline(t, newStream(1), FunctionConfig{InProcess: echo, Timeout: 5 * time.Second, Env: map[string]string{"A": "b"}}, MappingConfig{})
	c := client(t, server)
	configuration, err := c.GetFunctionConfiguration(t.Context(), &sdk.GetFunctionConfigurationInput{FunctionName: new("f")})
	if err != nil {
		t.Fatal(err)
	}
	if *configuration.Timeout != 5 || *configuration.MemorySize != 128 || configuration.Environment.Variables["A"] != "b" {
		t.Errorf("%+v", configuration)
	}
	concurrency, err := c.GetFunctionConcurrency(t.Context(), &sdk.GetFunctionConcurrencyInput{FunctionName: new("f")})
	if err != nil || concurrency.ReservedConcurrentExecutions != nil {
		t.Errorf("%+v, %v", concurrency, err)
	}
	if _, err := c.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{FunctionName: new("f"), ReservedConcurrentExecutions: new(int32(300))}); err != nil {
		t.Fatal(err)
	}
	_, err = c.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{FunctionName: new("f"), ReservedConcurrentExecutions: new(int32(901))})
	if _, ok := errors.AsType[*types.InvalidParameterValueException](err); !ok {
		t.Errorf("a reservation that leaves 99: %v", err)
	}
	function, err := c.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: new("f")})
	if err != nil || *function.Concurrency.ReservedConcurrentExecutions != 300 || *function.Configuration.FunctionArn != *configuration.FunctionArn {
		t.Errorf("%+v, %v", function, err)
	}
	concurrency, err = c.GetFunctionConcurrency(t.Context(), &sdk.GetFunctionConcurrencyInput{FunctionName: new("f")})
	if err != nil || *concurrency.ReservedConcurrentExecutions != 300 {
		t.Errorf("%+v, %v", concurrency, err)
	}
	account, err := c.GetAccountSettings(t.Context(), &sdk.GetAccountSettingsInput{})
	if err != nil || account.AccountLimit.ConcurrentExecutions != 1000 || *account.AccountLimit.UnreservedConcurrentExecutions != 700 {
		t.Errorf("%+v, %v", account, err)
	}
	list, err := c.ListFunctions(t.Context(), &sdk.ListFunctionsInput{})
	if err != nil || len(list.Functions) != 1 || *list.Functions[0].FunctionName != "f" {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestMappingAnswerHasTheDefaults sees Lambda's documented defaults through its
// own client.
func TestMappingAnswerHasTheDefaults(t *testing.T) {
	server, _ := pipeline(t, newStream(1), FunctionConfig{InProcess: echo}, MappingConfig{})
	got, err := client(t, server).CreateEventSourceMapping(t.Context(), &sdk.CreateEventSourceMappingInput{
		EventSourceArn: new(testStream), FunctionName: new("f"), StartingPosition: types.EventSourcePositionLatest,
	})
	if err != nil {
		t.Fatal(err)
	}
	uuid := *got.UUID
	want := &sdk.CreateEventSourceMappingOutput{
		BatchSize: new(int32(100)), BisectBatchOnFunctionError: new(false),
		DestinationConfig:     &types.DestinationConfig{OnFailure: &types.OnFailure{}},
		EventSourceArn:        new(testStream),
		EventSourceMappingArn: new("arn:aws:lambda:us-east-1:123456789012:event-source-mapping:" + uuid),
		FunctionArn:           new("arn:aws:lambda:us-east-1:123456789012:function:f"),
		FunctionResponseTypes: []types.FunctionResponseType{},
		LastModified:          got.LastModified, LastProcessingResult: new("No records processed"),
		MaximumBatchingWindowInSeconds: new(int32(0)), MaximumRecordAgeInSeconds: new(int32(-1)),
		MaximumRetryAttempts: new(int32(-1)), ParallelizationFactor: new(int32(1)),
		StartingPosition: types.EventSourcePositionLatest, State: new("Creating"), StateTransitionReason: new("User action"),
		TumblingWindowInSeconds: new(int32(0)), UUID: &uuid,
		MetricsConfig: &types.EventSourceMappingMetricsConfig{Metrics: []types.EventSourceMappingMetric{"EventCount"}}, // ours: always on
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".ResultMetadata" || name == ".noSmithyDocumentSerde"
	}, cmp.Ignore())
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMappingLife(t *testing.T) {
	s := newStream(1)
	s.put(0, 5)
	server, o := pipeline(t, s, FunctionConfig{Work: &WorkModel{}}, MappingConfig{})
	c := client(t, server)
	created, err := c.CreateEventSourceMapping(t.Context(), &sdk.CreateEventSourceMappingInput{
		EventSourceArn: new(testStream), FunctionName: new("f"), StartingPosition: types.EventSourcePositionTrimHorizon,
	})
	if err != nil {
		t.Fatal(err)
	}
	state := func() string {
		got, err := c.GetEventSourceMapping(t.Context(), &sdk.GetEventSourceMappingInput{UUID: created.UUID})
		if err != nil {
			return "gone"
		}
		return *got.State + ", " + *got.LastProcessingResult
	}
	await(t, "the first records", func() bool { return state() == "Enabled, OK" })

	disabled, err := c.UpdateEventSourceMapping(t.Context(), &sdk.UpdateEventSourceMappingInput{UUID: created.UUID, Enabled: new(false)})
	if err != nil || *disabled.State != "Disabling" {
		t.Fatalf("%+v, %v", disabled, err)
	}
	await(t, "the drain", func() bool { return state() == "Disabled, OK" })
	s.put(0, 3)

	enabled, err := c.UpdateEventSourceMapping(t.Context(), &sdk.UpdateEventSourceMappingInput{UUID: created.UUID, Enabled: new(true), BatchSize: new(int32(1))})
	if err != nil || *enabled.State != "Enabling" || *enabled.BatchSize != 1 {
		t.Fatalf("%+v, %v", enabled, err)
	}
	await(t, "the start", func() bool { return state() == "Enabled, OK" })
	updated, err := c.UpdateEventSourceMapping(t.Context(), &sdk.UpdateEventSourceMappingInput{UUID: created.UUID, MaximumRetryAttempts: new(int32(3))})
	if err != nil || *updated.State != "Updating" || *updated.BatchSize != 1 || updated.LastModified.Before(*enabled.LastModified) {
		t.Fatalf("%+v, %v", updated, err)
	}
	await(t, "the other records, one at a time", func() bool { return o.sum("Invocations") == 4 && o.sum("InvokedEventCount") == 8 })

	list, err := c.ListEventSourceMappings(t.Context(), &sdk.ListEventSourceMappingsInput{FunctionName: new("f"), EventSourceArn: new(testStream)})
	if err != nil || len(list.EventSourceMappings) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	await(t, "the update", func() bool { return state() == "Enabled, OK" })
	deleted, err := c.DeleteEventSourceMapping(t.Context(), &sdk.DeleteEventSourceMappingInput{UUID: created.UUID})
	if err != nil || *deleted.State != "Deleting" {
		t.Errorf("%+v, %v", deleted, err)
	}
	await(t, "the end", func() bool { return state() == "gone" })
}

func TestMappingFiltersThroughTheAPI(t *testing.T) {
	server, _ := pipeline(t, newStream(1), FunctionConfig{InProcess: echo}, MappingConfig{})
	c := client(t, server)
	criteria := func(patterns ...string) *types.FilterCriteria {
		filters := &types.FilterCriteria{Filters: []types.Filter{}}
		for _, p := range patterns {
			filters.Filters = append(filters.Filters, types.Filter{Pattern: &p})
		}
		return filters
	}
	created, err := c.CreateEventSourceMapping(t.Context(), &sdk.CreateEventSourceMappingInput{
		EventSourceArn: new(testStream), FunctionName: new("f"), StartingPosition: types.EventSourcePositionLatest,
		FilterCriteria: criteria(`{"data":{"a":["b"]}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	check := func(want ...string) {
		t.Helper()
		got, err := c.GetEventSourceMapping(t.Context(), &sdk.GetEventSourceMappingInput{UUID: created.UUID})
		if err != nil {
			t.Fatal(err)
		}
		var patterns []string
		if got.FilterCriteria != nil {
			for _, f := range got.FilterCriteria.Filters {
				patterns = append(patterns, *f.Pattern)
			}
		}
		if diff := cmp.Diff(want, patterns); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	update := func(f *types.FilterCriteria) error {
		await(t, "the last update", func() bool {
			got, err := c.GetEventSourceMapping(t.Context(), &sdk.GetEventSourceMappingInput{UUID: created.UUID})
			return err == nil && *got.State == "Enabled"
		})
		_, err := c.UpdateEventSourceMapping(t.Context(), &sdk.UpdateEventSourceMappingInput{UUID: created.UUID, FilterCriteria: f})
		return err
	}
	check(`{"data":{"a":["b"]}}`)
	if err := update(criteria(`{"data":"b"}`)); err == nil || !strings.Contains(err.Error(), "Invalid filter pattern definition.") {
		t.Error(err)
	}
	check(`{"data":{"a":["b"]}}`)
	if err := update(criteria(`{"data":{"a":["c"]}}`, `{"data":{"d":[1]}}`)); err != nil {
		t.Error(err)
	}
	check(`{"data":{"a":["c"]}}`, `{"data":{"d":[1]}}`)
	if err := update(criteria()); err != nil {
		t.Error(err)
	}
	check()
}

func TestMappingRefusals(t *testing.T) {
	server, _ := pipeline(t, newStream(1), FunctionConfig{Work: &WorkModel{}}, orders(10))
	c := client(t, server)
	for name, test := range map[string]struct {
		change func(*sdk.CreateEventSourceMappingInput)
		want   string
	}{
		"again":    {func(*sdk.CreateEventSourceMappingInput) {}, "ResourceConflictException: The event source arn"},
		"stream":   {func(i *sdk.CreateEventSourceMappingInput) { i.EventSourceArn = new(testStream + "2") }, "InvalidParameterValueException: Stream not found: " + testStream + "2"},
		"function": {func(i *sdk.CreateEventSourceMappingInput) { i.FunctionName = new("g") }, "ResourceNotFoundException: Function not found"},
		"batch":    {func(i *sdk.CreateEventSourceMappingInput) { i.BatchSize = new(int32(10001)) }, "InvalidParameterValueException: Value '10001' at 'batchSize'"},
		"no batch": {func(i *sdk.CreateEventSourceMappingInput) { i.BatchSize = new(int32(0)) }, "InvalidParameterValueException: Value '0' at 'batchSize'"},
		"lanes":    {func(i *sdk.CreateEventSourceMappingInput) { i.ParallelizationFactor = new(int32(11)) }, "InvalidParameterValueException: Value '11' at 'parallelizationFactor'"},
		"window":   {func(i *sdk.CreateEventSourceMappingInput) { i.MaximumBatchingWindowInSeconds = new(int32(301)) }, "InvalidParameterValueException: Value '301'"},
		"age":      {func(i *sdk.CreateEventSourceMappingInput) { i.MaximumRecordAgeInSeconds = new(int32(59)) }, "InvalidParameterValueException: Value '59'"},
		"age 0":    {func(i *sdk.CreateEventSourceMappingInput) { i.MaximumRecordAgeInSeconds = new(int32(0)) }, "InvalidParameterValueException: MaximumRecordAgeInSeconds must be"},
		"position": {func(i *sdk.CreateEventSourceMappingInput) { i.StartingPosition = "" }, "InvalidParameterValueException: StartingPosition must be"},
		"tumbling": {func(i *sdk.CreateEventSourceMappingInput) { i.TumblingWindowInSeconds = new(int32(901)) }, "InvalidParameterValueException: Value '901' at 'tumblingWindowInSeconds'"},
		"tumbling lanes": {func(i *sdk.CreateEventSourceMappingInput) {
			i.TumblingWindowInSeconds, i.ParallelizationFactor = new(int32(30)), new(int32(2))
		}, "InvalidParameterValueException: The embedded Lambda has no tumbling windows with"},
		"destination": {func(i *sdk.CreateEventSourceMappingInput) {
			i.DestinationConfig = &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: new("arn:aws:lambda:us-east-1:1:function:f")}}
		}, "InvalidParameterValueException: The on-failure destination"},
		"filtering": {func(i *sdk.CreateEventSourceMappingInput) {
			i.FilterCriteria = &types.FilterCriteria{Filters: []types.Filter{{Pattern: new("{}")}}}
		}, "InvalidParameterValueException: Invalid filter pattern definition."},
	} {
		t.Run(name, func(t *testing.T) {
			input := &sdk.CreateEventSourceMappingInput{EventSourceArn: new(testStream), FunctionName: new("f"), StartingPosition: types.EventSourcePositionLatest}
			test.change(input)
			_, err := c.CreateEventSourceMapping(t.Context(), input)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}
