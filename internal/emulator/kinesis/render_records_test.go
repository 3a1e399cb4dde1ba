package kinesis

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the records: the length told before is the length written, in one
// piece or several, and the text is JSON.
func TestRecordsLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShard(0, splitEvenly(1)[0], epoch, nil, 1000, newMemory(64<<20))
		for range rapid.IntRange(0, 4).Draw(t, "records") {
			key := rapid.OneOf(rapid.StringMatching("[ -~]{1,9}"), rapid.StringN(1, 9, 36)).Draw(t, "key")
			size := rapid.SampledFrom([]int{0, 1, 2, 3, 500, 900_000}).Draw(t, "size")
			b := batchOf(s, string(make([]byte, size)))
			b.offers[0].key, b.offers[0].plain = []byte(key), !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
			b.drops = rapid.IntRange(0, 1).Draw(t, "drops")
			s.put(at(rapid.IntRange(0, 2000).Draw(t, "ms")), b, 0)
		}
		f := s.fetch(at(5000), 0, 100, nil)
		var pieces []string
		rest := f.appendRecords(nil, func(dst []byte) []byte {
			pieces = append(pieces, string(dst))
			return nil
		})
		text := strings.Join(append(pieces, string(rest)), "")
		if len(text) != f.recordsLength() {
			t.Fatalf("%d bytes, said to be %d: %.2000s", len(text), f.recordsLength(), text)
		}
		var records []struct{ SequenceNumber, PartitionKey string }
		if err := json.Unmarshal([]byte("["+text+"]"), &records); err != nil || len(records) != f.records {
			t.Fatalf("%d records, %v, want %d: %.2000s", len(records), err, f.records, text)
		}
	})
}

// A large answer, which is written in pieces, holds what a read from Go gives,
// under its right length, in JSON and in CBOR.
func TestGetRecordsInPieces(t *testing.T) {
	s := New(Config{ShardLimitFactor: 1000})
	mustCreate(t, s, "s", 1)
	for range 7 { // 7 × 500 records of some 700 bytes are 2.4 MB
		post(s, "Kinesis_20131202.PutRecords", string(putBodyOf("s", 500, 500)))
	}
	read, err := s.Read("s", shardID(0), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	type record struct {
		SequenceNumber, PartitionKey string
		Data                         []byte
	}
	var want []record
	for _, r := range read.Records {
		want = append(want, record{r.SequenceNumber, r.PartitionKey, r.Data})
	}
	st, sh, err := s.findShard("s", shardID(0), s.cfg.Now())
	if err != nil {
		t.Fatal(err)
	}
	ask := map[string]string{"ShardIterator": s.iterator(st, sh, 0, s.cfg.Now())}

	w := post(s, "Kinesis_20131202.GetRecords", string(render(ask)))
	if length := w.Header().Get("Content-Length"); length != strconv.Itoa(w.Body.Len()) || w.Body.Len() <= pieceBytes {
		t.Errorf("%d bytes under the length %s", w.Body.Len(), length)
	}
	var inJSON, inCBOR struct{ Records []record }
	if err := json.Unmarshal(w.Body.Bytes(), &inJSON); err != nil {
		t.Fatal(err)
	}
	postCBOR(t, s, "GetRecords", ask, &inCBOR)
	if len(want) != 3500 || !reflect.DeepEqual(inJSON.Records, want) || !reflect.DeepEqual(inCBOR.Records, want) {
		t.Errorf("%d records in JSON and %d in CBOR aren't the %d that Go reads", len(inJSON.Records), len(inCBOR.Records), len(want))
	}
}
