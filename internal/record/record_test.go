package record

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/stats"
)

var start = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

func testOf(name string) plan.Test { return plan.Test{Name: name} }

func create(t *testing.T) *Writer {
	t.Helper()
	w, err := Create(t.TempDir(), "baseline-500b", start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.series.Close() })
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCreateNamesTheDirectory(t *testing.T) {
	for _, tt := range []struct{ test, want string }{
		{"baseline-500b", `^20261122T200000Z-baseline-500b-[0-9a-f]{4}$`},
		{"../scripts/my test.js", `^20261122T200000Z-scripts-my-test-js-[0-9a-f]{4}$`},
		{"…", `^20261122T200000Z-run-[0-9a-f]{4}$`},
	} {
		// 22:00 in UTC+2 is 20:00 UTC.
		w, err := Create(filepath.Join(t.TempDir(), "runs"), tt.test, start.In(time.FixedZone("", 2*3600)))
		must(t, err)
		must(t, w.Close())
		if !regexp.MustCompile(tt.want).MatchString(w.ID()) {
			t.Errorf("%q: got %s, want %s", tt.test, w.ID(), tt.want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	w := create(t)
	var due stats.Histogram
	due.RecordN(250*time.Millisecond, 40)
	must(t, w.WriteRun(Run{Test: testOf("baseline-500b"), Status: Running, PID: 7, Started: start}))
	must(t, w.AppendPoints([]Point{{T: 100, V: map[string]float64{"a": 1, "b": 2}}, {T: 102, V: map[string]float64{"a": 3}}}))
	must(t, w.Sync())
	must(t, w.AppendPoints([]Point{{T: 101, V: map[string]float64{"a": 9}}, {T: 100, V: map[string]float64{"b": 20, "c": 30}}}))
	must(t, w.WriteSteps([]StepResult{{Index: 0, FromDue: &due}}))
	must(t, w.WriteLedger(ledger.Report{Closed: true, Steps: []ledger.StepAccount{{Step: 0, Rate: 5}}}))
	must(t, w.WriteRun(Run{Test: testOf("baseline-500b"), Status: Complete, PID: 7, Started: start}))
	must(t, w.Close())

	d, err := Read(w.Dir())
	must(t, err)
	if d.Run.Status != Complete || d.Run.ID != w.ID() || d.Run.Format != Format {
		t.Errorf("run: %+v", d.Run)
	}
	want := []Point{ // by time, a second's points merged, the later value of b wins
		{T: 100, V: map[string]float64{"a": 1, "b": 20, "c": 30}},
		{T: 101, V: map[string]float64{"a": 9}},
		{T: 102, V: map[string]float64{"a": 3}},
	}
	if diff := cmp.Diff(want, d.Series); diff != "" {
		t.Error(diff)
	}
	if s := d.Step(0); s == nil || s.FromDue.Count() != 40 {
		t.Errorf("step 0: %+v", s)
	}
	if a := d.StepLedger(0); a == nil || a.Rejected == nil {
		t.Errorf("account of step 0: %+v", a)
	}
	if d.Step(1) != nil || d.StepLedger(1) != nil {
		t.Error("step 1 was never written")
	}
	if left, _ := filepath.Glob(filepath.Join(w.Dir(), ".*")); len(left) > 0 {
		t.Errorf("temporary files left: %v", left)
	}
}

func TestReadOfARunCutShort(t *testing.T) {
	w := create(t)
	must(t, w.WriteRun(Run{Status: Running, PID: 4711}))
	must(t, w.AppendPoints([]Point{{T: 1, V: map[string]float64{"a": 1}}, {T: 2, V: map[string]float64{"a": 2}}}))
	must(t, os.Truncate(w.Path("series.ndjson"), w.size-5)) // killed while the last line was written

	d, err := Read(w.Dir())
	must(t, err)
	if diff := cmp.Diff([]Point{{T: 1, V: map[string]float64{"a": 1}}}, d.Series); diff != "" {
		t.Error(diff)
	}
	if d.Ledger.Closed || d.Ledger.Rejected == nil || d.Steps != nil {
		t.Errorf("steps %v, ledger %+v", d.Steps, d.Ledger)
	}
	for alive, want := range map[bool]bool{true: false, false: true} {
		got := d.CutShort(func(pid int) bool { return pid == 4711 && alive })
		if got != want {
			t.Errorf("process alive %v: cut short %v, want %v", alive, got, want)
		}
	}
	d.Run.Status = Complete
	if d.CutShort(func(int) bool { return false }) {
		t.Error("a complete run was not cut short")
	}
}

func TestReadErrors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"another directory", map[string]string{"notes.txt": ""}, "is not a run directory: it has no run.json"},
		{"another run.json", map[string]string{"run.json": `{"name":"x"}`}, "is not a run directory: its run.json has no format"},
		{"newer", map[string]string{"run.json": `{"format":2,"id":7}`}, "was written by a newer weir (format 2, this one reads up to 1)"},
		{"damaged run", map[string]string{"run.json": `{"format":1,`}, "run.json: unexpected end of JSON input"},
		{"damaged series", map[string]string{"run.json": `{"format":1}`, "series.ndjson": "{}\n{\n{}\n"}, "series.ndjson: line 2: unexpected end of JSON input"},
		{"damaged ledger", map[string]string{"run.json": `{"format":1}`, "ledger.json": "["}, "ledger.json: unexpected end of JSON input"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range tt.files {
				must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
			}
			_, err := Read(dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want …%s", err, tt.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "gone")); err == nil || !strings.Contains(err.Error(), "open run") {
		t.Errorf("a directory that isn't there: %v", err)
	}
}

func TestResolve(t *testing.T) {
	root := t.TempDir()
	if _, err := Resolve(root, "latest"); err == nil {
		t.Error("latest of none: no error")
	}
	for _, name := range []string{"20260101T000000Z-a-0001", "20260103T000000Z-a-0001", "20260102T000000Z-b-ffff"} {
		must(t, os.Mkdir(filepath.Join(root, name), 0o755))
		must(t, os.WriteFile(filepath.Join(root, name, "run.json"), nil, 0o644))
	}
	must(t, os.Mkdir(filepath.Join(root, "zz-not-a-run"), 0o755))
	newest := filepath.Join(root, "20260103T000000Z-a-0001")
	before := filepath.Join(root, "20260102T000000Z-b-ffff")
	for name, want := range map[string]string{
		"latest":                  newest,
		"previous":                before,
		"20260102T000000Z-b-ffff": before,
		newest:                    newest,
	} {
		if got, err := Resolve(root, name); got != want || err != nil {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
	if _, err := Resolve(root, "20270101"); err == nil || !strings.Contains(err.Error(), `no run "20270101"`) {
		t.Errorf("unknown run: %v", err)
	}
}

func TestAppendPointsRefusesWhatJSONCannotSay(t *testing.T) {
	w := create(t)
	err := w.AppendPoints([]Point{{T: 1, V: map[string]float64{"a": 1}}, {T: 2, V: map[string]float64{"a": math.NaN()}}})
	if err == nil || !strings.Contains(err.Error(), "second 2") {
		t.Errorf("NaN: %v", err)
	}
	if w.size != 0 {
		t.Errorf("%d bytes appended, want none", w.size)
	}
}

// However a series is torn, whole lines before the tear are read.
func TestTornSeries(t *testing.T) {
	text := []byte(`{"t":1,"v":{"a":1}}` + "\n" + `{"t":2,"v":{"a":22}}` + "\n")
	rapid.Check(t, func(t *rapid.T) {
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		points, err := parseSeries(bytes.NewReader(text[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		// The first line's 19 bytes are whole from a cut at 19, the second's 20
		// (after the newline) from one at 40.
		want := 0
		if cut >= 19 {
			want++
		}
		if cut >= 40 {
			want++
		}
		if len(points) != want {
			t.Fatalf("cut at %d: %d points, want %d", cut, len(points), want)
		}
	})
}

func FuzzParseSeries(f *testing.F) {
	f.Add([]byte(`{"t":1,"v":{"a":1}}` + "\n" + `{"t":1,"v":{"a":2e9}}` + "\n{\"t\":"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		points, err := parseSeries(bytes.NewReader(data))
		for i := 1; i < len(points); i++ {
			if err == nil && points[i-1].T >= points[i].T {
				t.Fatalf("seconds %d and %d out of order", points[i-1].T, points[i].T)
			}
		}
	})
}

// Simulations take milliseconds, and names tell seconds.
func TestLatestWithinASecond(t *testing.T) {
	root := t.TempDir()
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	for i, suffix := range []string{"0003", "ffff", "0001"} {
		dir := filepath.Join(root, at.Format(nameTime)+"-try-simulated-"+suffix)
		must(t, os.MkdirAll(dir, 0o755))
		must(t, os.WriteFile(filepath.Join(dir, runFile), []byte(`{"format":1}`), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, seriesFile), nil, 0o644))
		ended := at.Add(time.Duration(i) * time.Millisecond)
		must(t, os.Chtimes(filepath.Join(dir, seriesFile), ended, ended))
	}
	for name, suffix := range map[string]string{"latest": "0001", "previous": "ffff"} {
		if got, err := Resolve(root, name); !strings.HasSuffix(got, suffix) || err != nil {
			t.Errorf("%s is %s, %v, want …%s", name, got, err, suffix)
		}
	}
}
