package campaign

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	f, err := Parse("plan.yaml", []byte(`
name: mine
pipeline: {shards: 2, work: 20ms}
quiet_hours: [{from: "22:00", to: "06:00", zone: Europe/Berlin}]
weeks:
  - week: 1
    tests:
      - {test: baseline-500b, rates: [10, 2000], step: 1m, payload: 1KB}
      - {test: baseline-500b, id: again, repeat: 2, pipeline: {shards: 4}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := File{
		Name: "mine", Target: "local", Pipeline: Pipeline{Shards: 2, Work: Length(20 * time.Millisecond)},
		QuietHours: []Quiet{{From: "22:00", To: "06:00", Zone: "Europe/Berlin"}},
		Weeks: []Week{{Week: 1, Tests: []Test{
			{Test: "baseline-500b", Rates: []float64{10, 2000}, Step: Length(time.Minute), Payload: "1KB"},
			{Test: "baseline-500b", ID: "again", Repeat: 2, Pipeline: &Pipeline{Shards: 4}},
		}}},
	}
	if d := cmp.Diff(want, f); d != "" {
		t.Error(d)
	}
}

func TestParseNamesThePlace(t *testing.T) {
	const week = "weeks:\n  - week: 1\n    tests:\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown field", week + "      - {test: baseline-500b, rate: 5}\n", "read the plan: plan.yaml:4:31: unknown field \"rate\"\n"},
		{"unknown test", week + "      - {test: base}\n", `plan.yaml:4:16: unknown test "base"`},
		{"wrong type", week + "      - {test: baseline-500b, rates: [fast]}\n", "plan.yaml:4:39: a number is needed here, not text\n"},
		{"bad rate", week + "      - {test: baseline-500b, rates: [10, -1]}\n", "plan.yaml:4:43: rate -1"},
		{"twice", week + "      - {test: baseline-500b}\n      - {test: baseline-500b}\n", "plan.yaml:5:9: test baseline-500b stands in the plan twice"},
		{"no length", week + "      - {test: baseline-500b, step: 5 minutes}\n", "plan.yaml:4:37: \"5 minutes\" is not a length of time: write for example 30s"},
		{"length without unit", week + "      - {test: baseline-500b, step: 5}\n", `plan.yaml:4:37: "5" is not a length of time`},
		{"negative length", week + "      - {test: baseline-500b, step: -5m}\n", "plan.yaml:4:37: step -5m0s can't be negative"},
		{"length of a test that has its own", week + "      - {test: sustained, step: 5m}\n", "plan.yaml:4:33: step is for baseline tests and shapes"},
		{"one rate, no list", week + "      - {test: baseline-500b, rates: 10}\n", "plan.yaml:4:38: a list is needed here: [10, 100], or [10] for one\n"},
		{"rates and shape", week + "      - {test: baseline-500b, shape: \"ramp:1..5\", rates: [5]}\n", "rates and shape exclude each other"},
		{"bad id", week + "      - {test: baseline-500b, id: a/b}\n", "plan.yaml:4:35: id \"a/b\""},
		{"bad payload", week + "      - {test: baseline-500b, payload: big}\n", `plan.yaml:4:40: "big" is not a size`},
		{"no tests", "weeks:\n  - week: 1\n", "plan.yaml:2:"},
		{"no weeks", "name: x\n", "a plan needs weeks"},
		{"weeks twice", week + "      - {test: baseline-100b}\n  - week: 1\n    tests:\n      - {test: baseline-500b}\n", "plan.yaml:5:11: week 1"},
		{"aws shapes nothing", "target: aws\npipeline: {shards: 2}\n" + week + "      - {test: baseline-500b}\n", "tested as it is"},
		{"short step on aws", "target: aws\n" + week + "      - {test: baseline-500b, step: 30s}\n", "plan.yaml:5:37: step 30s is too short"},
		{"no time of day", "quiet_hours:\n  - {from: 8, to: \"18:00\"}\n" + week + "      - {test: baseline-500b}\n", `"8" is not a time of day`},
		{"not YAML", "weeks: [", "read the plan: plan.yaml:1:8: sequence end token"},
		{"empty", "", "read the plan: plan.yaml is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("plan.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(FourWeeks)
	f.Add([]byte("weeks: [{week: 1, tests: [{test: baseline-500b, rates: [.nan]}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("plan.yaml", text)
		if err != nil {
			return
		}
		if _, err := file.Units(Options{}); err != nil {
			t.Errorf("a plan that parses has no units: %v", err)
		}
	})
}

// TestSchemaNamesEveryField compares the schema's properties with the fields
// that Parse knows.
func TestSchemaNamesEveryField(t *testing.T) {
	type object struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Defs       map[string]json.RawMessage `json:"$defs"`
		Items      json.RawMessage            `json:"items"`
	}
	read := func(text json.RawMessage) (o object) {
		t.Helper()
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	root := read(Schema)
	for _, c := range []struct {
		of     any
		schema object
	}{
		{File{}, root},
		{Quiet{}, read(read(root.Properties["quiet_hours"]).Items)},
		{Week{}, read(read(root.Properties["weeks"]).Items)},
		{Pipeline{}, read(root.Defs["pipeline"])},
		{Test{}, read(root.Defs["test"])},
	} {
		var fields, properties []string
		for f := range reflect.TypeOf(c.of).Fields() {
			fields = append(fields, f.Tag.Get("yaml"))
		}
		for name := range c.schema.Properties {
			properties = append(properties, name)
		}
		slices.Sort(fields)
		slices.Sort(properties)
		if d := cmp.Diff(fields, properties); d != "" {
			t.Errorf("%T: fields and schema differ:\n%s", c.of, d)
		}
	}
}
