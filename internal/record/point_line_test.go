package record

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A point's line is encoding/json's to the byte, and is read as encoding/json
// reads it, one point after another with the same encoder and decoder.
func TestPointLinesAreEncodingJSONs(t *testing.T) {
	name := rapid.OneOf(rapid.SampledFrom([]string{"accepted", "e2e_p99", "a b", "<&>", "ü", "q\"\\", "\n"}), rapid.String())
	point := rapid.Custom(func(t *rapid.T) Point {
		p := Point{
			T: rapid.Int64().Draw(t, "t"),
			V: rapid.MapOf(name, rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 1e7), rapid.Map(rapid.IntRange(-9, 1e6), func(n int) float64 { return float64(n) }))).Draw(t, "v"),
		}
		if rapid.Bool().Draw(t, "named") {
			p.N = rapid.MapOfN(name, rapid.String(), 1, 3).Draw(t, "n")
		}
		return p
	})
	rapid.Check(t, func(t *rapid.T) {
		var e pointEncoder
		var d pointDecoder
		for _, p := range rapid.SliceOfN(point, 1, 4).Draw(t, "points") {
			want, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			line, err := e.appendLine(nil, p)
			if err != nil || string(line) != string(want)+"\n" {
				t.Fatalf("%q, %v; want %q", line, err, want)
			}
			same(t, &d, line)
			same(t, &d, want)
		}
	})
}

// same fails where the line is read other than encoding/json reads it.
func same(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, d *pointDecoder, line []byte,
) {
	t.Helper()
	var want Point
	wrong := json.Unmarshal(line, &want)
	got, err := d.decode(line)
	if (err == nil) != (wrong == nil) {
		t.Fatalf("%q: %v, want %v", line, err, wrong)
	}
	if wrong == nil && !cmp.Equal(want, got) {
		t.Fatalf("%q: %+v, want %+v", line, got, want)
	}
}

func FuzzPointDecoder(f *testing.F) {
	for _, line := range []string{
		`{"t":1,"v":{"a":1,"b":0.5}}`, `{"t":1,"v":{"a":-1e-7},"n":{"h":"s"}}`, `{"t":01,"v":{}}`, `{"t":1,"v":{"a":1,}}`,
		`{"t":1,"v":{"a":1.}}`, `{"t":1,"v":{"a":.5}}`, `{"t":1,"v":{"a":00}}`, `{"t":1,"v":{"a":1,"a":2}}`, `{"t":1,"v":null}`,
		`{"t":1,"v":{"a":1}`, `{"t":1,"v":{"a":null}}`, `{"t":1,"v":{"a":"b"}}`, `{"t":1,"v":{},"n":{}`, `{"t":1,"v":{},"t":2}`,
		`{"t":1,"v":{"a":1e999}}`, `{"t":1,"v":{"a":0x1p4}}`, `{"t":1,"v":{"a":1_0.5}}`, `{"t":1,"v":{"a":Inf}}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		d := pointDecoder{}
		_, _ = d.decode([]byte(`{"t":1,"v":{"a":1,"b":2}}`)) // a line to have learnt names from
		same(t, &d, line)
	})
}
