package producer

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
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
			err := formats[JSON].readPutRecords([]byte(tt.answer), got)
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

// inFormat is an answer, given as JSON, in an encoding.
func inFormat(tb testing.TB, e Encoding, text []byte) []byte {
	tb.Helper()
	if e == JSON {
		return text
	}
	never := func(string) bool { return false }
	answer, err := wire.CBORShape{Blob: never, Time: never}.JSONToCBOR(text)
	if err != nil {
		tb.Fatal(err)
	}
	return answer
}

// A real answer must not need the slow decoder, whatever the order of members.
func TestScannerReadsRealAnswers(t *testing.T) {
	for encoding, f := range formats {
		answer := inFormat(t, encoding, answerTo(500))
		outcomes := make([]Outcome, 500)
		n, failed, ok := f.scanRecords(answer, outcomes)
		if !ok || n != 500 || failed != 0 {
			t.Fatalf("%s: scanned %d entries, %d failed, ok %v", encoding, n, failed, ok)
		}
		if got := testing.AllocsPerRun(10, func() { f.scanRecords(answer, outcomes) }); got > 4 {
			t.Errorf("%s: %v allocations for 500 entries", encoding, got)
		}
		var one Outcome
		single := inFormat(t, encoding, []byte(`{"SequenceNumber":"42","ShardId":"s","EncryptionType":"NONE"}`))
		if !f.scanRecord(single, &one) || string(one.SequenceNumber) != "42" || string(one.ShardID) != "s" {
			t.Errorf("%s: PutRecord's answer scanned as %+v", encoding, one)
		}
	}
}

// Whatever the scanner takes, the decoder must read the same.
func FuzzScanPutRecords(f *testing.F) {
	f.Add([]byte(`{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}`))
	f.Add([]byte(`{"FailedRecordCount":1,"Records":[{"ErrorCode":"E","ErrorMessage":"m"},{"SequenceNumber":"1","ShardId":"s0"}]}`))
	for _, second := range []string{
		`{"SequenceNumber":"22","ShardId":"s1"}`, `{"SequenceNumber":"2","ShardId":"s1"}`, `{"SequenceNumber":"\"2","ShardId":"s1"}`,
		`{"SequenceNumber":"2"","ShardId":"s1"}`, `{"SequenceNumber":"22","ShardID":"s1"}`, `{"ShardId":"s1","SequenceNumber":"22"}`,
		`{"SequenceNumber":"22","ShardId":"s1"`, `{"ErrorCode":"E"}`,
	} {
		first := `{"SequenceNumber":"11","ShardId":"s0"}`
		f.Add([]byte(`{"Records":[` + first + `,` + second + `,` + first + `]}`))
		f.Add([]byte(`{"Records":[` + second + `,` + first + ` , ` + first + `]}`))
	}
	f.Add([]byte(`{"Records":[],"EncryptionType":"NONE"}`))
	f.Add([]byte(`{"Records":[{"ShardId":"a","ShardId":"b"}],"FailedRecordCount":007}`))
	f.Fuzz(func(t *testing.T, answer []byte) { scansAsDecoded(t, formats[JSON], answer) })
}

func FuzzScanPutRecordsCBOR(f *testing.F) {
	for _, text := range []string{
		"\xa2\x71FailedRecordCount\x00\x67Records\x81\xa2\x6eSequenceNumber\x611\x67ShardId\x62s0",
		"\xbf\x71FailedRecordCount\x01\x67Records\x9f\xbf\x69ErrorCode\x61E\xff\xff\xff",
		"\xa2\x67Records\x80\x6eEncryptionType\x64NONE",
		"\xa1\x67Records\x82\xa2\x6eSequenceNumber\x611\x67ShardId\x62s0\xa2\x6eSequenceNumber\x612\x67ShardId\x62s\"",
		"\xa2\x67Records\x80\x67Records\x80",
		"\xa1\x67Records\x81\xa2\x67ShardId\x61a\x67ShardId\x61b",
		"\xa1\x71FailedRecordCount\x1a\x00\x00\x00\x01",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, answer []byte) { scansAsDecoded(t, formats[CBOR], answer) })
}

func scansAsDecoded(t *testing.T, f *format, answer []byte) {
	scanned, decoded := make([]Outcome, 3), make([]Outcome, 3)
	n, failed, ok := f.scanRecords(answer, scanned)
	if !ok {
		return
	}
	wantN, wantFailed, err := f.decodePutRecords(answer, decoded)
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
}

// Every byte at every place in a word and behind it is judged by itself.
func TestPlain(t *testing.T) {
	for at := range 11 {
		for c := range 256 {
			text := []byte("01234567890")
			text[at] = byte(c)
			want := c >= ' ' && c <= '~' && c != '\\'
			if got := plain(text); got != want {
				t.Errorf("%q: plain %v, want %v", text, got, want)
			}
		}
	}
}
