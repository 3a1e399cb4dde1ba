package cli

import (
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weir/internal/advice"
	"weir/internal/compare"
	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/record"
)

var updateKeys = flag.Bool("update", false, "write the keys as they are into docs/stability.md")

// stabilityDocument promises to users the keys of the documents below.
const stabilityDocument = "../../docs/stability.md"

// promised are the documents by the heading they have there.
var promised = []struct {
	heading string
	value   any
}{
	{"run.json", record.Run{}},
	{"series.ndjson, each line", record.Point{}},
	{"steps.json", []record.StepResult{}},
	{"ledger.json", ledger.Report{}},
	{"verdict.json, weir run --json, weir try --json, weir judge --json", judge.Verdict{}},
	{"weir run stress --json", record.Search{}},
	{"weir compare --json", compare.Comparison{}},
	{"weir compare --history --json", compare.History{}},
	{"weir plan list --json", []listedTest{}},
	{"weir plan show --json", shownPlan{}},
	{"weir plan status --json", planStatus{}},
	{"weir cost estimate --json", estimated{}},
	{"weir cost project --json", []projection{}},
	{"weir cost reconcile --json", reconciliation{}},
	{"weir advise --json", advice.Advice{}},
	{"weir env status --json", envStatus{}},
	{"weir metrics --json", []listedMetric{}},
	{"weir doctor --json", diagnosis{}},
	{"weir env status --json", envStatus{}},
	{"weir version --json", build{}},
	{"certificate.json", judge.Certificate{}},
}

// The promise of docs/stability.md: what it lists is written, under that key
// and as that kind of value. A key that it does not list is new: -update adds
// it, and shows by what it takes away that a promise is broken.
func TestPromisedKeys(t *testing.T) {
	text, err := os.ReadFile(stabilityDocument)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range promised {
		keys := keysOf(p.value)
		start, end := keyBlock(string(text), p.heading)
		if start < 0 {
			t.Errorf("%s has no keys of %q", stabilityDocument, p.heading)
			continue
		}
		if *updateKeys {
			text = []byte(string(text[:start]) + strings.Join(keys, "\n") + string(text[end:]))
			continue
		}
		for key := range strings.Lines(string(text[start:end])) {
			if !slices.Contains(keys, strings.TrimSpace(key)) {
				t.Errorf("%s: %q is promised, and is not written", p.heading, strings.TrimSpace(key))
			}
		}
	}
	if *updateKeys {
		if err := os.WriteFile(stabilityDocument, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// keyBlock is where the lines below a heading's fence are, -1 where there are
// none.
func keyBlock(text, heading string) (start, end int) {
	const fence = "```text\n"
	at := strings.Index(text, "\n### `"+heading+"`\n")
	if at < 0 {
		return -1, -1
	}
	open := strings.Index(text[at:], fence)
	if open < 0 {
		return -1, -1
	}
	start = at + open + len(fence)
	return start, start + strings.Index(text[start:], "\n```")
}

func TestKeysOf(t *testing.T) {
	type inner struct {
		N int `json:"n"`
	}
	type outer struct {
		inner
		Maybe *float64         `json:"maybe"`
		Left  string           `json:"left,omitempty"`
		List  []inner          `json:"list"`
		By    map[string]int64 `json:"by"`
		Not   int              `json:"-"`
		not   int
	}
	want := []string{"n number", "maybe number?", "left string?", "list[].n number", "by{} number"}
	if got := keysOf(outer{not: 1}); !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
}

// keysOf are the paths of a value's JSON with what stands there: [] is each
// element of a list, {} each of an object by name, ? may be null or absent.
func keysOf(v any) []string { return keys(reflect.TypeOf(v), "", "") }

func keys(t reflect.Type, path, mark string) []string {
	if t.Kind() == reflect.Pointer {
		return keys(t.Elem(), path, "?")
	}
	if kind, ok := written(t); ok {
		return []string{strings.TrimPrefix(path, ".") + " " + kind + mark}
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return keys(t.Elem(), path+"[]", mark)
	case reflect.Map:
		return keys(t.Elem(), path+"{}", mark)
	}
	var all []string
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-", !f.IsExported() && !f.Anonymous:
		case f.Anonymous && name == "":
			all = append(all, keys(f.Type, path, mark)...)
		default:
			m := mark
			if strings.Contains(options, "omit") {
				m = "?"
			}
			all = append(all, keys(f.Type, path+"."+name, m)...)
		}
	}
	return all
}

// written is how a type is written, if it is one value.
func written(t reflect.Type) (string, bool) {
	switch {
	case t.Implements(reflect.TypeFor[json.Marshaler]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()):
		if t.PkgPath() == "time" {
			return "time", true
		}
		return "object", true
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return "string", true
	}
	switch t.Kind() {
	case reflect.String:
		return "string", true
	case reflect.Bool:
		return "true or false", true
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint32, reflect.Uint64, reflect.Float64:
		return "number", true
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return "", false
	}
	return fmt.Sprint(t), true
}
