package token_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/probe/token"
)

// vectors is probe/testdata/token.json, which every implementation of the
// format is tested with.
type vectors struct {
	Valid []struct {
		Name     string `json:"name"`
		Text     string `json:"text"`
		Run      uint32 `json:"run"`
		Step     uint8  `json:"step"`
		Producer uint16 `json:"producer"`
		Seq      uint64 `json:"seq"`
		Lane     uint32 `json:"lane"`
		DueUS    int64  `json:"due_us"`  // microseconds since the Unix epoch
		SentUS   int64  `json:"sent_us"` // likewise
	} `json:"valid"`
	Invalid []struct {
		Name string `json:"name"`
		Text string `json:"text"`
	} `json:"invalid"`
	Find []struct {
		Name string `json:"name"`
		Data string `json:"data"`
		At   int    `json:"at"` // -1: no token
		Seq  uint64 `json:"seq"`
	} `json:"find"`
}

func readVectors(tb testing.TB) vectors {
	tb.Helper()
	text, err := os.ReadFile("../testdata/token.json")
	if err != nil {
		tb.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	for _, c := range v.Valid {
		t.Run(c.Name, func(t *testing.T) {
			want := token.Token{
				Run: c.Run, Step: c.Step, Producer: c.Producer, Seq: c.Seq, Lane: c.Lane,
				Due: time.UnixMicro(c.DueUS), Sent: time.UnixMicro(c.SentUS),
			}
			if got := want.String(); got != c.Text {
				t.Errorf("String() = %q, want %q", got, c.Text)
			}
			got, ok := token.Parse([]byte(c.Text))
			if diff := cmp.Diff(want, got); !ok || diff != "" {
				t.Errorf("Parse: ok = %t (-want +got):\n%s", ok, diff)
			}
		})
	}
	for _, c := range v.Invalid {
		t.Run(c.Name, func(t *testing.T) {
			if got, ok := token.Parse([]byte(c.Text)); ok {
				t.Errorf("Parse(%q) = %+v, want none", c.Text, got)
			}
		})
	}
	for _, c := range v.Find {
		t.Run(c.Name, func(t *testing.T) {
			got, at, ok := token.Find([]byte(c.Data))
			if at != c.At || ok != (c.At >= 0) || got.Seq != c.Seq {
				t.Errorf("Find = sequence %d at %d, %t; want sequence %d at %d", got.Seq, at, ok, c.Seq, c.At)
			}
		})
	}
}

// Append cuts and rounds as its contract says.
func TestAppendCuts(t *testing.T) {
	due := time.UnixMicro(1_700_000_000_123_459)
	for _, c := range []struct {
		name     string
		in, want token.Token
	}{
		{
			"due to 10 µs, sent to 100 µs after due",
			token.Token{Due: due, Sent: due.Add(299 * time.Microsecond)},
			// due 123 459 → 123 450; late 299 → 200
			token.Token{Due: time.UnixMicro(1_700_000_000_123_450), Sent: time.UnixMicro(1_700_000_000_123_650)},
		},
		{
			"sent before due",
			token.Token{Due: due, Sent: due.Add(-time.Second)},
			token.Token{Due: time.UnixMicro(1_700_000_000_123_450), Sent: time.UnixMicro(1_700_000_000_123_450)},
		},
		{
			"sent an hour late: the longest lateness is (2^24-1) · 100 µs = 1677.7215 s",
			token.Token{Due: due, Sent: due.Add(time.Hour)},
			token.Token{Due: time.UnixMicro(1_700_000_000_123_450), Sent: time.UnixMicro(1_700_001_677_844_950)},
		},
		{
			"numbers above their limits",
			token.Token{Run: token.MaxRun + 2, Step: token.MaxStep + 3, Producer: token.MaxProducer + 4, Seq: token.MaxSeq + 5, Lane: token.MaxLane + 6, Due: due, Sent: due},
			token.Token{Run: 1, Step: 2, Producer: 3, Seq: 4, Lane: 5, Due: time.UnixMicro(1_700_000_000_123_450), Sent: time.UnixMicro(1_700_000_000_123_450)},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := token.Parse(c.in.Append(nil))
			if diff := cmp.Diff(c.want, got); !ok || diff != "" {
				t.Errorf("ok = %t (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func drawToken(t *rapid.T) token.Token {
	due := time.UnixMicro(rapid.Int64Range(0, 1<<48-1).Draw(t, "due") * 10)
	return token.Token{
		Run:      rapid.Uint32Range(0, token.MaxRun).Draw(t, "run"),
		Step:     rapid.Uint8Range(0, token.MaxStep).Draw(t, "step"),
		Producer: rapid.Uint16Range(0, token.MaxProducer).Draw(t, "producer"),
		Seq:      rapid.Uint64Range(0, token.MaxSeq).Draw(t, "seq"),
		Lane:     rapid.Uint32Range(0, token.MaxLane).Draw(t, "lane"),
		Due:      due,
		Sent:     due.Add(time.Duration(rapid.Int64Range(0, 1<<24-1).Draw(t, "late")) * 100 * time.Microsecond),
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawToken(t)
		text := want.Append([]byte("before"))
		if len(text) != len("before")+token.Len {
			t.Fatalf("%q is not %d characters", text, token.Len)
		}
		got, ok := token.Parse(text[len("before"):])
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Fatalf("ok = %t (-want +got):\n%s", ok, diff)
		}
	})
}

// One changed character is always noticed. That holds for every token if it
// holds for this one: whether a change leaves the checksum as it was depends on
// the changed bits and their place only, as a CRC is linear.
func TestOneWrongCharacter(t *testing.T) {
	right := readVectors(t).Valid[1].Text
	for at := range token.Len {
		for wrong := range 256 {
			text := []byte(right)
			text[at] = byte(wrong)
			if got, _, ok := token.Find(text); ok != (string(text) == right) {
				t.Errorf("Find(%q) = %+v, %t", text, got, ok)
			}
		}
	}
}

// Text of any kind around a token does not hide it.
func TestFindInAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOf(rapid.Byte()).Draw(t, "before")
		near := strings.Repeat("wr1", rapid.IntRange(0, 3).Draw(t, "near misses"))
		want := drawToken(t)
		data := append(before, near...)
		start := len(data)
		data = want.Append(data)
		data = append(data, rapid.SliceOf(rapid.Byte()).Draw(t, "after")...)
		got, at, ok := token.Find(data)
		if diff := cmp.Diff(want, got); !ok || at != start || diff != "" {
			t.Fatalf("ok = %t at %d, want at %d (-want +got):\n%s", ok, at, start, diff)
		}
	})
}

