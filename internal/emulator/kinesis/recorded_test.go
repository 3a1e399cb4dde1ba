package kinesis

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
)

// recordedFile holds answers recorded from AWS, beside the repository.
const recordedFile = "../../../../shared/recorded/kinesis.snapshot.json"

// recorded is one scenario's content; the test skips where the file is absent.
func recorded(t *testing.T, scenario string, content any) {
	t.Helper()
	text, err := os.ReadFile(recordedFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the answers recorded from AWS are not here: ", recordedFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Content json.RawMessage `json:"recorded-content"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	found, ok := all["tests/aws/services/kinesis/test_kinesis.py::TestKinesis::"+scenario]
	if !ok {
		t.Fatalf("%s has no scenario %s", recordedFile, scenario)
	}
	if err := json.Unmarshal(found.Content, content); err != nil {
		t.Fatal(err)
	}
}

// shape replaces the values of JSON by their kinds, members in order.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = shape(member)
		}
		return out
	case []any:
		out := []any{}
		for _, element := range v {
			out = append(out, shape(element))
		}
		return out
	}
	return "value"
}

func answer(t *testing.T, s *Server, operation, body string) (out map[string]any) {
	t.Helper()
	w := post(s, "Kinesis_20131202."+operation, body)
	if w.Code != 200 {
		t.Fatalf("%s: %s", operation, w.Body)
	}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestRecordedCreateWithoutShardCount(t *testing.T) {
	var want map[string]any
	recorded(t, "test_create_stream_without_shard_count", &want)
	s := New(Config{})
	answer(t, s, "CreateStream", `{"StreamName":"s"}`)
	got := answer(t, s, "ListShards", `{"StreamName":"s"}`)
	if diff := cmp.Diff(shape(want), shape(got)); diff != "" {
		t.Errorf("shape of the shards (-AWS +ours):\n%s", diff)
	}
}

func TestRecordedError(t *testing.T) {
	var want map[string]map[string]string
	recorded(t, "test_cbor_exceptions", &want)
	s := New(Config{AccountID: "111111111111"})
	var got map[string]string
	w := post(s, "Kinesis_20131202.DescribeStreamSummary", `{"StreamName":"wrong-stream-name"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want["cbor-error"], got); diff != "" {
		t.Errorf("(-AWS +ours):\n%s", diff)
	}
	var inCBOR map[string]string
	postCBOR(t, s, "DescribeStreamSummary", map[string]any{"StreamName": "wrong-stream-name"}, &inCBOR)
	if diff := cmp.Diff(want["cbor-error"], inCBOR); diff != "" {
		t.Errorf("in CBOR (-AWS +ours):\n%s", diff)
	}
}

func TestRecordedRecordLifecycle(t *testing.T) {
	var want struct{ Records []map[string]string }
	recorded(t, "test_record_lifecycle_data_integrity", &want)
	s := New(Config{})
	mustCreate(t, s, "s", 1)
	for _, r := range want.Records {
		data := strings.TrimSuffix(strings.TrimPrefix(r["Data"], "b'"), "'")
		answer(t, s, "PutRecord", fmt.Sprintf(`{"StreamName":"s","PartitionKey":%q,"Data":%q}`,
			r["PartitionKey"], base64.StdEncoding.EncodeToString([]byte(data))))
	}
	it := answer(t, s, "GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`)
	got := answer(t, s, "GetRecords", fmt.Sprintf(`{"ShardIterator":%q}`, it["ShardIterator"]))["Records"].([]any)
	if len(got) != len(want.Records) {
		t.Fatalf("read %d records, AWS gave %d", len(got), len(want.Records))
	}
	for i, w := range want.Records {
		r := got[i].(map[string]any)
		data, err := base64.StdEncoding.DecodeString(r["Data"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if "b'"+string(data)+"'" != w["Data"] || r["PartitionKey"] != w["PartitionKey"] {
			t.Errorf("record %d: key %v, data %.40s; AWS gave %s, %.40s", i, r["PartitionKey"], data, w["PartitionKey"], w["Data"])
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(w)), slices.Sorted(maps.Keys(r))); diff != "" {
			t.Errorf("members of record %d (-AWS +ours):\n%s", i, diff)
		}
	}
}

func TestRecordedConsumers(t *testing.T) {
	var want map[string]any
	recorded(t, "test_stream_consumers", &want)
	s := New(Config{})
	mustCreate(t, s, "s", 1)
	arn := s.StreamARN("s")
	answer(t, s, "RegisterStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"consumer"}`, arn))
	got := map[string]any{
		"One_consumer_by_list_stream":     answer(t, s, "ListStreamConsumers", fmt.Sprintf(`{"StreamARN":%q}`, arn))["Consumers"],
		"One_consumer_by_describe_stream": answer(t, s, "DescribeStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"consumer"}`, arn))["ConsumerDescription"],
	}
	if diff := cmp.Diff(shape(want), shape(got)); diff != "" {
		t.Errorf("shape of the consumers (-AWS +ours):\n%s", diff)
	}
}

func TestRecordedTags(t *testing.T) {
	var want struct{ Tags map[string]any }
	recorded(t, "test_add_tags_to_stream", &want)
	s := New(Config{})
	mustCreate(t, s, "s", 1)
	answer(t, s, "AddTagsToStream", `{"StreamName":"s","Tags":{"foo":"bar"}}`)
	got := answer(t, s, "ListTagsForStream", `{"StreamName":"s"}`)["Tags"]
	if diff := cmp.Diff([]any{want.Tags}, got); diff != "" {
		t.Errorf("(-AWS +ours):\n%s", diff)
	}
}

func TestRecordedPolicy(t *testing.T) {
	var want map[string]map[string]any
	recorded(t, "test_resource_policy_crud", &want)
	s := New(Config{})
	mustCreate(t, s, "s", 1)
	resource := fmt.Sprintf(`"ResourceARN":%q`, s.StreamARN("s"))
	check := func(step string) {
		t.Helper()
		var got any
		if err := json.Unmarshal([]byte(answer(t, s, "GetResourcePolicy", "{"+resource+"}")["Policy"].(string)), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[step]["Policy"], got); diff != "" {
			t.Errorf("%s (-AWS +ours):\n%s", step, diff)
		}
	}
	put := func(step string) {
		t.Helper()
		policy, err := json.Marshal(want[step]["Policy"])
		if err != nil {
			t.Fatal(err)
		}
		answer(t, s, "PutResourcePolicy", fmt.Sprintf(`{%s,"Policy":%q}`, resource, policy))
		check(step)
	}
	check("default_policy_if_not_set")
	put("get_resource_policy_after_set")
	put("get_resource_policy_after_update")
	answer(t, s, "DeleteResourcePolicy", "{"+resource+"}")
	check("get_resource_policy_after_delete")
}

func TestRecordedSubscription(t *testing.T) {
	var want struct{ Events []map[string]any }
	recorded(t, "test_subscribe_to_shard", &want)
	now := &clock{now: epoch}
	s := New(Config{Now: now.Now})
	mustCreate(t, s, "s", 1)
	for range want.Events[0]["Records"].([]any) {
		answer(t, s, "PutRecord", `{"StreamName":"s","PartitionKey":"1","Data":"AA=="}`)
	}
	_, sh, err := s.findShard("s", shardID(0), epoch)
	if err != nil {
		t.Fatal(err)
	}
	event, _ := newSubscription(epoch, 0, 1).next(epoch, sh)
	var got map[string]any
	if err := json.Unmarshal(renderEvent(&event, epoch), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shape(want.Events[0]), shape(got)); diff != "" {
		t.Errorf("shape of the event (-AWS +ours):\n%s", diff)
	}
}

// recordedSubscription puts the recorded records and reads them back through
// AWS's client from a position that the puts' numbers decide.
func recordedSubscription(t *testing.T, scenario string, from func(first string) types.StartingPosition) {
	t.Helper()
	var want struct{ Records []map[string]string }
	recorded(t, scenario, &want)
	c, s, _ := start(t, Config{})
	mustCreate(t, s, "s", 1)
	consumer := register(t, c, s, "s", "c")
	first := ""
	for i := range want.Records {
		put, err := c.PutRecord(t.Context(), &client.PutRecordInput{
			StreamName: aws.String("s"), PartitionKey: aws.String("1"), Data: fmt.Appendf(nil, "Hello world_%d", i),
		})
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = *put.SequenceNumber
		}
	}
	events, err := subscribe(c, t, consumer, shardID(0), from(first))
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	e, ok := (<-events.Events()).(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
	if !ok {
		t.Fatalf("no event: %v", events.Err())
	}
	if len(e.Value.Records) != len(want.Records) {
		t.Fatalf("read %d records, AWS gave %d", len(e.Value.Records), len(want.Records))
	}
	for i, w := range want.Records {
		if r := e.Value.Records[i]; "b'"+string(r.Data)+"'" != w["Data"] || *r.PartitionKey != w["PartitionKey"] {
			t.Errorf("record %d: key %s, data %s; AWS gave %s, %s", i, *r.PartitionKey, r.Data, w["PartitionKey"], w["Data"])
		}
	}
}

func TestRecordedSubscriptionAtSequenceNumber(t *testing.T) {
	recordedSubscription(t, "test_subscribe_to_shard_with_sequence_number_as_iterator", func(first string) types.StartingPosition {
		return types.StartingPosition{Type: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: &first}
	})
}

func TestRecordedSubscriptionAtTimestamp(t *testing.T) {
	recordedSubscription(t, "test_subscribe_to_shard_with_at_timestamp", func(string) types.StartingPosition {
		return types.StartingPosition{Type: types.ShardIteratorTypeAtTimestamp, Timestamp: &epoch}
	})
}

// The recording holds nothing but that AWS takes the request: a subscription in
// CBOR, its timestamp in milliseconds under tag 1.
func TestRecordedSubscriptionInCBOR(t *testing.T) {
	synctest.Test(t, recordedSubscriptionInCBOR)
}

func recordedSubscriptionInCBOR(t *testing.T) {
	var want struct{}
	recorded(t, "test_subscribe_to_shard_cbor_at_timestamp", &want)
	now := &clock{now: epoch}
	s := New(Config{Now: now.Now})
	mustCreate(t, s, "s", 1)
	var made struct{ Consumer struct{ ConsumerARN string } }
	postCBOR(t, s, "RegisterStreamConsumer", map[string]any{"StreamARN": s.StreamARN("s"), "ConsumerName": "c"}, &made)
	answer(t, s, "PutRecord", `{"StreamName":"s","PartitionKey":"1","Data":"SGVsbG8="}`)

	body, err := cbor.Marshal(map[string]any{
		"ConsumerARN": made.Consumer.ConsumerARN, "ShardId": shardID(0),
		"StartingPosition": map[string]any{"Type": "AT_TIMESTAMP", "Timestamp": cbor.Tag{Number: 1, Content: epoch.UnixMilli()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202.SubscribeToShard")
	r.Header.Set("Content-Type", wire.ContentTypeCBOR11)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !bytes.Contains(w.Body.Bytes(), []byte("Hello")) {
		t.Errorf("answered %d without the record: %.200q", w.Code, w.Body)
	}
}
