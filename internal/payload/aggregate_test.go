package payload_test

import (
	"bytes"
	"compress/flate"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"weir/internal/payload"
	"weir/probe/token"
)

// field is one field of a protobuf message.
type field struct {
	number protowire.Number
	varint uint64
	bytes  []byte
}

func fieldsOf(tb testing.TB, message []byte) []field {
	tb.Helper()
	var all []field
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		f := field{number: number}
		message = message[max(n, 0):]
		switch kind {
		case protowire.VarintType:
			f.varint, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			tb.Fatalf("field %d has wire type %d", number, kind)
		}
		if n < 0 {
			tb.Fatal(protowire.ParseError(n))
		}
		message = message[n:]
		all = append(all, f)
	}
	return all
}

// An aggregate as a consumer reads it: the magic number, the message with the
// user records, its MD5.
func TestAggregate(t *testing.T) {
	user := newBodies(t, 100, 1)
	b, err := payload.Aggregated(user, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []payload.Key{{Partition: "k-00001"}, {Partition: "k-00001", Hash: "42"}} {
		body, carries := b.Append([]byte("before"), 5, tokenOf(5), key)
		body = body[len("before"):]
		message, sum := body[4:len(body)-16], body[len(body)-16:]
		if want := md5.Sum(message); !carries || string(body[:4]) != "\xF3\x89\x9A\xC2" || !bytes.Equal(sum, want[:]) {
			t.Fatalf("carries token: %t, starts %x, ends %x, MD5 %x", carries, body[:4], sum, want)
		}
		var text strings.Builder
		for _, f := range fieldsOf(t, message) {
			if f.number != 3 {
				fmt.Fprintf(&text, "%d=%s ", f.number, f.bytes)
				continue
			}
			var data []byte
			text.WriteString("{")
			for _, r := range fieldsOf(t, f.bytes) {
				if data = r.bytes; data == nil {
					fmt.Fprintf(&text, "%d=%d ", r.number, r.varint)
				}
			}
			if tok, _, ok := token.Find(data); len(data) != 100 || !ok || tok.Seq != 5 {
				t.Errorf("user record %q", data)
			}
			text.WriteString("} ")
		}
		want := "1=k-00001 {1=0 } {1=0 } {1=0 } "
		if key.Hash != "" {
			want = "1=k-00001 2=42 {1=0 2=0 } {1=0 2=0 } {1=0 2=0 } "
		}
		if text.String() != want {
			t.Errorf("message %s, want %s", text.String(), want)
		}
		if tok, _, ok := token.Find(body); !ok || tok.Seq != 5 {
			t.Errorf("the probe finds sequence %d, %t", tok.Seq, ok)
		}
	}
}

// No aggregate is above MaxBytes, whatever its key, and user records differ.
func TestAggregateSizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size, count := rapid.IntRange(82, 3000).Draw(t, "size"), rapid.IntRange(1, 40).Draw(t, "count")
		user, err := payload.NewBodies(size, 1)
		if err != nil {
			t.Fatal(err)
		}
		b, err := payload.Aggregated(user, count)
		if err != nil {
			t.Fatal(err)
		}
		key := payload.Key{
			Partition: strings.Repeat("𝄞", rapid.IntRange(1, 256).Draw(t, "characters")),
			Hash:      rapid.SampledFrom([]string{"", "340282366920938463463374607431768211455"}).Draw(t, "hash"),
		}
		body, _ := b.Append(nil, 9, tokenOf(9), key)
		if len(body) > b.MaxBytes() || len(body) < count*size {
			t.Fatalf("%d bytes, MaxBytes %d", len(body), b.MaxBytes())
		}
	})
}

