package lambda

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var testSource = &eventSource{
	region: "us-east-1", streamARN: "arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream",
	roleARN: "arn:aws:iam::123456789012:role/lambda-role",
}

func TestEventIsTheDocumentedOne(t *testing.T) {
	got := testSource.event("shardId-000000000006", []*Record{{
		SequenceNumber: "49590338271490256608559692538361571095921575989136588898", PartitionKey: "1",
		Data: []byte("Hello, this is a test."), Arrival: time.UnixMilli(1545084650987),
	}})
	want := `{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"49590338271490256608559692538361571095921575989136588898","data":"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==","approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:49590338271490256608559692538361571095921575989136588898","eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/lambda-role","awsRegion":"us-east-1","eventSourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream"}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestEventSizeIsExactAndAWSsLibraryReadsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var records []*Record
		size := eventEnvelopeBytes
		for range rapid.IntRange(1, 5).Draw(t, "records") {
			r := &Record{
				SequenceNumber: rapid.StringMatching(`[1-9][0-9]{55}`).Draw(t, "sequence"),
				PartitionKey:   rapid.String().Draw(t, "key"),
				Data:           rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
				Arrival:        time.UnixMilli(rapid.Int64Range(1e12, 9e12).Draw(t, "arrival")),
			}
			records = append(records, r)
			size += testSource.size("shardId-000000000000", r)
		}
		got := testSource.event("shardId-000000000000", records)
		if len(got) != size-1 { // the last record has no comma
			t.Fatalf("%d bytes, counted %d: %s", len(got), size-1, got)
		}
		var event events.KinesisEvent
		if err := json.Unmarshal(got, &event); err != nil {
			t.Fatal(err)
		}
		for i, r := range event.Records {
			k := r.Kinesis
			if k.PartitionKey != records[i].PartitionKey || string(k.Data) != string(records[i].Data) || k.SequenceNumber != records[i].SequenceNumber {
				t.Fatalf("record %d: %+v, want %+v", i, k, records[i])
			}
			if d := k.ApproximateArrivalTimestamp.Sub(records[i].Arrival).Abs(); d > time.Millisecond {
				t.Fatalf("arrival %v, want %v", k.ApproximateArrivalTimestamp, records[i].Arrival)
			}
		}
	})
}

func TestItemFailures(t *testing.T) {
	batch := []*Record{{Position: 7, SequenceNumber: "70"}, {Position: 8, SequenceNumber: "80"}, {Position: 9, SequenceNumber: "90"}}
	success, failure := Outcome{Result: Succeeded}, Outcome{Result: Failed}
	for _, test := range []struct {
		response string
		want     Outcome
	}{
		{``, success},
		{`null`, success},
		{`""`, success},
		{`{}`, success},
		{`[]`, success},
		{`{"batchItemFailures":null}`, success},
		{`{"batchItemFailures":[]}`, success},
		{`{"batchItemFailures":[{"itemIdentifier":"80"}]}`, Outcome{Result: PartialFailed, From: 8}},
		{`{"batchItemFailures":[{"itemIdentifier":"90"},{"itemIdentifier":"80"}]}`, Outcome{Result: PartialFailed, From: 8}},
		{`{"batchItemFailures":[{"itemIdentifier":""}]}`, failure},
		{`{"batchItemFailures":[{"itemIdentifier":null}]}`, failure},
		{`{"batchItemFailures":[{"foo":"80"}]}`, failure},
		{`{"batchItemFailures":[{"foo":null}]}`, failure},
		{`{"batchItemFailures":[{"itemIdentifier":"80"},{"itemIdentifier":"85"}]}`, failure},
		{`"done"`, failure},
	} {
		if diff := cmp.Diff(test.want, itemFailures([]byte(test.response), batch)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.response, diff)
		}
	}
}

func TestReportLine(t *testing.T) {
	for _, test := range []struct {
		r    report
		want string
	}{
		// Billed: 38.66 ms, and 38.66 + 203.69 = 242.35 ms with init, rounded up.
		{
			report{requestID: "id", duration: 38660 * time.Microsecond, memoryMB: 128, maxMemoryMB: 54},
			"REPORT RequestId: id\tDuration: 38.66 ms\tBilled Duration: 39 ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB\t",
		},
		{
			report{requestID: "id", duration: 38660 * time.Microsecond, init: 203690 * time.Microsecond, memoryMB: 128, maxMemoryMB: 54},
			"REPORT RequestId: id\tDuration: 38.66 ms\tBilled Duration: 243 ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB\tInit Duration: 203.69 ms\t",
		},
		{
			report{requestID: "id", duration: 3 * time.Second, memoryMB: 128, status: "timeout"},
			"REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tStatus: timeout\t",
		},
		{
			report{requestID: "id", duration: time.Second, memoryMB: 128, status: "error", errorType: "Runtime.ExitError"},
			"REPORT RequestId: id\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tStatus: error\tError Type: Runtime.ExitError\t",
		},
	} {
		if diff := cmp.Diff(test.want, test.r.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// FuzzItemFailures: whatever a function answers, the outcome is success,
// failure, or goes on from a record of the batch.
func FuzzItemFailures(f *testing.F) {
	for _, seed := range []string{``, `null`, `{"batchItemFailures":[{"itemIdentifier":"80"}]}`, `{"batchItemFailures":[{}]}`, `[1]`} {
		f.Add([]byte(seed))
	}
	batch := []*Record{{Position: 7, SequenceNumber: "70"}, {Position: 8, SequenceNumber: "80"}}
	f.Fuzz(func(t *testing.T, response []byte) {
		o := itemFailures(response, batch)
		if o.Result == Throttled || (o.Result == PartialFailed) != (o.From == 7 || o.From == 8) {
			t.Errorf("%q: %+v", response, o)
		}
	})
}
