package kinesis

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSealedCursors(t *testing.T) {
	s := newSealer(7)
	rapid.Check(t, func(t *rapid.T) {
		c := cursor{
			stream:   rapid.StringMatching(namePattern).Draw(t, "stream"),
			created:  rapid.Int64().Draw(t, "created"),
			shard:    rapid.Uint32().Draw(t, "shard"),
			position: rapid.Uint64().Draw(t, "position"),
			issued:   rapid.Int64().Draw(t, "issued"),
		}
		text := s.seal(kindIterator, c)
		if got, ok := s.open(kindIterator, text); !ok || got != c {
			t.Fatalf("opened %+v, %v, want %+v", got, ok, c)
		}
		if text == s.seal(kindIterator, c) {
			t.Fatal("two seals of a cursor are the same text")
		}
		if _, ok := s.open(kindShards, text); ok {
			t.Fatal("an iterator opens as a page token")
		}
	})
}

func TestLongestIteratorIsValid(t *testing.T) {
	text := newSealer(0).seal(kindIterator, cursor{stream: strings.Repeat("s", 128)})
	if len(text) > 512 {
		t.Errorf("an iterator of %d characters is over the API's 512", len(text))
	}
}

func TestCursorExpiry(t *testing.T) {
	c := cursor{issued: at(0).UnixMilli()}
	if c.expired(at(300_000)) || !c.expired(at(300_001)) {
		t.Error("an iterator lives 5 minutes exactly")
	}
	want := "Iterator expired. The iterator was created at time Sun Nov 22 12:00:00 UTC 2026 while right now it is " +
		"Sun Nov 22 12:06:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds."
	if got := c.expiredIterator(at(360_000)); got.Message != want {
		t.Errorf("message %q, want %q", got.Message, want)
	}
}

func FuzzOpenCursor(f *testing.F) {
	s := newSealer(7)
	genuine := s.seal(kindIterator, cursor{stream: "s", position: 3})
	f.Add(genuine)
	f.Add("")
	f.Add("AAAA")
	f.Add(genuine[:len(genuine)-4])
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := s.open(kindIterator, text); ok && text != genuine {
			t.Errorf("forged %q opens as %+v", text, c)
		}
	})
}
