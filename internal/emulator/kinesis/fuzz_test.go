package kinesis

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"weir/internal/emulator/wire"
)

// Whatever comes for an operation, in JSON or CBOR, is answered in kind: never a
// panic, and never a failure of ours.
func FuzzOperation(f *testing.F) {
	for operation := range operations {
		f.Add(operation, []byte(`{"StreamName":"s"}`), false)
		f.Add(operation, []byte(`{}`), false)
	}
	f.Add("GetShardIterator", []byte(`{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP","Timestamp":-1e300}`), false)
	f.Add("GetShardIterator", []byte(`{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"0"}`), false)
	f.Add("GetRecords", []byte(`{"ShardIterator":"AAAAAAAAAAE=","Limit":0}`), false)
	f.Add("ListShards", []byte(`{"NextToken":"x","ShardFilter":{"Type":"AT_TRIM_HORIZON"}}`), false)
	f.Add("SplitShard", []byte(`{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"340282366920938463463374607431768211455"}`), false)
	f.Add("MergeShards", []byte(`{"StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`), false)
	f.Add("PutResourcePolicy", []byte(`{"ResourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s","Policy":"{"}`), false)
	f.Add("PutRecord", []byte("\xa3jStreamNameasdDataA\xfflPartitionKeyak"), true)
	f.Fuzz(func(t *testing.T, operation string, body []byte, inCBOR bool) {
		s := New(Config{})
		mustCreate(t, s, "s", 2)
		ctx, cancel := context.WithTimeout(t.Context(), 2*subscribeTime)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(string(body)))
		r.Header.Set("X-Amz-Target", service+"."+operation)
		if inCBOR {
			r.Header.Set("Content-Type", wire.ContentTypeCBOR11)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		answer := w.Body.Bytes()
		switch {
		case w.Code >= http.StatusInternalServerError && ctx.Err() == nil:
			t.Errorf("%d %s", w.Code, answer)
		case len(answer) == 0 || w.Header().Get("Content-Type") == "application/vnd.amazon.eventstream":
		case inCBOR && cbor.Wellformed(answer) != nil || !inCBOR && !json.Valid(answer):
			t.Errorf("answered %q", answer)
		}
	})
}