func TestAggregatedRefuses(t *testing.T) {
	plain, err := payload.OpenBodies(write(t, "plain\n"), payload.Order{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]struct {
		user  *payload.Bodies
		count int
	}{
		"0 user records in a record: at least 1 and at most 10000": {newBodies(t, 100, 1), 0},
		"an aggregate of up to 1":                                  {newBodies(t, 1<<20, 1), 11},
		"user records without a token can't be aggregated":         {plain, 2},
	} {
		if _, err := payload.Aggregated(c.user, c.count); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// Binary bodies are of exact size, begin with the token, differ, and do not
// compress: a deflated one is no smaller.
func TestBinaryBodies(t *testing.T) {
	for size := 36; size < 400; size += 7 {
		b, err := payload.NewBinaryBodies(payload.Sizes{Min: size, Max: size}, 1)
		if err != nil {
			t.Fatal(err)
		}
		body, carries := b.Append(nil, 3, tokenOf(3), payload.Key{})
		tok, at, ok := token.Find(body)
		if len(body) != size || !carries || !ok || at != 0 || tok.Seq != 3 {
			t.Errorf("size %d: %d bytes, token at %d, %t", size, len(body), at, ok)
		}
	}
	b, err := payload.NewBinaryBodies(payload.Sizes{Min: 10_000, Max: 10_000}, 1)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := b.Append(nil, 3, tokenOf(3), payload.Key{})
	other, _ := b.Append(nil, 4, tokenOf(3), payload.Key{})
	if bytes.Equal(body, other) {
		t.Error("two slots have the same body")
	}
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body[36:]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil || deflated.Len() < len(body)-36 {
		t.Errorf("deflated to %d of %d bytes, %v", deflated.Len(), len(body)-36, err)
	}
	if _, err := payload.NewBinaryBodies(payload.Sizes{Min: 35, Max: 35}, 1); err == nil {
		t.Error("35 bytes hold a token")
	}
}

// digestVariable is set in the process that TestSameBytesInAnotherProcess starts.
const digestVariable = "WEIR_TEST_DIGEST_OF_BODIES"

// digest is of a thousand bodies of every kind that the seed has a part in.
func digest(tb testing.TB) string {
	tb.Helper()
	sized, err := payload.NewSizedBodies(payload.Sizes{Min: 48, Max: 900, Mean: 400, Deviation: 90}, 7)
	if err != nil {
		tb.Fatal(err)
	}
	noise, err := payload.NewBinaryBodies(payload.Sizes{Min: 40, Max: 800}, 7)
	if err != nil {
		tb.Fatal(err)
	}
	users, err := payload.Aggregated(sized, 4)
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := payload.OpenBodies(writeAs(tb, "a.csv", "n\n1\n2\n3\n"), order(tb, "sample"), 7)
	if err != nil {
		tb.Fatal(err)
	}
	all := []*payload.Bodies{sized, noise, users, rows, parseTemplate(tb, example)}
	sum := sha256.New()
	for slot := range uint64(1000) {
		for _, b := range all {
			body, _ := b.Append(nil, slot, tokenOf(slot), payload.Key{Partition: "k"})
			sum.Write(body)
		}
	}
	return fmt.Sprintf("digest %x", sum.Sum(nil))
}

// The same seed gives the same bytes, in another process too.
func TestSameBytesInAnotherProcess(t *testing.T) {
	if os.Getenv(digestVariable) != "" {
		fmt.Println(digest(t))
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytesInAnotherProcess$")
	cmd.Env = append(os.Environ(), digestVariable+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if here := digest(t); !strings.Contains(string(out), here) {
		t.Errorf("here %s, in another process\n%s", here, out)
	}
}

// BenchmarkKinds are bodies of 500 bytes by kind; an aggregate has ten of 50.
func BenchmarkKinds(b *testing.B) {
	sized := newBodies(b, 500, 1)
	noise, err := payload.NewBinaryBodies(payload.Sizes{Min: 500, Max: 500}, 1)
	if err != nil {
		b.Fatal(err)
	}
	users, err := payload.Aggregated(newBodies(b, 50, 1), 10)
	if err != nil {
		b.Fatal(err)
	}
	rows, err := payload.OpenBodies(writeAs(b, "a.csv", "customer,n\nc-1,"+strings.Repeat("x", 420)+"\n"), payload.Order{}, 1)
	if err != nil {
		b.Fatal(err)
	}
	for name, bodies := range map[string]*payload.Bodies{"json": sized, "binary": noise, "kpl": users, "csv": rows} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, bodies.MaxBytes())
			slot := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				buf, _ = bodies.Append(buf[:0], slot, tokenOf(slot), payload.Key{Partition: "k-00000"})
				slot++
			}
		})
	}
	spec, err := payload.ParseKeys("field:customer")
	if err != nil {
		b.Fatal(err)
	}
	keys := payload.NewKeys(spec, 1)
	body, _ := rows.Append(nil, 0, tokenOf(0), payload.Key{})
	b.Run("key from a field", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			keys.Key(0, body)
		}
	})
}
