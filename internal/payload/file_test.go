package payload_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/payload"
	"weir/probe/token"
)

func write(tb testing.TB, text string) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestFileBodies(t *testing.T) {
	tok := tokenOf(0).String()
	for _, c := range []struct {
		name, file string
		want       []string // of slots 0, 1, …; TOKEN stands for the token
		tokenless  int
		largest    int
	}{
		// 7 + 47 bytes
		{"an object", `{"a":1}` + "\n", []string{`{"_weir":"TOKEN","a":1}`}, 0, 54},
		{"in order, and from the start again", "{\"a\":1}\n{\"a\":2}\n", []string{
			`{"_weir":"TOKEN","a":1}`, `{"_weir":"TOKEN","a":2}`, `{"_weir":"TOKEN","a":1}`,
		}, 0, 54},
		// 2 + 47
		{"an empty object grows as much", "{}\n", []string{`{"_weir":"TOKEN" }`}, 0, 49},
		{"space within and around", " { \"a\" : 1 } \n{ }\n", []string{` {"_weir":"TOKEN", "a" : 1 } `, `{"_weir":"TOKEN"  }`}, 0, 60},
		{"no newline at the end", "{\"a\":1}\n{\"a\":2}", []string{`{"_weir":"TOKEN","a":1}`, `{"_weir":"TOKEN","a":2}`}, 0, 54},
		{"lines as Windows ends them", "\ufeff{\"a\":1}\r\n\r\n{\"a\":2}\r\n", []string{`{"_weir":"TOKEN","a":1}`, `{"_weir":"TOKEN","a":2}`}, 0, 54},
		{"empty lines", "\n\n{\"a\":1}\n  \n", []string{`{"_weir":"TOKEN","a":1}`, `{"_weir":"TOKEN","a":1}`}, 0, 54},
		{"what is no object stays", "a,b,c\n[1]\nnull\n\"{}\"\n{\"a\":\n", []string{"a,b,c", "[1]", "null", `"{}"`, `{"a":`}, 5, 5},
		{"_weir further in", `{"a":{"_weir":1}}`, []string{`{"_weir":"TOKEN","a":{"_weir":1}}`}, 0, 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := payload.OpenBodies(write(t, c.file), payload.Order{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for slot := range c.want {
				body, carries := b.Append(nil, uint64(slot), tokenOf(0), payload.Key{})
				got = append(got, strings.Replace(string(body), tok, "TOKEN", 1))
				if carries != strings.Contains(string(body), tok) {
					t.Errorf("slot %d: carries token: %t: %s", slot, carries, body)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if b.HasTokenless() != c.tokenless || b.MaxBytes() != c.largest {
				t.Errorf("HasTokenless, MaxBytes = %d, %d; want %d, %d", b.HasTokenless(), b.MaxBytes(), c.tokenless, c.largest)
			}
		})
	}
}

func TestOpenBodiesRefuses(t *testing.T) {
	object := func(size int) string { return `{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}` }
	for _, c := range []struct{ name, file, want string }{
		{"an empty file", "", ":1:1: the file has no bodies"},
		{"nothing but empty lines", "\n\r\n  \n", ":1:1: the file has no bodies"},
		{"a member _weir", "{\"a\":1}\n\n{\"b\":1,\"_weir\":2}\n", ":3:16: the object has a member _weir already"},
		{"the same in disguise", `{"\u005fweir":2}`, ":1:15: the object has a member _weir already"},
		{"text with a token", "a\n" + tokenOf(1).String() + ",b\n", ":2:1: the text carries a ledger token already"},
		{"an object above 10 MiB with its token", "{}\n" + object(payload.MaxBytes-46), ":2:1: a body of 10485761 bytes is above the largest record, 10485760"},
		{"text above 10 MiB", strings.Repeat("x", payload.MaxBytes+1), ":1:1: a body of 10485761 bytes is above the largest record, 10485760"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, c.file)
			_, err := payload.OpenBodies(path, payload.Order{}, 1)
			if want := path + c.want; err == nil || err.Error() != want {
				t.Errorf("OpenBodies: %v\nwant %s", err, want)
			}
		})
	}
	if _, err := payload.OpenBodies(filepath.Join(t.TempDir(), "none"), payload.Order{}, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	if _, err := payload.OpenBodies(write(t, object(payload.MaxBytes-47)), payload.Order{}, 1); err != nil {
		t.Errorf("of 10 MiB exactly: %v", err)
	}
}

// The token makes every object longer by the same, and changes nothing else.
func TestGrowthIsConstant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.StringMatching(`[a-z"\\{}é]{0,5}`), rapid.Int(), 0, 4).Draw(t, "object")
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := payload.OpenBodies(path, payload.Order{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		body, carries := b.Append(nil, 0, tokenOf(0), payload.Key{})
		if !carries || len(body) != len(text)+payload.Growth || len(body) != b.MaxBytes() {
			t.Fatalf("%d bytes became %d: %s", len(text), len(body), body)
		}
		if tok, ok := token.Parse(body[len(`{"_weir":"`):]); !ok || tok.Seq != 0 {
			t.Fatalf("no token in %s", body)
		}
		var back map[string]json.RawMessage
		if err := json.Unmarshal(body, &back); err != nil {
			t.Fatal(err)
		}
		delete(back, payload.Member)
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(text) {
			t.Fatalf("%s became %s", text, again)
		}
	})
}

// FuzzOpenBodies: what was an object stays one and grows by Growth, what was
// not stays as it is.
func FuzzOpenBodies(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{}\r\n\n[1]\nplain"))
	f.Add([]byte(`{"a":{"_weir":[]}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := payload.OpenBodies(write(t, string(file)), payload.Order{}, 1)
		if err != nil {
			return
		}
		body, carries := b.Append(nil, 0, tokenOf(0), payload.Key{})
		if len(body) > b.MaxBytes() {
			t.Errorf("%d bytes, above MaxBytes %d", len(body), b.MaxBytes())
		}
		if !carries && !strings.Contains(string(file), string(body)) {
			t.Errorf("%q is not in the file", body)
		}
		var object map[string]json.RawMessage
		if carries && (json.Unmarshal(body, &object) != nil || object[payload.Member] == nil) {
			t.Errorf("no object with a token: %q", body)
		}
	})
}
