package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scenario is how one recorded scenario is played: what its function answers,
// and what its client does and compares.
type scenario struct {
	answer answerer
	play   func(r *recording)
}

// TestRecordedScenarios plays every recorded scenario, and says so of one that
// it does not know. All of them agree, but for values that name or date
// something, and for MetricsConfig, which ours have on.
func TestRecordedScenarios(t *testing.T) {
	recorded := recordedScenarios(t)
	ours := scenarios()
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		t.Run(name, func(t *testing.T) {
			s, ok := ours[name]
			if !ok {
				t.Fatal("not played")
			}
			synctest.Test(t, func(t *testing.T) { s.play(newRecording(t, recorded[name], s.answer)) })
		})
	}
	if len(recorded) != len(ours) {
		t.Errorf("%d scenarios are recorded, %d played", len(recorded), len(ours))
	}
}

const (
	created = "create_event_source_mapping_response"
	sqs     = `"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:123456789012:failures"}}`
	slowOne = `"StartingPosition":"TRIM_HORIZON","BatchSize":1,"MaximumBatchingWindowInSeconds":1`
)

func scenarios() map[string]scenario {
	all := map[string]scenario{
		"test_create_kinesis_event_source_mapping":                                              {play: playLatest},
		"test_kinesis_event_source_mapping_with_async_invocation":                               {play: playTwoBatches},
		"test_kinesis_event_source_trim_horizon":                                                {play: playTrimHorizon},
		"test_disable_kinesis_event_source_mapping":                                             {play: playDisable},
		"test_duplicate_event_source_mappings":                                                  {play: playDuplicate},
		"test_create_kinesis_event_source_mapping_multiple_lambdas_single_kinesis_event_stream": {play: playTwoFunctions},
		"test_kinesis_event_filtering_json_pattern":                                             {play: playFilters},
		"test_kinesis_empty_provided":                                                           {answer: says(""), play: playEmptyAnswer},
		"test_esm_with_not_existing_kinesis_stream":                                             {play: playNoStream},
		"test_kinesis_event_source_mapping_with_on_failure_destination_config":                  {answer: raises, play: playToQueue},
		"test_kinesis_event_source_mapping_with_sns_on_failure_destination_config":              {answer: raises, play: playToTopic},
		"test_kinesis_event_source_mapping_with_s3_on_failure_destination":                      {answer: raises, play: playToBucket},
		"test_kinesis_report_batch_item_failures":                                               {answer: names, play: playItemFailures},
		"test_kinesis_maximum_record_age_exceeded[expire-while-retrying]":                       {answer: raises, play: playExpireRetrying},
		"test_kinesis_maximum_record_age_exceeded[expire-before-ingestion]":                     {answer: raises, play: playExpireBefore},
		"test_kinesis_maximum_record_age_exceeded_discard_records":                              {play: playExpireFirst},
	}
	for name, response := range map[string]string{
		"empty_string": `""`, "empty_list": `[]`, "null": `null`, "empty_dict": `{}`,
		"empty_batch_item_failure": `{"batchItemFailures":[]}`, "null_batch_item_failure": `{"batchItemFailures":null}`,
	} {
		all["test_kinesis_report_batch_item_success_scenarios["+name+"_success]"] = scenario{says(response), playItemSuccess}
	}
	for name, answer := range map[string]answerer{
		"empty_string_item_identifier_failure": says(`{"batchItemFailures":[{"itemIdentifier":""}]}`),
		"null_item_identifier_failure":         says(`{"batchItemFailures":[{"itemIdentifier":null}]}`),
		"invalid_key_foo_failure":              says(`{"batchItemFailures":[{"foo":123}]}`),
		"invalid_key_foo_null_value_failure":   says(`{"batchItemFailures":[{"foo":null}]}`),
		"item_identifier_not_present_failure":  says(`{"batchItemFailures":[{"itemIdentifier":123}]}`),
		"unhandled_exception_in_function":      raises,
	} {
		all["test_kinesis_report_batch_item_failure_scenarios["+name+"]"] = scenario{answer, playItemFailure}
	}
	return all
}

func says(response string) answerer { return func([]*Record) (string, error) { return response, nil } }

func raises([]*Record) (string, error) { return "", errors.New("raised") }

// names answers with the first record that is to fail.
func names(records []*Record) (string, error) {
	for _, record := range records {
		if string(record.Data) == `{"should_fail": true}` {
			return `{"batchItemFailures":[{"itemIdentifier":"` + record.SequenceNumber + `"}]}`, nil
		}
	}
	return `{"batchItemFailures":[]}`, nil
}

