package project

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var shape = []string{"shards", "batch-size", "function"}

func TestParse(t *testing.T) {
	got, err := Parse("weir.yaml", []byte(`# of the orders team
target: aws
stream: orders
slo: [record_latency=5s, "lambda_errors=1%"]
budget_usd: 2.5
pipeline:
  shards: 4
  batch_size: 50
  function: ./bootstrap
`), shape)
	if err != nil {
		t.Fatal(err)
	}
	want := []Setting{
		{"target", All, "target", []string{"aws"}, "weir.yaml:2:1"},
		{"stream", Account, "stream", []string{"orders"}, "weir.yaml:3:1"},
		{"slo", All, "slo", []string{"record_latency=5s", "lambda_errors=1%"}, "weir.yaml:4:1"},
		{"budget_usd", Account, "budget", []string{"2.5"}, "weir.yaml:5:1"},
		{"pipeline.shards", Embedded, "shards", []string{"4"}, "weir.yaml:7:3"},
		{"pipeline.batch_size", Embedded, "batch-size", []string{"50"}, "weir.yaml:8:3"},
		{"pipeline.function", Embedded, "function", []string{"./bootstrap"}, "weir.yaml:9:3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n"} {
		if got, err := Parse("weir.yaml", []byte(text), shape); len(got) > 0 || err != nil {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestParseNamesThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"stram: x":                    `weir.yaml:1:1: "stram" is no key; there are pipeline, budget_usd, function,`,
		"target: aws\nshards: 3":      `weir.yaml:2:1: "shards" is no key; pipeline: {shards: …} shapes the embedded pipeline`,
		"pipeline: 4":                 "weir.yaml:1:11: pipeline needs keys below it",
		"pipeline:\n  batchsize: 3":   `weir.yaml:2:3: "batchsize" is no key of pipeline`,
		"pipeline: {shards: {a: b}}":  "weir.yaml:1:12: pipeline.shards needs a value, or a list of them",
		"region:":                     "weir.yaml:1:1: region needs a value",
		"slo: [a=1, [b=2]]":           "weir.yaml:1:1: slo needs a value",
		"slo: []":                     "weir.yaml:1:1: slo needs a value",
		"orders":                      "weir.yaml:1:1: keys with values are needed here",
		"- stream":                    "weir.yaml:1:1: keys with values are needed here",
		"stream: a\nstream: b":        `weir.yaml:2:1: mapping key "stream" already defined`,
		"target: aws\n  stream: deep": "weir.yaml:1:9: mapping value is not allowed",
		"stream: [a":                  "weir.yaml:1:9: sequence end token ']' not found",
	} {
		got, err := Parse("weir.yaml", []byte(text), shape)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}

// Whatever the file holds, each setting has a flag, a value and a place, or there
// is an error that names the file.
func FuzzParse(f *testing.F) {
	f.Add("stream: orders\nslo: [a=1]\npipeline: {shards: 4}\n")
	f.Add("pipeline:\n  shards: &a 4\n  batch_size: *a\n")
	f.Add("? stream\n: x\n---\n<<: {target: aws}\n")
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := Parse("weir.yaml", []byte(text), shape)
		if err != nil && !strings.HasPrefix(err.Error(), "weir.yaml:") {
			t.Errorf("no place: %v", err)
		}
		for _, s := range settings {
			if s.Flag == "" || len(s.Values) == 0 || !strings.HasPrefix(s.At, "weir.yaml:") {
				t.Errorf("incomplete: %+v", s)
			}
		}
	})
}
