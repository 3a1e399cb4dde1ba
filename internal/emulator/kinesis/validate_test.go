package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/internal/emulator/wire"
)

// post sends a raw awsJson request.
func post(s *Server, operation, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", operation)
	r.Header.Set("Content-Type", wire.ContentType11)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func errorOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code == 200 {
		return ""
	}
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatalf("error body %q: %v", w.Body, err)
	}
	return strings.TrimSuffix(e.Type+": "+e.Message, ": ")
}

func TestValidation(t *testing.T) {
	s := New(Config{Now: func() time.Time { return epoch }})
	mustCreate(t, s, "s", 1)
	overStream := base64.StdEncoding.EncodeToString(make([]byte, 1<<20)) // and a key of one byte
	tooMany := strings.TrimSuffix(strings.Repeat(`{"Data":"","PartitionKey":"k"},`, 501), ",")
	tests := []struct{ operation, body, want string }{
		{"PutRecords", `{"Records":[{"Data":"","PartitionKey":"k"}],"StreamName":"nope"}`, "ResourceNotFoundException: Stream nope under account 123456789012 not found."},
		{"PutRecords", `{"Records":[{"Data":"","PartitionKey":"k"}]}`, "InvalidArgumentException: Either StreamName or StreamARN should be provided."},
		{"PutRecords", `{"StreamName":"s"}`, "ValidationException: 1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"AA==","PartitionKey":"k"},{"PartitionKey":""}]}`, "ValidationException: 2 validation errors detected: Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null; Value '' at 'records.2.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"AA==","PartitionKey":"k","ExplicitHashKey":"01"}]}`, `ValidationException: 1 validation error detected: Value '01' at 'records.1.member.explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"AA==","PartitionKey":"k","ExplicitHashKey":"340282366920938463463374607431768211456"}]}`, "InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456"},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"` + overStream + `","PartitionKey":"k"}]}`, "InvalidArgumentException: Record size of 1048577 bytes exceeds the limit of 1024 KiB of stream s."},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"x","PartitionKey":"k"}]}`, "SerializationException: illegal base64 data at input byte 0"},
		{"PutRecords", `{"StreamName":"s","Records":7}`, "SerializationException: NUMBER_VALUE can not be converted to a List"},
		{"PutRecord", `{"StreamName":"s","Data":"AA=="}`, "ValidationException: 1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null"},
		{"PutRecord", `{"StreamName":"s","StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/t","Data":"AA==","PartitionKey":"k"}`, "InvalidArgumentException: StreamName and StreamARN name different streams."},
		{"CreateStream", `{"StreamName":"a b","ShardCount":0}`, "ValidationException: 2 validation errors detected: Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"CreateStream", `{"StreamName":"x","StreamModeDetails":{"StreamMode":"PROVISIONED"}}`, "ValidationException: 1 validation error detected: Value null at 'shardCount' failed to satisfy constraint: Member must not be null"},
		{"CreateStream", `{"StreamName":"x","StreamModeDetails":{"StreamMode":"BIG"}}`, "ValidationException: 1 validation error detected: Value 'BIG' at 'streamModeDetails.streamMode' failed to satisfy constraint: Member must satisfy enum value set: [ON_DEMAND, PROVISIONED]"},
		{"CreateStream", `{"StreamName":"x","ShardCount":2,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, "InvalidArgumentException: ShardCount cannot be set for a stream in ON_DEMAND mode."},
		{"GetShardIterator", `{"StreamName":"s"}`, "ValidationException: 2 validation errors detected: Value null at 'shardId' failed to satisfy constraint: Member must not be null; Value null at 'shardIteratorType' failed to satisfy constraint: Member must not be null"},
		{"ListShards", `{"StreamName":"s","NextToken":"x"}`, "InvalidArgumentException: NextToken and StreamName cannot be provided together."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000001","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException: Shard shardId-000000000001 in stream s under account 123456789012 does not exist"},
		{"GetRecords", `{"ShardIterator":"x","Limit":10001}`, "ValidationException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
		{"GetRecords", `{}`, "ValidationException: 1 validation error detected: Value null at 'shardIterator' failed to satisfy constraint: Member must not be null"},
		{"ListShards", `{}`, "InvalidArgumentException: Either NextToken or StreamName should be provided."},
		{"ListShards", `{"NextToken":"x"}`, "InvalidArgumentException: Invalid NextToken."},
		{"DeleteStream", `{"StreamName":"nope"}`, "ResourceNotFoundException: Stream nope under account 123456789012 not found."},
		{"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1"}`, "InvalidArgumentException: NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in stream s under account 123456789012 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 340282366920938463463374607431768211455."},
		{"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"340282366920938463463374607431768211455"}`, "InvalidArgumentException: NewStartingHashKey 340282366920938463463374607431768211455 used in SplitShard() on shard shardId-000000000000 in stream s under account 123456789012 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 340282366920938463463374607431768211455."},
		{"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000005","NewStartingHashKey":"5"}`, "ResourceNotFoundException: Could not find shard shardId-000000000005 in stream s under account 123456789012."},
		{"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000000"}`, "ValidationException: 1 validation error detected: Value null at 'adjacentShardToMerge' failed to satisfy constraint: Member must not be null"},
		{"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000000"}`, "InvalidArgumentException: Shards shardId-000000000000 and shardId-000000000000 in stream s under account 123456789012 are not an adjacent pair of shards eligible for merging"},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":0,"ScalingType":"BIG"}`, "ValidationException: 2 validation errors detected: Value '0' at 'targetShardCount' failed to satisfy constraint: Member must have value greater than or equal to 1; Value 'BIG' at 'scalingType' failed to satisfy constraint: Member must satisfy enum value set: [UNIFORM_SCALING]"},
		{"IncreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":8761}`, "InvalidArgumentException: Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long."},
		{"DecreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":48}`, "InvalidArgumentException: Requested retention period (48 hours) for stream s can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API."},
		{"AddTagsToStream", `{"StreamName":"s","Tags":{}}`, "ValidationException: 1 validation error detected: Value '{}' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"AddTagsToStream", `{"StreamName":"s","Tags":{"":"b"}}`, "ValidationException: 1 validation error detected: Value '{=b}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"},
		{"RemoveTagsFromStream", `{"StreamName":"s","TagKeys":[]}`, "ValidationException: 1 validation error detected: Value '[]' at 'tagKeys' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["IncomingBytes","Heat"]}`, "ValidationException: 1 validation error detected: Value 'Heat' at 'shardLevelMetrics.2.member' failed to satisfy constraint: Member must satisfy enum value set: [ALL, IncomingBytes, IncomingRecords, OutgoingBytes, OutgoingRecords, WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded, IteratorAgeMilliseconds]"},
		{"UpdateMaxRecordSize", `{"StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s","MaxRecordSizeInKiB":10241}`, "ValidationException: 1 validation error detected: Value '10241' at 'maxRecordSizeInKiB' failed to satisfy constraint: Member must have value less than or equal to 10240"},
		{"PutResourcePolicy", `{"ResourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s","Policy":"no"}`, "InvalidArgumentException: The policy is not valid JSON."},
		{"TagResource", `{"ResourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s/consumer/c:1","Tags":{"a":"b"}}`, "ResourceNotFoundException: Consumer arn:aws:kinesis:us-east-1:123456789012:stream/s/consumer/c:1, account 123456789012 not found."},
		{"DescribeStreamConsumer", `{}`, "InvalidArgumentException: Either ConsumerARN or both StreamARN and ConsumerName should be provided."},
		{"SubscribeToShard", `{"ConsumerARN":"c","ShardId":"shardId-000000000000"}`, `ValidationException: 2 validation errors detected: Value 'c' at 'consumerARN' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+; Value null at 'startingPosition' failed to satisfy constraint: Member must not be null`},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AT_TIMESTAMP"}}`, "InvalidArgumentException: Timestamp must be specified for ShardFilter of type AT_TIMESTAMP."},
		{"CreateChannel", `{}`, "UnknownOperationException"},
	}
	for _, test := range tests {
		if got := errorOf(t, post(s, "Kinesis_20131202."+test.operation, test.body)); got != test.want {
			t.Errorf("%s %.80s\n got %s\nwant %s", test.operation, test.body, got, test.want)
		}
	}
	if got := errorOf(t, post(s, "Kinesis_20131202.PutRecords", `{"StreamName":"s","Records":[`+tooMany+`]}`)); !strings.HasSuffix(got, "at 'records' failed to satisfy constraint: Member must have length less than or equal to 500") {
		t.Errorf("501 records give %.100s", got)
	}
	if got := errorOf(t, post(s, "Logs_20140328.PutLogEvents", "{}")); got != "UnknownOperationException" {
		t.Errorf("another service's target gives %s", got)
	}
}

func TestPutRecordsOver10MiB(t *testing.T) {
	s := New(Config{})
	if err := s.CreateStream("s", 1, StreamOptions{MaxRecordBytes: 10 << 20}); err != nil {
		t.Fatal(err)
	}
	half := `{"Data":"` + base64.StdEncoding.EncodeToString(make([]byte, 5<<20)) + `","PartitionKey":"k"}`
	got := errorOf(t, post(s, "Kinesis_20131202.PutRecords", `{"StreamName":"s","Records":[`+half+`,`+half+`]}`))
	if want := "InvalidArgumentException: Records size exceeds 10 MB limit"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
