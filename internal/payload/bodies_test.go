package payload_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/payload"
	"weir/probe/token"
)

var due = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func tokenOf(slot uint64) *token.Token {
	return &token.Token{Run: 1, Seq: slot, Due: due, Sent: due}
}

func newBodies(tb testing.TB, size int, seed uint64) *payload.Bodies {
	tb.Helper()
	b, err := payload.NewBodies(size, seed)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestGeneratedSizes(t *testing.T) {
	sizes := []int{500, 1024, 5120, 10240, 1 << 16, 1<<16 + 200, 1 << 20}
	for size := payload.MinBytes; size <= 300; size++ {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		b := newBodies(t, size, 1)
		if b.MaxBytes() != size || b.HasTokenless() != 0 {
			t.Errorf("size %d: MaxBytes, HasTokenless = %d, %d", size, b.MaxBytes(), b.HasTokenless())
		}
		for slot := range uint64(2) {
			body, carries := b.Append([]byte("before"), slot, tokenOf(slot), payload.Key{})
			body = body[len("before"):]
			if len(body) != size || !carries {
				t.Errorf("size %d: %d bytes, carries token: %t", size, len(body), carries)
			}
			var object struct {
				Token string `json:"_weir"`
			}
			if err := json.Unmarshal(body, &object); err != nil {
				t.Fatalf("size %d: %v", size, err)
			}
			if object.Token != tokenOf(slot).String() {
				t.Errorf("size %d: _weir is %q", size, object.Token)
			}
			if got, at, ok := token.Find(body); !ok || at != 10 || got.Seq != slot {
				t.Errorf("size %d: found sequence %d at %d, %t", size, got.Seq, at, ok)
			}
		}
	}
}

// Members appear as the size allows: the token's object is 48 bytes, data 10
// and its text, id 24, ts 19, type 18. The id is the eighth number that
// SplitMix64 gives from seed 0.
func TestGeneratedMembers(t *testing.T) {
	tok := tokenOf(7).String()
	for _, c := range []struct {
		size int
		want string
	}{
		{48, `{"_weir":"` + tok + `"}`},
		{57, `{"_weir":"` + tok + `"         }`},
		{58, `{"_weir":"` + tok + `","data":""}`},
		{81, `{"_weir":"` + tok + `","data":"JmYWVKQq3j9ZjH3_zInIf4V"}`},
		{82, `{"_weir":"` + tok + `","id":"c584133ac916ab3c","data":""}`},
		{100, `{"_weir":"` + tok + `","id":"c584133ac916ab3c","data":"JmYWVKQq3j9ZjH3_zI"}`},
		{101, `{"_weir":"` + tok + `","id":"c584133ac916ab3c","ts":1795348800000,"data":""}`},
		{119, `{"_weir":"` + tok + `","id":"c584133ac916ab3c","ts":1795348800000,"type":"purchase","data":""}`},
		{130, `{"_weir":"` + tok + `","id":"c584133ac916ab3c","ts":1795348800000,"type":"purchase","data":"JmYWVKQq3j9"}`},
	} {
		got, _ := newBodies(t, c.size, 0).Append(nil, 7, tokenOf(7), payload.Key{})
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Errorf("size %d (-want +got):\n%s", c.size, diff)
		}
	}
}

// The time stays 13 digits, whatever is due when.
func TestGeneratedTimestamp(t *testing.T) {
	b := newBodies(t, 130, 0)
	for _, c := range []struct {
		due  time.Time
		want string
	}{
		{time.UnixMilli(0), `"ts":1000000000000,`},
		{time.UnixMilli(1_795_348_800_123), `"ts":1795348800123,`},
		{time.UnixMilli(10_000_000_000_000), `"ts":9999999999999,`},
	} {
		body, _ := b.Append(nil, 0, &token.Token{Due: c.due}, payload.Key{})
		if !strings.Contains(string(body), c.want) || len(body) != 130 {
			t.Errorf("due %v: %s", c.due, body)
		}
	}
}

func TestGeneratedIsAFunctionOfSlotAndSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(82, 2000).Draw(t, "size") // from 82 on there is an id
		seed := rapid.Uint64().Draw(t, "seed")
		slot := rapid.Uint64().Draw(t, "slot")
		other := rapid.Uint64().Filter(func(v uint64) bool { return v != slot }).Draw(t, "other slot")
		bodyOf := func(seed, slot uint64) string {
			b, err := payload.NewBodies(size, seed)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := b.Append(nil, slot, tokenOf(1), payload.Key{})
			return string(body)
		}
		body := bodyOf(seed, slot)
		if again := bodyOf(seed, slot); body != again {
			t.Fatalf("not the same again:\n%s\n%s", body, again)
		}
		if body == bodyOf(seed, other) {
			t.Fatalf("slots %d and %d have the same body", slot, other)
		}
		if body == bodyOf(seed+1, slot) {
			t.Fatalf("seeds %d and %d have the same body", seed, seed+1)
		}
	})
}

func TestNewBodiesRefuses(t *testing.T) {
	for _, c := range []struct {
		size int
		want string
	}{
		{47, "a body of 47 bytes can't hold the ledger token: the smallest is 48"},
		{-1, "a body of -1 bytes can't hold the ledger token: the smallest is 48"},
		{10_485_761, "a body of 10485761 bytes is above the largest record, 10485760"},
	} {
		if _, err := payload.NewBodies(c.size, 0); err == nil || err.Error() != c.want {
			t.Errorf("NewBodies(%d): %v\nwant %s", c.size, err, c.want)
		}
	}
}

func TestLargestBody(t *testing.T) {
	body, _ := newBodies(t, payload.MaxBytes, 0).Append(nil, 0, tokenOf(0), payload.Key{})
	if len(body) != 10_485_760 {
		t.Errorf("%d bytes", len(body))
	}
}

func BenchmarkGenerated(b *testing.B) {
	for _, size := range []int{100, 500, 10240} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			bodies := newBodies(b, size, 1)
			buf := make([]byte, 0, size)
			tok := tokenOf(1)
			slot := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				buf, _ = bodies.Append(buf[:0], slot, tok, payload.Key{})
				slot++
			}
		})
	}
}