// put appends n records with the key, numbered as the recorded ones are.
func (r *recording) put(key string, n int) {
	for i := range n {
		r.stream.putData(0, key, fmt.Sprintf(`{"record_id": %d}`, i))
	}
}

func playLatest(r *recording) {
	r.create(created, `"StartingPosition":"LATEST"`)
	for i := range 10 {
		r.stream.putData(0, fmt.Sprint("test_", i), "hello")
	}
	time.Sleep(10 * time.Second)
	r.same(r.want["kinesis_records"], r.records("f"))
}

// sameEvents compares with events that were recorded with their time.
func (r *recording) sameEvents() {
	r.t.Helper()
	var want []any
	for _, event := range r.want["invocation_events"].([]any) {
		want = append(want, event.(map[string]any)["event"])
	}
	r.same(want, r.got("f"))
}

func playTwoBatches(r *recording) {
	r.create(created, `"StartingPosition":"LATEST","BatchSize":10`)
	r.put("test_0", 10)
	r.put("test_1", 10)
	time.Sleep(10 * time.Second)
	r.sameEvents()
}

func playTrimHorizon(r *recording) {
	r.put("test_0", 10)
	r.put("test_1", 10)
	r.create(created, `"StartingPosition":"TRIM_HORIZON","BatchSize":10`)
	r.put("test_3", 10)
	time.Sleep(10 * time.Second)
	r.sameEvents()
}

func playDisable(r *recording) {
	uuid := r.create(created, `"StartingPosition":"LATEST","BatchSize":10`)
	r.put("test", 10)
	time.Sleep(10 * time.Second)
	r.request("PUT", uuid, `{"Enabled":false}`)
	time.Sleep(10 * time.Second)
	if state := r.request("GET", uuid, "")["State"]; state != stateDisabled {
		r.t.Errorf("state %v", state)
	}
	r.put("test", 10)
	time.Sleep(10 * time.Second)
	r.same(r.want["invocation_events"], r.got("f"))
}

func playDuplicate(r *recording) {
	r.create("create", `"StartingPosition":"LATEST"`)
	r.create("error", `"StartingPosition":"LATEST"`)
}

func playTwoFunctions(r *recording) {
	r.create(created+"-a", `"StartingPosition":"TRIM_HORIZON"`)
	r.create(created+"-b", `"StartingPosition":"TRIM_HORIZON","FunctionName":"g"`)
	r.stream.putData(0, "test_1", "hello")
	time.Sleep(10 * time.Second)
	r.same(r.want["kinesis_records-a"], r.records("f"))
	r.same(r.want["kinesis_records-b"], r.records("g"))
}

// playFilters: two functions share a stream, each with a filter of its own. The
// function was recorded to print the data of its records.
func playFilters(r *recording) {
	for i, function := range []string{"f", "g"} {
		pattern, err := json.Marshal(fmt.Sprintf(`{"data": {"event_type": ["function_%d"]}}`, i+1))
		if err != nil {
			r.t.Fatal(err)
		}
		recorded := []string{created, "create_event_source_mapping_2_response"}[i]
		r.create(recorded, slowOne+`,"MaximumRetryAttempts":1,"FilterCriteria":{"Filters":[{"Pattern":`+string(pattern)+`}]},"FunctionName":"`+function+`"`)
	}
	messages := []string{`{"event_type": "function_1", "message": "foo"}`, `{"event_type": "function_2", "message": "bar"}`}
	r.stream.putData(0, "custom", messages[0])
	r.stream.putData(0, "custom", messages[1])
	time.Sleep(10 * time.Second)
	r.same(r.want["kinesis-record-lambda-payload"], "["+r.data("f")+"]")
	if got := r.data("g"); got != messages[1] {
		r.t.Errorf("the other function got %s", got)
	}
}

// data is the data of all records that the function got.
func (r *recording) data(name string) string {
	var all []string
	for _, record := range r.records(name)["Records"].([]any) {
		var data []byte
		text := record.(map[string]any)["kinesis"].(map[string]any)["data"].(string)
		if err := json.Unmarshal([]byte(`"`+text+`"`), &data); err != nil {
			r.t.Fatal(err)
		}
		all = append(all, string(data))
	}
	return strings.Join(all, ", ")
}

func playEmptyAnswer(r *recording) {
	uuid := r.create(created, slowOne+`,"MaximumRetryAttempts":2`)
	r.stream.putData(0, "test", "hello")
	time.Sleep(10 * time.Second)
	if n := len(r.got("f")); n != 1 {
		r.t.Errorf("%d invocations", n)
	}
	r.same(r.want["get_esm_result"], r.request("GET", uuid, ""))
}

