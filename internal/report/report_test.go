package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/record"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the difference before you keep it")

// formats are all renderers by the file they make.
var formats = map[string]func(io.Writer, *record.Data, judge.Verdict) error{
	"report.txt": func(w io.Writer, d *record.Data, v judge.Verdict) error {
		return Text(w, d, v, TextOptions{Report: "runs/latest/report.html"})
	},
	"report.html":  HTML,
	"report.md":    Markdown,
	"junit.xml":    JUnit,
	"verdict.json": func(w io.Writer, _ *record.Data, v judge.Verdict) error { return JSON(w, v) },
}

func render(t *testing.T, name string, d *record.Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := formats[name](&b, d, judge.Judge(d, judge.Options{})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name := range formats {
		t.Run(name, func(t *testing.T) {
			golden(t, name, render(t, name, smallRun()))
		})
	}
}

// golden compares a document with the file of that name in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// `go test -run TestRealisticRun -artifacts` keeps the page to be looked at.
func TestRealisticRun(t *testing.T) {
	text := render(t, "report.html", realisticRun())
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "report.html"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "<svg "); n != 7 { // six charts and the ledger
		t.Errorf("%d pictures, want 7", n)
	}
	if outside := regexp.MustCompile(`(src|href)=|url\(|@import`).FindString(text); outside != "" {
		t.Errorf("the page reaches outside itself by %q", outside)
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a figure is not finite")
	}
}

// The reader of a local run cannot miss that its timing is a model.
func TestLocalRunSaysSo(t *testing.T) {
	const said = "embedded pipeline, profile aws: local timing is a model"
	for name := range formats {
		if name == "verdict.json" {
			continue // says it by its keys pipeline and profile
		}
		if !strings.Contains(render(t, name, smallRun()), said) {
			t.Errorf("%s does not say %q", name, said)
		}
	}
	d := smallRun()
	d.Run.Pipeline.Kind, d.Run.Pipeline.Profile = "aws", ""
	if strings.Contains(render(t, "report.html", d), "is a model") {
		t.Error("a run against AWS is called a model")
	}
}

// Names come from outside: none may become markup or steer the terminal.
func TestHostileNames(t *testing.T) {
	const hostile = "x\"><script>alert(1)</script>\x1b[2J|`%s%d` & \x00"
	d := smallRun()
	d.Run.Test.Name, d.Run.ID, d.Run.Version, d.Run.Command = hostile, hostile, hostile, []string{hostile}
	d.Run.Pipeline.Stream, d.Run.Pipeline.Function, d.Run.Pipeline.Profile = hostile, hostile, hostile
	d.Run.Notes, d.Ledger.Reasons = []string{hostile}, []string{hostile}
	d.Ledger.Steps[1].Rejected = map[string]int64{hostile: 2500}
	for name := range formats {
		got := render(t, name, d)
		if name != "verdict.json" && name != "report.txt" && strings.Contains(got, "<script>alert") {
			t.Errorf("%s: a name became markup", name)
		}
		if strings.ContainsAny(got, "\x1b\x00") {
			t.Errorf("%s: a control character came through", name)
		}
		if strings.Contains(got, "%!") {
			t.Errorf("%s: a name was taken for a format", name)
		}
	}
	if !json.Valid([]byte(render(t, "verdict.json", d))) {
		t.Error("verdict.json is not JSON")
	}
	var suites junitSuites
	if err := xml.Unmarshal([]byte(render(t, "junit.xml", d)), &suites); err != nil {
		t.Errorf("junit.xml: %v", err)
	}
}

// A run of which nothing is known is shown without a figure or a pass.
func TestEmptyRun(t *testing.T) {
	for name := range formats {
		got := render(t, name, emptyRun())
		if strings.Contains(got, "NaN") {
			t.Errorf("%s: a figure is not finite", name)
		}
		if name == "report.txt" && (!strings.HasPrefix(got, "UNKNOWN") || strings.Contains(got, "  pass  ")) {
			t.Errorf("text:\n%s", got)
		}
	}
}

func TestJUnitCountsWhatItHolds(t *testing.T) {
	d := smallRun()
	for _, p := range d.Series {
		delete(p.V, metrics.DurationMax)
	}
	var got junitSuites
	if err := xml.Unmarshal([]byte(render(t, "junit.xml", d)), &got); err != nil {
		t.Fatal(err)
	}
	// The whole, seven targets and two judged steps. Throttles and step 2 fail, and
	// with them the whole; duration is unknown, and with it step 1.
	if s := got.Suite; s.Tests != 10 || s.Failures != 3 || s.Errors != 2 || len(s.Cases) != 10 {
		t.Errorf("%d tests, %d failures, %d errors, %d cases", s.Tests, s.Failures, s.Errors, len(s.Cases))
	}
}

// What fails a run besides its targets fails its JUnit document: it is all that
// some pipelines look at.
func TestJUnitFailsWithTheRun(t *testing.T) {
	d := realisticRun()
	if v := judge.Judge(d, judge.Options{}); v.Overall != judge.Pass {
		t.Fatalf("%s: %s", v.Overall, v.Reason)
	}
	d.Run.K6Exceptions = 3
	var got junitSuites
	if err := xml.Unmarshal([]byte(render(t, "junit.xml", d)), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Suite.Cases[0]
	if got.Suite.Failures != 1 || c.Name != "verdict" || c.Failure == nil || c.Failure.Message != "3 iterations of the script threw an exception" {
		t.Errorf("%d failures, the first case %+v", got.Suite.Failures, c)
	}
}

func TestTextNamesLostRecords(t *testing.T) {
	d := smallRun()
	d.Ledger.Processed, d.Ledger.Lost, d.Ledger.LostIDs = d.Ledger.Processed-1, 1, []ledger.ID{{Producer: 2, Sequence: 77}}
	if got := render(t, "report.txt", d); !strings.Contains(got, "lost: producer 2 sequence 77") {
		t.Errorf("\n%s", got)
	}
}

func TestColourOnlyWhereAsked(t *testing.T) {
	d := smallRun()
	var b bytes.Buffer
	if err := Text(&b, d, judge.Judge(d, judge.Options{}), TextOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[1;31mFAIL\x1b[0m") || strings.Contains(render(t, "report.txt", d), "\x1b") {
		t.Errorf("\n%s", b.String())
	}
}
