package payload_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/payload"
	"weir/probe/token"
)

func writeAs(tb testing.TB, name, text string) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func order(tb testing.TB, text string) payload.Order {
	tb.Helper()
	o, err := payload.ParseOrder(text)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// Rows are objects of strings: nothing is guessed about 007.
func TestRows(t *testing.T) {
	path := writeAs(t, "events.CSV", "\ufeffid,name\r\n007,\"a \"\"b\"\"\nc\"\r\n8,\r\n")
	b, err := payload.OpenBodies(path, payload.Order{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	tok := tokenOf(0).String()
	for slot, want := range []string{
		`{"_weir":"` + tok + `","id":"007","name":"a \"b\"\nc"}`,
		`{"_weir":"` + tok + `","id":"8","name":""}`,
		`{"_weir":"` + tok + `","id":"007","name":"a \"b\"\nc"}`,
	} {
		got, carries := b.Append(nil, uint64(slot), tokenOf(0), payload.Key{})
		if diff := cmp.Diff(want, string(got)); diff != "" || !carries {
			t.Errorf("slot %d: carries token: %t (-want +got):\n%s", slot, carries, diff)
		}
	}
}

func TestRowsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                    ":1:1: the file has no bodies",
		"id\n":                ":1:1: the file has no bodies",
		"id,\n1,2\n":          ":1:4: the column has no name",
		"id,a,id\n1,2,3\n":    ":1:6: a second column id",
		"id,_weir\n1,2\n":     ":1:4: the name _weir is the ledger token's",
		"id,n\n1,2\n3\n":      ":3:1: wrong number of fields",
		"id,n\n1,\"2\n":       ":2:6: extraneous or missing \" in quoted-field",
		"id,n\n1,2\n\n3,x\"y": ":4:4: bare \" in non-quoted-field",
	} {
		path := writeAs(t, "events.csv", text)
		if _, err := payload.OpenBodies(path, payload.Order{}, 1); err == nil || err.Error() != path+want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

// A sample is drawn by the seed, each row as likely: of 9 000 draws 3 000 each,
// with standard deviation √(9 000 · 1/3 · 2/3) ≈ 45.
func TestSample(t *testing.T) {
	path := writeAs(t, "events.ndjson", "a\nb\nc\n")
	counts := map[string]int{}
	b, err := payload.OpenBodies(path, order(t, "sample"), 5)
	if err != nil {
		t.Fatal(err)
	}
	inTurn := true
	for slot := range uint64(9000) {
		body, _ := b.Append(nil, slot, &token.Token{}, payload.Key{})
		counts[string(body)]++
		inTurn = inTurn && string(body) == string(rune('a'+slot%3))
	}
	for _, text := range []string{"a", "b", "c"} {
		if n := counts[text]; n < 3000-4*45 || n > 3000+4*45 {
			t.Errorf("%s drawn %d times of 9 000", text, n)
		}
	}
	if inTurn {
		t.Error("drawn in the file's order")
	}
}

// A replay is in order of the field's times, each counted from the first and
// divided by the speed.
func TestReplay(t *testing.T) {
	for _, c := range []struct {
		name, text, order string
		want              []time.Duration
		first             string
	}{
		{"rows, out of order", "at,n\n2026-11-22T12:00:10Z,b\n2026-11-22T12:00:00.500Z,a\n", "replay:at", []time.Duration{0, 9500 * time.Millisecond}, "a"},
		{"ten times as fast", "at,n\n100,a\n110,b\n120.5,c\n", "replay:at*10", []time.Duration{0, time.Second, 2050 * time.Millisecond}, "a"},
		{"milliseconds", "at,n\n1795348800250,b\n1795348800000,a\n", "replay:at", []time.Duration{0, 250 * time.Millisecond}, "a"},
	} {
		b, err := payload.OpenBodies(writeAs(t, "events.csv", c.text), order(t, c.order), 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, b.Moments()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		var row struct{ N string }
		body, _ := b.Append(nil, 0, tokenOf(0), payload.Key{})
		if err := json.Unmarshal(body, &row); err != nil || row.N != c.first {
			t.Errorf("%s: first %s, %v", c.name, body, err)
		}
	}
	for text, want := range map[string]string{
		"at,n\n100,a\n,b\n":     `:3:1: field at: "" is not a time: RFC 3339 or a Unix time`,
		"at,n\n100,a\nsoon,b\n": `:3:1: field at: "soon" is not a time: RFC 3339 or a Unix time`,
		"n\na\n":                ":2:1: no field at",
	} {
		path := writeAs(t, "events.csv", text)
		if _, err := payload.OpenBodies(path, order(t, "replay:at"), 1); err == nil || err.Error() != path+want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

func TestParseOrder(t *testing.T) {
	for _, text := range []string{"", "loop", " sample ", "replay:at", "replay:a.b*0.5"} {
		if o, err := payload.ParseOrder(text); err != nil || o.Replays() != (len(text) > 8) {
			t.Errorf("ParseOrder(%q) = %+v, %v", text, o, err)
		}
	}
	for text, want := range map[string]string{
		"shuffle":       `"shuffle" is no order: write loop, sample, replay:FIELD or replay:FIELD*10`,
		"replay":        `"replay" is no order: write loop, sample, replay:FIELD or replay:FIELD*10`,
		"sample:5":      `"sample:5" is no order: write loop, sample, replay:FIELD or replay:FIELD*10`,
		"replay:at*0":   `replay: "at*0" is no field and speed: write for example replay:at*10`,
		"replay:*5":     `replay: "*5" is no field and speed: write for example replay:at*10`,
		"replay:at*NaN": `replay: "at*NaN" is no field and speed: write for example replay:at*10`,
	} {
		if _, err := payload.ParseOrder(text); err == nil || err.Error() != want {
			t.Errorf("ParseOrder(%q): %v, want %s", text, err, want)
		}
	}
}

// FuzzOpenRows: whatever is taken gives objects with the token, up to MaxBytes.
func FuzzOpenRows(f *testing.F) {
	f.Add("id,n\n1,2\n")
	f.Add("a\r\n\"x\"\"\ny\"\r\n")
	f.Add("at,b\n2026-11-22T12:00:00Z,\n1795348800,\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []string{"loop", "replay:at"} {
			b, err := payload.OpenBodies(writeAs(t, "events.csv", text), order(t, o), 1)
			if err != nil {
				continue
			}
			body, carries := b.Append(nil, 3, tokenOf(3), payload.Key{})
			var object map[string]string
			if err := json.Unmarshal(body, &object); err != nil || !carries || object[payload.Member] == "" || len(body) > b.MaxBytes() {
				t.Errorf("%q: %v, carries token: %t: %s", text, err, carries, body)
			}
			last := time.Duration(0)
			for _, at := range b.Moments() {
				if at < last {
					t.Errorf("%q: moments %v", text, b.Moments())
				}
				last = at
			}
		}
	})
}
