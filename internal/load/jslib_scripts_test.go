package load

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/plan"
)

var update = flag.Bool("update", false, "write k6-test-scripts/jslib/catalogue.json")

const jslibScripts = "../../k6-test-scripts/jslib"

// plainTest is a test of the catalogue as catalogue.json has it.
type plainTest struct {
	Name    string       `json:"name"`
	Payload plainPayload `json:"payload"`
	Keys    int          `json:"keys"`
	Steps   []plainStep  `json:"steps"`
}

type plainPayload struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

type plainStep struct {
	Rate    float64 `json:"rate"`
	Seconds float64 `json:"seconds"`
}

// The scripts without our module offer what the catalogue's tests do.
func TestPlainCatalogue(t *testing.T) {
	var tests []plainTest
	for _, test := range plan.Catalogue() {
		p := plainTest{Name: test.Name, Keys: test.Keys.Pool, Payload: plainPayload{test.Payload.Bytes, test.Payload.Bytes}}
		if s := test.Payload.Sizes; s != (plan.Sizes{}) {
			p.Payload = plainPayload{s.Min, s.Max}
		}
		for _, s := range test.Steps {
			p.Steps = append(p.Steps, plainStep{s.Rate, s.Duration.Seconds()})
		}
		tests = append(tests, p)
	}
	var want strings.Builder
	want.WriteString("[\n")
	for i, test := range tests { // a line each
		line, err := json.Marshal(test)
		if err != nil {
			t.Fatal(err)
		}
		want.Write(line)
		if i < len(tests)-1 {
			want.WriteByte(',')
		}
		want.WriteByte('\n')
	}
	want.WriteString("]\n")
	path := filepath.Join(jslibScripts, "catalogue.json")
	if *update {
		if err := os.WriteFile(path, []byte(want.String()), 0o644); err != nil { //nolint:gosec // part of the repository
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Errorf("%s is not the catalogue: go test ./internal/load -run PlainCatalogue -update", path)
	}
}

// The script runs with jslib-aws, where its bundle is at hand.
func TestPlainScriptRuns(t *testing.T) {
	bundle := os.Getenv("WEIR_JSLIB")
	if bundle == "" {
		t.Skip("WEIR_JSLIB names no folder with jslib-aws's bundle aws-kinesis.js")
	}
	folder := t.TempDir()
	script := filepath.Join(folder, "test.js")
	for name, from := range map[string]string{"test.js": "https://jslib.k6.io/aws/0.14.0/kinesis.js", "catalogue.json": ""} {
		text, err := os.ReadFile(filepath.Join(jslibScripts, name))
		if err != nil {
			t.Fatal(err)
		}
		local := strings.Replace(string(text), from, filepath.Join(bundle, "aws-kinesis.js"), min(1, len(from)))
		if err := os.WriteFile(filepath.Join(folder, name), []byte(local), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// 200 records/s in calls of two: an iteration is a call. How many k6 gets to
	// in two seconds is the machine's matter.
	out, err := runScript(t, script, "TEST=smoke", "RATE=200", "DURATION=2s")
	accepted, iterations := counted(out, "kinesis_records_accepted"), counted(out, "iterations")
	if err != nil || strings.Contains(out, "level=error") || strings.Contains(out, "kinesis_records_rejected") || iterations == 0 || accepted != 2*iterations {
		t.Errorf("%v; %d records accepted in %d iterations\n%s", err, accepted, iterations, out)
	}
	// A refused call is counted by its cause.
	out, err = runScript(t, script, "RATE=10", "DURATION=1s", "KINESIS_STREAM_NAME=none")
	if err != nil || counted(out, "kinesis_records_rejected") == 0 || counted(out, "kinesis_records_accepted") > 0 {
		t.Errorf("%v: want records rejected alone\n%s", err, out)
	}
}