func playNoStream(r *recording) {
	r.create("error", `"StartingPosition":"LATEST","EventSourceArn":"`+testStream+`-missing"`)
}

// body is the document inside the recorded message of a queue.
func body(message any) any {
	return message.(map[string]any)["Messages"].([]any)[0].(map[string]any)["Body"]
}

func playToQueue(r *recording) {
	r.create(created, slowOne+`,"MaximumRetryAttempts":1,`+sqs)
	r.stream.putData(0, "custom", "{}")
	time.Sleep(10 * time.Second)
	r.same(body(r.want["sqs_payload"]), r.theDocument().document)
}

func playToTopic(r *recording) {
	r.create(created, slowOne+`,"MaximumRetryAttempts":1,`+strings.Replace(sqs, "sqs", "sns", 1))
	r.stream.putData(0, "custom", "{}")
	time.Sleep(10 * time.Second)
	r.same(r.want["failure_sns_message"].(map[string]any)["Message"], r.theDocument().document)
}

func playToBucket(r *recording) {
	uuid := r.create(created, slowOne+`,"MaximumRetryAttempts":1,"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:s3:::failures"}}`)
	r.stream.putData(0, "custom", `{"input": "hello", "value": "world", "raise_error": 1}`)
	time.Sleep(10 * time.Second)
	got := r.theDocument()
	at, err := time.Parse(time.RFC3339, got.document.(map[string]any)["timestamp"].(string))
	if err != nil {
		r.t.Fatal(err)
	}
	key := "arn:aws:s3:::failures/aws/lambda/" + uuid + "/shardId-000000000000" + at.Format("/2006/01/02/2006-01-02T15.04.05-")
	if id, found := strings.CutPrefix(got.arn, key); !found || len(id) != len(uuid) {
		r.t.Errorf("object %s, want %s and a UUID", got.arn, key)
	}
	r.same(r.want["record_body"], got.document)
}

const reports = `"FunctionResponseTypes":["ReportBatchItemFailures"],`

func playItemSuccess(r *recording) {
	r.create(created, reports+slowOne+`,"MaximumRetryAttempts":2`)
	r.stream.putData(0, "test", "hello")
	time.Sleep(30 * time.Second)
	r.same(r.want["kinesis_events"], r.got("f"))
}

func playItemFailure(r *recording) {
	r.create(created, reports+slowOne+`,"MaximumRetryAttempts":2,`+sqs)
	r.stream.putData(0, "test", "hello")
	time.Sleep(30 * time.Second)
	r.same(r.want["kinesis_events"], r.got("f"))
	r.same(body(r.want["sqs_payload"]), r.theDocument().document)
}

// playItemFailures: the last of six records is always named.
func playItemFailures(r *recording) {
	for i := range 6 {
		r.stream.putData(0, fmt.Sprint("test_", i), fmt.Sprintf(`{"should_fail": %v}`, i == 5))
	}
	r.create(created, reports+`"StartingPosition":"TRIM_HORIZON","BatchSize":3,"MaximumBatchingWindowInSeconds":1,"MaximumRetryAttempts":3,`+sqs)
	time.Sleep(30 * time.Second)
	r.same(r.want["kinesis_records"], r.records("f"))
	r.same(body(r.want["sqs_payload"]), r.theDocument().document)
}

const age60 = `,"MaximumRecordAgeInSeconds":60,`

func playExpireRetrying(r *recording) {
	r.stream.putData(0, "test", "stream-data")
	r.create(created, slowOne+age60+sqs)
	time.Sleep(2 * time.Minute)
	r.same(body(r.want["record_age_exceeded_payload"]), r.theDocument().document)
}

func playExpireBefore(r *recording) {
	r.stream.putData(0, "test", "stream-data")
	time.Sleep(61 * time.Second)
	r.create(created, slowOne+age60+`"MaximumRetryAttempts":0,`+sqs)
	time.Sleep(2 * time.Minute)
	r.same(body(r.want["record_age_exceeded_payload"]), r.theDocument().document)
}

// playExpireFirst: of one batch the first record is too old.
func playExpireFirst(r *recording) {
	r.stream.putData(0, "test", "stream-data")
	time.Sleep(80 * time.Second)
	for i := range 5 {
		r.stream.putData(0, "test", fmt.Sprint("stream-data-", i+1))
	}
	r.create(created, `"StartingPosition":"TRIM_HORIZON","BatchSize":10,"MaximumBatchingWindowInSeconds":1,"MaximumRetryAttempts":0`+age60+sqs)
	time.Sleep(2 * time.Minute)
	r.same(body(r.want["record_age_exceeded_payload"]), r.theDocument().document)
	r.same(r.want["Records"], r.records("f")["Records"])
}