// What Parse takes for a token is one: Append writes the same text.
func FuzzParse(f *testing.F) {
	v := readVectors(f)
	for _, c := range v.Valid {
		f.Add([]byte(c.Text))
	}
	for _, c := range v.Invalid {
		f.Add([]byte(c.Text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if tok, ok := token.Parse(b); ok && tok.String() != string(b[:token.Len]) {
			t.Errorf("Parse(%q) = %+v, whose text is %q", b, tok, tok)
		}
	})
}

// What Find finds stands where it says, and is the first there is.
func FuzzFind(f *testing.F) {
	valid := token.Token{Run: 1, Seq: 2, Due: time.Unix(1_700_000_000, 0)}.String()
	f.Add([]byte(`{"_weir":"` + valid + `"}`))
	f.Add([]byte("wr1" + valid + valid))
	f.Add([]byte(valid[:20] + valid))
	f.Fuzz(func(t *testing.T, b []byte) {
		tok, at, ok := token.Find(b)
		if !ok {
			at = len(b)
		} else if got, ok := token.Parse(b[at:]); !ok || got != tok {
			t.Errorf("Find = %+v at %d, where Parse finds %+v, %t", tok, at, got, ok)
		}
		for i := range at {
			if earlier, ok := token.Parse(b[i:]); ok {
				t.Fatalf("Find missed %+v at %d", earlier, i)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	due := time.Unix(1_700_000_000, 0)
	tok := token.Token{Run: 77, Step: 3, Producer: 2, Seq: 123456789, Lane: 999, Due: due, Sent: due.Add(time.Millisecond)}
	buf := make([]byte, 0, token.Len)
	for b.Loop() {
		buf = tok.Append(buf[:0])
	}
}

func BenchmarkFind(b *testing.B) {
	tok := token.Token{Seq: 1, Due: time.Unix(1_700_000_000, 0)}.String()
	filler := strings.Repeat("x", 464)
	for _, c := range []struct{ name, data string }{
		{"first", tok + filler},
		{"last", filler + tok},
		{"none", filler},
	} {
		b.Run(c.name, func(b *testing.B) {
			data := []byte(c.data)
			for b.Loop() {
				token.Find(data)
			}
		})
	}
}
