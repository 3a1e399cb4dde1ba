package producer

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Bodies must decode to what went in, for any key and any data.
func TestBodiesDecode(t *testing.T) {
	type wireRecord struct {
		Data                          []byte
		PartitionKey, ExplicitHashKey string
	}
	rapid.Check(t, func(t *rapid.T) {
		var records []Record
		var want []wireRecord
		for range rapid.IntRange(1, 5).Draw(t, "records") {
			r := Record{
				Data:            slices.Repeat(rapid.SliceOf(rapid.Byte()).Draw(t, "data"), rapid.SampledFrom([]int{1, 300}).Draw(t, "repeated")),
				PartitionKey:    rapid.String().Draw(t, "key"),
				ExplicitHashKey: rapid.StringMatching(`[0-9]{0,39}`).Draw(t, "hash key"),
			}
			records = append(records, r)
			want = append(want, wireRecord{append([]byte{}, r.Data...), r.PartitionKey, r.ExplicitHashKey})
		}
		name := rapid.StringMatching(`(arn:aws:kinesis:eu-west-1:123456789012:stream/)?[a-z]{1,10}`).Draw(t, "stream")
		f := formats[rapid.SampledFrom([]Encoding{JSON, CBOR}).Draw(t, "encoding")]
		stream := f.stream(nil, name)

		var many struct {
			StreamName, StreamARN string
			Records               []wireRecord
		}
		if err := f.decodeAnswer(f.putRecords(nil, stream, records), &many); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, many.Records); diff != "" || many.StreamName+many.StreamARN != name {
			t.Fatalf("stream %q, records (-want +got):\n%s", many.StreamName+many.StreamARN, diff)
		}
		if isARN := name[:1] == "a" && len(name) > 11; isARN != (many.StreamARN != "") {
			t.Fatalf("stream %q went as name %q, ARN %q", name, many.StreamName, many.StreamARN)
		}
		var one wireRecord
		if err := f.decodeAnswer(f.putRecord(nil, stream, records), &one); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[0], one); diff != "" {
			t.Fatalf("single record (-want +got):\n%s", diff)
		}
	})
}
