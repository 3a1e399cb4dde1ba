package producer

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func accepted(shard, sequence string) Outcome {
	return Outcome{Fate: Accepted, ShardID: []byte(shard), SequenceNumber: []byte(sequence)}
}

func TestReadPutRecords(t *testing.T) {
	throttled := Outcome{Fate: Rejected, Cause: "ProvisionedThroughputExceededException", Message: "Rate exceeded for shard s0"}
	const throttledText = `{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard s0"}`
	for _, tt := range []struct {
		name, answer string
		want         []Outcome // nil: an error
		records      int       // when want is nil
	}{
		{
			name:   "all accepted",
			answer: `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s0"},{"SequenceNumber":"2","ShardId":"s1"}]}`,
			want:   []Outcome{accepted("s0", "1"), accepted("s1", "2")},
		},
		{
			name:   "one refused, members in another order, white space",
			answer: "{ \"Records\" : [ " + throttledText + " ,\n{\"ShardId\":\"s1\",\"SequenceNumber\":\"2\"} ] , \"EncryptionType\":\"KMS\", \"FailedRecordCount\" : 1 }\n",
			want:   []Outcome{throttled, accepted("s1", "2")},
		},
		{
			name:   "nulls, escapes and unknown members need the full decoder",
			answer: `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"\u0031","ShardId":"s0","ErrorCode":null,"New":{"a":[]}}]}`,
			want:   []Outcome{accepted("s0", "1")},
		},
		{
			name:   "no count",
			answer: `{"Records":[` + throttledText + `]}`,
			want:   []Outcome{throttled},
		},
		{name: "count says 1, entries say 0", records: 1, answer: `{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}`},
		{name: "count says 0, entries say 1", records: 1, answer: `{"FailedRecordCount":0,"Records":[` + throttledText + `]}`},
		{name: "fewer entries than records", records: 2, answer: `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}`},
		{name: "more entries than records", records: 1, answer: `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s0"},{"SequenceNumber":"2","ShardId":"s0"}]}`},
		{name: "entry that says nothing", records: 1, answer: `{"FailedRecordCount":0,"Records":[{}]}`},
		{name: "cut off", records: 1, answer: `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","Sha`},
		{name: "text after the answer", records: 1, answer: `{"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}x`},
		{name: "leading zero in the count", records: 1, answer: `{"FailedRecordCount":00,"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}`},
		{name: "empty", records: 1, answer: ``},
		{name: "a web page", records: 1, answer: `<html>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := make([]Outcome, max(len(tt.want), tt.records))
			err := readPutRecords([]byte(tt.answer), got)
			if tt.want == nil {
				if err == nil {
					t.Fatalf("no error, outcomes %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range got { // the decoder leaves empty fields where the scanner leaves nil
				if len(got[i].ShardID) == 0 {
					got[i].ShardID, got[i].SequenceNumber = nil, nil
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

// A real answer must not need the slow decoder, whatever the order of members.
func TestScannerReadsRealAnswers(t *testing.T) {
	answer := answerTo(500)
	outcomes := make([]Outcome, 500)
	n, failed, ok := scanPutRecords(answer, outcomes)
	if !ok || n != 500 || failed != 0 {
		t.Fatalf("scanned %d entries, %d failed, ok %v", n, failed, ok)
	}
	if got := testing.AllocsPerRun(10, func() { scanPutRecords(answer, outcomes) }); got > 3 {
		t.Errorf("%v allocations for 500 entries", got)
	}
}

// Whatever the scanner takes, the decoder must read the same.
func FuzzScanPutRecords(f *testing.F) {
	f.Add([]byte(`{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}`))
	f.Add([]byte(`{"FailedRecordCount":1,"Records":[{"ErrorCode":"E","ErrorMessage":"m"},{"SequenceNumber":"1","ShardId":"s0"}]}`))
	f.Add([]byte(`{"Records":[],"EncryptionType":"NONE"}`))
	f.Add([]byte(`{"Records":[{"ShardId":"a","ShardId":"b"}],"FailedRecordCount":007}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		scanned, decoded := make([]Outcome, 3), make([]Outcome, 3)
		n, failed, ok := scanPutRecords(answer, scanned)
		if !ok {
			return
		}
		wantN, wantFailed, err := decodePutRecords(answer, decoded)
		if err != nil {
			t.Fatalf("scanned what is not an answer: %v", err)
		}
		if n != wantN || failed != wantFailed {
			t.Fatalf("%d entries, %d failed; the decoder says %d, %d", n, failed, wantN, wantFailed)
		}
		for i := range n {
			if got, want := fmt.Sprintf("%+v", scanned[i]), fmt.Sprintf("%+v", decoded[i]); got != want {
				t.Fatalf("entry %d: %s, the decoder says %s", i, got, want)
			}
		}
	})
}
