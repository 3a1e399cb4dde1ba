package kinesis

import (
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
)

// What the scanner accepts must be what the way over JSON makes of it.
func FuzzPutBodyCBOR(f *testing.F) {
	for _, value := range []any{
		map[string]any{"StreamName": "s1", "Records": []any{map[string]any{"Data": []byte("hello"), "PartitionKey": "p1"}}},
		map[string]any{"StreamARN": "a", "Records": []any{map[string]any{"Data": []byte{}, "PartitionKey": "é", "ExplicitHashKey": "0"}}},
		map[string]any{"Records": []any{}, "StreamName": ""},
		map[string]any{"Records": []any{map[string]any{"Data": make([]byte, 300), "PartitionKey": "p", "Other": 1}}},
		map[string]any{"StreamName": "s1", "Data": []byte("hello"), "PartitionKey": "p1", "ExplicitHashKey": "7"},
		map[string]any{"StreamName": "s1", "Data": "aGVsbG8=", "PartitionKey": "p1"},
		map[string]any{},
		nil,
	} {
		body, err := cbor.Marshal(value)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "PutRecords")
		f.Add(body, "PutRecord")
	}
	f.Add([]byte("\xa2\x67Records\x80\x67Records\x80"), "PutRecords")
	f.Add([]byte("\xbf\x67Records\x9f\xff\xff"), "PutRecords") // as Java writes
	f.Fuzz(func(t *testing.T, body []byte, operation string) {
		scanned := call{body: body}
		if !scanned.scanCBOR(operation) {
			return
		}
		text, err := wire.CBORToJSON(body)
		if err != nil {
			t.Fatalf("the scanner takes %x, which has no JSON: %v", body, err)
		}
		var unmarshalled putBody
		if operation == "PutRecord" {
			_, err = unmarshalled.unmarshalOne(text)
		} else {
			err = unmarshalled.unmarshal(text)
		}
		if err != nil {
			t.Fatalf("the scanner takes %x, encoding/json says %v", body, err)
		}
		if diff := cmp.Diff(plain(&unmarshalled), plain(&scanned.batch.body)); diff != "" {
			t.Errorf("%x (-encoding/json +scanner):\n%s", body, diff)
		}
	})
}
