package payload_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/payload"
	"weir/probe/token"
)

const example = `{"id":"{{uuid}}","at":"{{time}}","n":{{int 1 100}},"t":{{float 0 1 2}},"kind":"{{enum red=3 green=1}}","text":"{{text 200}}"}`

func parseTemplate(tb testing.TB, text string) *payload.Bodies {
	tb.Helper()
	b, err := payload.ParseTemplate("events.json", text, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// The bytes of a seed are a promise: they stay the same from version to version.
func TestTemplateBytes(t *testing.T) {
	text := strings.Replace(example, "200", "12", 1)
	body, carries := parseTemplate(t, text+"\n").Append([]byte("before"), 7, tokenOf(7), payload.Key{})
	want := `before{"_weir":"` + tokenOf(7).String() + `","id":"b78c9810-3387-4183-a9cf-3c3d35ed0e99","at":"2026-11-22T12:00:00.000Z","n":69,"t":0.69,"kind":"green","text":"qCk2JWL42B0_"}`
	if diff := cmp.Diff(want, string(body)); diff != "" || !carries {
		t.Errorf("carries token: %t (-want +got):\n%s", carries, diff)
	}
}

// Where the token goes; MaxBytes is exact where nothing varies in length.
func TestTemplateToken(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{}`, `{"_weir":"TOKEN"}`},
		{" { }\n", ` {"_weir":"TOKEN" }`},
		{`{"a":{"b":1}}`, `{"_weir":"TOKEN","a":{"b":1}}`},
		{"{\n  \"a\": 1\n}\r\n", "{\"_weir\":\"TOKEN\",\n  \"a\": 1\n}"},
		{`{"n":{{int 5 5}}}`, `{"_weir":"TOKEN","n":5}`},
		{`{"a":1,"trace":"{{token}}"}`, `{"a":1,"trace":"TOKEN"}`},
		{`{{enum red}},{{ token }},{{int -7 -7}}`, `red,TOKEN,-7`},
		{"\ufeff{\"é\":1}", `{"_weir":"TOKEN","é":1}`},
		{`[{{token}}]`, `[TOKEN]`},
	} {
		b := parseTemplate(t, c.text)
		got, carries := b.Append(nil, 3, tokenOf(3), payload.Key{})
		want := strings.Replace(c.want, "TOKEN", tokenOf(3).String(), 1)
		if diff := cmp.Diff(want, string(got)); diff != "" || !carries {
			t.Errorf("%s: carries token: %t (-want +got):\n%s", c.text, carries, diff)
		}
		if b.MaxBytes() != len(want) || b.HasTokenless() != 0 {
			t.Errorf("%s: MaxBytes, HasTokenless = %d, %d; want %d, 0", c.text, b.MaxBytes(), b.HasTokenless(), len(want))
		}
	}
}

// values are what a generator makes for slots 0, 1, ….
func values(tb testing.TB, generator string, slots int) []string {
	tb.Helper()
	b := parseTemplate(tb, generator+" {{token}}")
	made := make([]string, slots)
	for slot := range made {
		body, _ := b.Append(nil, uint64(slot), tokenOf(uint64(slot)), payload.Key{})
		made[slot] = string(body[:len(body)-token.Len-1])
		if len(body) > b.MaxBytes() {
			tb.Fatalf("%s: %q is above MaxBytes %d", generator, body, b.MaxBytes())
		}
	}
	return made
}

func TestTemplateGenerators(t *testing.T) {
	for generator, form := range map[string]string{
		"{{uuid}}":               `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`,
		"{{time}}":               `2026-11-22T12:00:00\.000Z`,
		"{{time ms}}":            `1795348800000`,
		"{{time s}}":             `1795348800`,
		"{{seq}}":                `\d{1,3}`,
		"{{int 8 12}}":           `[89]|1[012]`,
		"{{int -1 1}}":           `-1|0|1`,
		"{{float -1 1 1}}":       `-1\.0|-?0\.[1-9]|0\.0|1\.0`,
		"{{float 0.25 0.26 3}}":  `0\.2(5\d|60)`,
		"{{enum a=2 b=1.5 c}}":   `a|b|c`,
		"{{text 0}}":             ``,
		"{{text 20}}":            `[A-Za-z0-9_-]{20}`,
		"{{float -9.5 0.000 1}}": `-\d\.\d|0\.0`,
		"{{int -9223372036854775808 9223372036854775807}}": `-?\d+`,
	} {
		matches := regexp.MustCompile(`\A(?:` + form + `)\z`).MatchString
		for slot, v := range values(t, generator, 200) {
			if !matches(v) {
				t.Errorf("%s, slot %d: %q", generator, slot, v)
			}
		}
	}
	if got := len(values(t, "{{text 70000}}", 1)[0]); got != 70_000 { // longer than the text it is cut from
		t.Errorf("text 70000 has %d characters", got)
	}
	if got := values(t, "{{seq}}", 12)[11]; got != "11" {
		t.Errorf("seq of slot 11 is %s", got)
	}
}

// Both ends are drawn as often as the rest, and words by their weights: over
// 12 000 slots χ² with k-1 degrees of freedom has mean k-1 and standard
// deviation √(2(k-1)).
func TestTemplateShares(t *testing.T) {
	const slots = 12_000
	for generator, weights := range map[string]map[string]float64{
		"{{int -1 2}}":           {"-1": 1, "0": 1, "1": 1, "2": 1},
		"{{float 0 0.5 1}}":      {"0.0": 1, "0.1": 1, "0.2": 1, "0.3": 1, "0.4": 1, "0.5": 1},
		"{{enum red=3 green=1}}": {"red": 3, "green": 1},
		"{{enum a b=0.5 c=1.5}}": {"a": 1, "b": 0.5, "c": 1.5},
	} {
		counts := map[string]float64{}
		for _, v := range values(t, generator, slots) {
			counts[v]++
		}
		sum, chi2 := 0.0, 0.0
		for _, w := range weights {
			sum += w
		}
		for v, w := range weights {
			want := w / sum * slots
			chi2 += (counts[v] - want) * (counts[v] - want) / want
		}
		free := float64(len(weights) - 1)
		if len(counts) != len(weights) || math.Abs(chi2-free) > 4*math.Sqrt(2*free) {
			t.Errorf("%s: χ² = %.1f, want about %g: %v", generator, chi2, free, counts)
		}
	}
}

func TestTemplateRefuses(t *testing.T) {
	const (
		numbers = ": write for example {{int 1 100}}"
		decimal = ": write for example {{float 0 1 2}} (from, to, decimals)"
		words   = ": write for example {{enum red=3 green}}"
		times   = ": write for example {{time}}, {{time ms}} or {{time s}}"
		texts   = ": write for example {{text 200}}"
		all     = ": there are enum, float, int, seq, text, time, token, uuid"
		place   = "the text is no JSON object: write {{token}} where the ledger token is to stand"
		object  = "the bodies are no JSON objects: "
	)
	for _, c := range []struct{ text, want string }{
		{`{"a":"{{uid}}"}`, `1:7: unknown generator "uid"` + all},
		{"{\n \"é\":\"{{}}\"}", `2:7: unknown generator ""` + all},
		{`{"a":{{{int 1 2}}}}`, `1:6: unknown generator "{int 1 2"` + all},
		{"{\n\"a\":{{int 1 \n2}}}", `2:5: {{ without }} on its line`},
		{`{"a":{{int 1 2`, `1:6: {{ without }} on its line`},
		{`{{int 1}}`, `1:1: int: 1 arguments instead of 2` + numbers},
		{`{{int 1 x}}`, `1:1: int: "x" is not an integer` + numbers},
		{`{{int 2 1}}`, `1:1: int: the range ends before it starts` + numbers},
		{`{{float 0 1}}`, `1:1: float: 2 arguments instead of 3` + decimal},
		{`{{float 0 1 0}}`, `1:1: float: "0" is not a number of decimals from 1 to 9` + decimal},
		{`{{float 0 nan 1}}`, `1:1: float: "nan" is not a number, or too large for 1 decimals` + decimal},
		{`{{float 0 1e9 9}}`, `1:1: float: "1e9" is not a number, or too large for 9 decimals` + decimal},
		{`{{enum}}`, `1:1: enum: no words` + words},
		{`{{enum a=0}}`, `1:1: enum: "0" is not a weight above 0` + words},
		{`{{enum =1}}`, `1:1: enum: "" is empty or has quotes, backslashes or braces` + words},
		{`{{enum "a"}}`, `1:1: enum: "\"a\"" is empty or has quotes, backslashes or braces` + words},
		{`{{text -1}}`, `1:1: text: "-1" is not a number of characters from 0 to 10485760` + texts},
		{`{{time us}}`, `1:1: time: "us" is not ms or s` + times},
		{`{{time ms s}}`, `1:1: time: 2 arguments instead of 1` + times},
		{`{{uuid 4}}`, `1:1: uuid: 1 arguments instead of 0: write for example {{uuid}}`},
		{``, `1:1: ` + place},
		{`a,{{int 1 2}}`, `1:1: ` + place},
		{`[1]`, `1:1: ` + place},
		// The value without quotes, a comma too many, and an end too early.
		{`{"a":1,"at":{{time}}}`, `1:13: ` + object + `invalid character '-' after object key:value pair`},
		{"{\n\"id\":\"{{uuid}}\",\n}", `3:1: ` + object + `invalid character '}' looking for beginning of object key string`},
		{`{"n":{{int 1 2}}`, `1:6: ` + object + `unexpected end of JSON input`},
		{`{"a":1,"_weir":"{{uuid}}"}`, `1:1: the object has a member _weir already`},
		{"{\"a\":\"" + tokenOf(1).String() + "\"}", `1:7: the text carries a ledger token already`},
		{`{"a":"{{text 10485760}}"}`, `1:7: a body of 10485766 bytes or more is above the largest record, 10485760`},
		// Above the limit by the token: {"a":""} and the token's member are 8 + 47 bytes.
		{`{"a":"{{text 10485706}}"}`, `1:24: a body of 10485761 bytes or more is above the largest record, 10485760`},
	} {
		_, err := payload.ParseTemplate("events.json", c.text, 1)
		if want := "events.json:" + c.want; err == nil || err.Error() != want {
			t.Errorf("%.60s: %v\nwant %s", c.text, err, want)
		}
	}
	if _, err := payload.OpenTemplate(filepath.Join(t.TempDir(), "none"), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
}

func TestTemplateIsAFunctionOfSlotAndSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		slot := rapid.Uint64().Draw(t, "slot")
		other := rapid.Uint64().Filter(func(v uint64) bool { return v != slot }).Draw(t, "other slot")
		bodyOf := func(seed, slot uint64) string {
			b, err := payload.ParseTemplate("t", example, seed)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := b.Append(nil, slot, tokenOf(1), payload.Key{})
			var object map[string]any
			if err := json.Unmarshal(body, &object); err != nil || len(object) != 7 || len(body) > b.MaxBytes() {
				t.Fatalf("%d members, %d bytes of %d: %v: %s", len(object), len(body), b.MaxBytes(), err, body)
			}
			return string(body)
		}
		body := bodyOf(seed, slot)
		if again := bodyOf(seed, slot); body != again {
			t.Fatalf("not the same again:\n%s\n%s", body, again)
		}
		if body == bodyOf(seed, other) || body == bodyOf(seed+1, slot) {
			t.Fatalf("slot %d, seed %d: the same body as of another: %s", slot, seed, body)
		}
	})
}

// Two generators of one body, and one in bodies after each other, go apart:
// the correlation of 10 000 pairs has standard deviation 1/100.
func TestTemplateValuesAreIndependent(t *testing.T) {
	const n = 10_000
	var pairs [][2]float64
	for _, v := range values(t, "{{int 0 999}},{{int 0 999}}", n) {
		a, b, _ := strings.Cut(v, ",")
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		pairs = append(pairs, [2]float64{(float64(x) - 499.5) / 288.7, (float64(y) - 499.5) / 288.7})
	}
	within, between := 0.0, 0.0
	for i := range pairs {
		within += pairs[i][0] * pairs[i][1] / n
		between += pairs[i][0] * pairs[(i+1)%n][0] / n
	}
	if math.Abs(within) > 0.04 || math.Abs(between) > 0.04 {
		t.Errorf("correlation %.3f in a body, %.3f between bodies", within, between)
	}
}

// FuzzParseTemplate: what is taken makes bodies up to MaxBytes that carry the
// token.
func FuzzParseTemplate(f *testing.F) {
	f.Add(example)
	f.Add("{}\n")
	f.Add("{{token}},{{int -5 5}}\r\n{{enum a b=2}}")
	f.Add(`{"a":{{float -1 1 3}},"b":[{{seq}},{{time ms}}]}`)
	f.Add("{{text 3")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := payload.ParseTemplate("t", text, 1)
		if err != nil {
			return
		}
		body, carries := b.Append(nil, 5, tokenOf(5), payload.Key{})
		if tok, _, ok := token.Find(body); !carries || !ok || tok.Seq != 5 {
			t.Errorf("carries token: %t, found sequence %d, %t: %q", carries, tok.Seq, ok, body)
		}
		if len(body) > b.MaxBytes() {
			t.Errorf("%d bytes, above MaxBytes %d", len(body), b.MaxBytes())
		}
	})
}

func BenchmarkTemplate(b *testing.B) {
	bodies := parseTemplate(b, example)
	buf := make([]byte, 0, bodies.MaxBytes())
	slot := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = bodies.Append(buf[:0], slot, tokenOf(slot), payload.Key{})
		slot++
	}
}
