package metrics

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/plan"
)

var watched = Watched{
	Region: "us-east-1", Stream: "weir", Function: "weir-probe", Mapping: "7b5c1d3e",
	Limits: Limits{
		IteratorAge: plan.DefaultTargets.IteratorAge,
		// Lambda's default timeout is 3 s.
		Duration:       time.Duration(plan.DefaultTargets.DurationShare * float64(3*time.Second)),
		ErrorRate:      plan.DefaultTargets.ErrorRate,
		RecordLatency:  plan.DefaultTargets.RecordLatency,
		MatchTolerance: plan.DefaultTargets.MatchTolerance,
	},
}

// readWidget is a widget as CloudWatch reads it.
type readWidget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Region, View string
		Period              int
		Metrics             [][]any
		YAxis               map[string]map[string]any
		Annotations         struct{ Horizontal []json.RawMessage }
	}
}

func readWidgets(t *testing.T, w Watched) []readWidget {
	t.Helper()
	var body struct{ Widgets []readWidget }
	if err := json.Unmarshal(Dashboard(w), &body); err != nil {
		t.Fatal(err)
	}
	return body.Widgets
}

// The six critical ones come first, each with its target: 1000 ms, half of
// 3000 ms, 0.1 %, none, 1 ± 0.001, 2000 ms.
func TestDashboardTargets(t *testing.T) {
	widgets := readWidgets(t, watched)
	if len(widgets) != 10 {
		t.Fatalf("%d widgets, want 10", len(widgets))
	}
	type shown struct {
		title  string
		values []float64
	}
	var got []shown
	value := regexp.MustCompile(`"value":\s*([0-9.]+)`)
	for _, w := range widgets {
		s := shown{title: w.Properties.Title}
		for _, a := range w.Properties.Annotations.Horizontal {
			for _, m := range value.FindAllSubmatch(a, -1) {
				var v float64
				if err := json.Unmarshal(m[1], &v); err != nil {
					t.Fatal(err)
				}
				s.values = append(s.values, v)
			}
		}
		got = append(got, s)
	}
	want := []shown{
		{"Iterator age", []float64{1000}},
		{"Duration", []float64{1500}},
		{"Errors", []float64{0.1}},
		{"Throttles", []float64{0}},
		{"Throughput match", []float64{0.999, 1.001}},
		{"Record latency", []float64{2000}},
		{"Incoming", nil},
		{"Invocations", nil},
		{"Calls of the stream", nil},
		{"Records refused and given up", nil},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(shown{})); diff != "" {
		t.Error(diff)
	}
}

// The grid has 24 columns, and nothing lies on anything else.
func TestDashboardLayout(t *testing.T) {
	taken := map[[2]int]string{}
	for _, w := range readWidgets(t, watched) {
		if w.Type != "metric" || w.X < 0 || w.X+w.Width > 24 || w.Properties.Region != "us-east-1" || w.Properties.Period%60 != 0 {
			t.Errorf("%s: %+v", w.Properties.Title, w)
		}
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies on %s", w.Properties.Title, other)
				}
				taken[[2]int{x, y}] = w.Properties.Title
			}
		}
	}
	if len(taken) != 24*18 { // three rows of six units, none with a hole
		t.Errorf("%d cells are taken, want %d", len(taken), 24*18)
	}
}

// Every row is a metric by its exact name and dimensions, and all that
// CloudWatch has of the critical metrics is shown.
func TestDashboardRows(t *testing.T) {
	id := regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)
	names := map[string][]string{}
	for _, w := range readWidgets(t, watched) {
		for _, row := range w.Properties.Metrics {
			options := row[len(row)-1].(map[string]any)
			if name, ok := options["id"].(string); ok && !id.MatchString(name) {
				t.Errorf("%s: id %q", w.Properties.Title, name)
			}
			if options["expression"] != nil {
				continue
			}
			var fields []string
			for _, f := range row[2 : len(row)-1] {
				fields = append(fields, f.(string))
			}
			names[row[1].(string)] = fields
		}
	}
	want := map[string][]string{
		"GetRecords.IteratorAgeMilliseconds": {"StreamName", "weir"},
		"Duration":                           {"FunctionName", "weir-probe"},
		"RecordProcessingLatency":            {"StreamName", "weir", "FunctionName", "weir-probe"},
		"PolledEventCount":                   {"EventSourceMappingUUID", "7b5c1d3e"},
	}
	for name, fields := range want {
		if diff := cmp.Diff(fields, names[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, m := range Catalogue {
		if m.Critical && m.Source != SourceComputed && names[m.Name] == nil {
			t.Errorf("%s %s is on no widget", m.ID, m.Name)
		}
	}
}

// Without a mapping's metrics the probe's count takes their place.
func TestDashboardWithoutMapping(t *testing.T) {
	w := watched
	w.Mapping = ""
	body := string(Dashboard(w))
	if strings.Contains(body, "EventSourceMappingUUID") || !strings.Contains(body, "RecordsReceived") {
		t.Error(body)
	}
	if !slices.ContainsFunc(readWidgets(t, w)[4].Properties.Metrics, func(row []any) bool { return row[0] == ProbeNamespace }) {
		t.Error("throughput match reads nothing of the probe")
	}
}
