package kinesis

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var putBodies = []string{
	`{"Records":[{"Data":"aGVsbG8=","PartitionKey":"p1"}],"StreamName":"s1"}`,
	`{"StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s1", "Records" : [ {"PartitionKey":"p","Data":"","ExplicitHashKey":"0"} , {"Data":"QUJD","PartitionKey":"é"}]}`,
	`{"Records":[],"StreamName":""}`,
	`{}`,
	`{"Records":[{"Data":"aGVsbG8","PartitionKey":"p1"}]}`,
	`{"Records":[{"Data":"aGVsbG9=","PartitionKey":"p1"}]}`,
	`{"Records":[{"Data":"QUJDQUJD\n","PartitionKey":"p1"}]}`,
	`{"Records":[{"Data":"QU=DQUJD","PartitionKey":"p1"}]}`,
	`{"Records":[{"Data":"AA==AA==","PartitionKey":"p1"}]}`,
	`{"Records":[{"Data":null,"PartitionKey":"a\"b"}],"Other":{"x":[1]}}`,
	`{"Records":[{"Data":"AA==","Data":"AQ==","PartitionKey":"a"}],"Records":[]}`,
	`{"Records":[{"Data":"AA==","PartitionKey":"a"}]`,
	`{"Records":[{"data":"AA==","partitionkey":"a"}]} x`,
	"{\"Records\":[{\"Data\":\"AA==\",\"PartitionKey\":\"\xff\"}]}",
	"{\"Records\":[{\"Data\":\"AA==\",\"PartitionKey\":\"\x01\"}]}",
	`{"Records":[{"Data":7}]}`,
	`[]`, `null`, ``, `{"Records":{}}`,
}

// What the scanner accepts must be what encoding/json makes of it.
func FuzzPutBody(f *testing.F) {
	for _, body := range putBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var scanned, unmarshalled putBody
		if !scanned.scan(body) {
			return
		}
		if err := unmarshalled.unmarshal(body); err != nil {
			t.Fatalf("the scanner takes %q, encoding/json says %v", body, err)
		}
		if diff := cmp.Diff(plain(&unmarshalled), plain(&scanned)); diff != "" {
			t.Errorf("%q (-encoding/json +scanner):\n%s", body, diff)
		}
	})
}

func FuzzPutRecordBody(f *testing.F) {
	for _, body := range []string{
		`{"StreamName":"s1","Data":"aGVsbG8=","PartitionKey":"p1"}`,
		`{"PartitionKey":"p","ExplicitHashKey":"0","Data":"","StreamARN":"a"}`,
		`{"StreamName":"s1","Data":"aGVsbG8=","PartitionKey":"p1","SequenceNumberForOrdering":"1"}`,
		`{"Data":"AA==","Data":"AQ=="}`,
		`{}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var scanned, unmarshalled putBody
		if !scanned.scanOne(body) {
			return
		}
		if _, err := unmarshalled.unmarshalOne(body); err != nil {
			t.Fatalf("the scanner takes %q, encoding/json says %v", body, err)
		}
		if diff := cmp.Diff(plain(&unmarshalled), plain(&scanned)); diff != "" {
			t.Errorf("%q (-encoding/json +scanner):\n%s", body, diff)
		}
	})
}

// plain is a body as comparable text that keeps nil apart from empty.
func plain(b *putBody) []string {
	text := func(b []byte) string {
		if b == nil {
			return "none"
		}
		return fmt.Sprintf("%q", b)
	}
	lines := []string{"name " + text(b.streamName), "ARN " + text(b.streamARN)}
	for _, e := range b.entries {
		lines = append(lines, text(e.key)+" "+text(e.explicitHashKey)+" "+text(e.data))
	}
	return lines
}

func TestOrdinaryBodiesAreScanned(t *testing.T) {
	for _, body := range putBodies[:4] {
		if !new(putBody).scan([]byte(body)) {
			t.Errorf("%s takes the slow way", body)
		}
	}
}

func TestDecodeKeepsNothingOfTheRequestBefore(t *testing.T) {
	var b putBody
	for _, body := range putBodies {
		err := b.decode([]byte(body))
		var alone putBody
		aloneErr := alone.decode([]byte(body))
		if diff := cmp.Diff(aloneErr, err); diff != "" {
			t.Errorf("%s: error (-alone +after others):\n%s", body, diff)
		}
		if diff := cmp.Diff(plain(&alone), plain(&b)); err == nil && diff != "" {
			t.Errorf("%s (-alone +after others):\n%s", body, diff)
		}
	}
}

// putBodyOf is a body of n records of size bytes with keys of their own.
func putBodyOf(stream string, n, size int) []byte {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		data := base64.StdEncoding.EncodeToString(fmt.Appendf(make([]byte, 0, size), "%0*d", size, i))
		fmt.Fprintf(&b, `{"Data":"%s","PartitionKey":"device-%015d"}`, data, i)
	}
	fmt.Fprintf(&b, `],"StreamName":"%s"}`, stream)
	return []byte(b.String())
}

// BenchmarkDecodePutBody compares the scanner with encoding/json on the same
// body of 500 records of 500 bytes.
func BenchmarkDecodePutBody(b *testing.B) {
	body := putBodyOf("s", 500, 500)
	for name, decode := range map[string]func(*putBody, []byte) error{
		"scanner":       (*putBody).decode,
		"encoding/json": (*putBody).unmarshal,
	} {
		b.Run(name, func(b *testing.B) {
			var p putBody
			for b.Loop() {
				if err := decode(&p, body); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/record")
		})
	}
}
