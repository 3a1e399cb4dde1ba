package kinesis

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
)

// postCBOR sends an operation as AWS's Java clients do and decodes the answer.
func postCBOR(t *testing.T, s *Server, operation string, in, out any) int {
	t.Helper()
	body, err := cbor.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	r.Header.Set("Content-Type", wire.ContentTypeCBOR11)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); got != wire.ContentTypeCBOR11 {
		t.Errorf("%s answers in %s", operation, got)
	}
	if w.Body.Len() > 0 {
		if err := cbor.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
	}
	return w.Code
}

func TestCBOR(t *testing.T) {
	now := &clock{now: epoch}
	s := New(Config{Now: now.Now})
	var made map[string]any
	if status := postCBOR(t, s, "CreateStream", map[string]any{"StreamName": "s", "ShardCount": 1}, &made); status != 200 || made != nil {
		t.Fatal(status, made)
	}
	data := []byte{0, 0xff, 'x'}
	type entry struct {
		Data         []byte
		PartitionKey string
	}
	var put struct {
		FailedRecordCount int
		Records           []struct{ SequenceNumber, ShardID string }
	}
	postCBOR(t, s, "PutRecords", map[string]any{"StreamName": "s", "Records": []entry{{data, "k"}}}, &put)
	if put.FailedRecordCount != 0 || len(put.Records) != 1 {
		t.Fatal(put)
	}
	at := cbor.Tag{Number: 1, Content: epoch.UnixMilli()}
	var it struct{ ShardIterator string }
	postCBOR(t, s, "GetShardIterator", map[string]any{"StreamName": "s", "ShardId": shardID(0), "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": at}, &it)
	now.add(time.Second)
	var got struct {
		MillisBehindLatest int
		Records            []struct {
			Data                        []byte
			PartitionKey                string
			SequenceNumber              string
			ApproximateArrivalTimestamp cbor.RawTag
		}
	}
	postCBOR(t, s, "GetRecords", it, &got)
	if len(got.Records) != 1 {
		t.Fatal(got)
	}
	r := got.Records[0]
	var arrival int64
	if err := cbor.Unmarshal(r.ApproximateArrivalTimestamp.Content, &arrival); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Data, data) || r.PartitionKey != "k" || r.SequenceNumber != put.Records[0].SequenceNumber || arrival != epoch.UnixMilli() {
		t.Errorf("read %+v, arrived at %d", r, arrival)
	}
}

func TestCBORErrors(t *testing.T) {
	s := New(Config{AccountID: "111111111111"})
	var got map[string]string
	status := postCBOR(t, s, "DescribeStreamSummary", map[string]any{"StreamName": "wrong-stream-name"}, &got)
	want := map[string]string{
		"__type":  "ResourceNotFoundException",
		"message": "Stream wrong-stream-name under account 111111111111 not found.",
	}
	if diff := cmp.Diff(want, got); diff != "" || status != 400 {
		t.Errorf("status %d (-want +got):\n%s", status, diff)
	}
	if status := postCBOR(t, s, "DescribeStream", "text", &got); status != 400 || got["__type"] != "SerializationException" {
		t.Errorf("a body that is no map: %d %v", status, got)
	}
}
