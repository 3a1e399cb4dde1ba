package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/conformance.md's tables anew")

const document = "../docs/conformance.md"

// The tables of docs/conformance.md are what the tests' own tables say.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := rewritten(t, string(text), "operations", operationsTable())
	if scenarios, here := scenariosTable(t); here {
		want = rewritten(t, want, "scenarios", scenarios)
	}
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is not what the tests say; go test ./conformance -update writes it (-tests +document):\n%s", document, diff)
	}
}

// rewritten is the document with the table between the marks of that name.
func rewritten(t *testing.T, text, mark, table string) string {
	t.Helper()
	start, end := "<!-- "+mark+": written by the tests -->\n", "<!-- end of "+mark+" -->"
	before, rest, found := strings.Cut(text, start)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s lacks the marks %q and %q", document, start, end)
	}
	return before + start + table + end + after
}

func operationsTable() string {
	var b strings.Builder
	b.WriteString("| operation | Go SDK | AWS CLI | JSON | CBOR | test |\n|---|---|---|---|---|---|\n")
	answered, inCLI := 0, 0
	for _, o := range operations {
		word, cli := "refused", "no command"
		if o.want != "" {
			answered++
			word = "answered"
		}
		if o.noCommand == "" {
			inCLI++
			cli = word
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | `TestOperations/%[1]s` |\n", o.name, word, cli, word, word)
	}
	fmt.Fprintf(&b, "\n%d operations: %d are answered, %d are refused with `%s`. The AWS CLI has a command for %d.\n",
		len(operations), answered, len(operations)-answered, notEmbedded, inCLI)
	return b.String()
}

// recordings are the files of answers recorded from AWS, which are kept outside
// the repository, and where the tests are that play their scenarios.
var recordings = []struct{ file, of, tests string }{
	{"lambda_esm_kinesis.snapshot.json", "event source mapping", "internal/emulator/lambda"},
	{"kinesis.snapshot.json", "Kinesis", "internal/emulator/kinesis"},
}

// scenariosTable counts the recorded scenarios that a test plays by name.
// What a test plays agrees, or the test fails.
func scenariosTable(t *testing.T) (table string, here bool) {
	t.Helper()
	var b strings.Builder
	b.WriteString("| recorded scenarios of | played | in | not played |\n|---|---|---|---|\n")
	for _, r := range recordings {
		names, err := scenarioNames(filepath.Join("../../shared/recorded", r.file))
		if errors.Is(err, fs.ErrNotExist) {
			return "", false
		}
		if err != nil {
			t.Fatal(err)
		}
		source := testSource(t, filepath.Join("..", r.tests))
		var missing []string
		for _, name := range names {
			if !regexp.MustCompile(`"` + regexp.QuoteMeta(name) + `["\[]`).Match(source) {
				missing = append(missing, "`"+name+"`")
			}
		}
		fmt.Fprintf(&b, "| %s | %d of %d | `%s` | %s |\n", r.of, len(names)-len(missing), len(names), r.tests, strings.Join(missing, ", "))
	}
	return b.String(), true
}

// scenarioNames are the scenarios of a recording in its order, without their
// parameters.
func scenarioNames(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read recorded answers: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil { // the opening brace
		return nil, fmt.Errorf("read recorded answers: %w", err)
	}
	var names []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read recorded answers: %w", err)
		}
		if err := d.Decode(new(json.RawMessage)); err != nil {
			return nil, fmt.Errorf("read recorded answers: %w", err)
		}
		path := fmt.Sprint(key)
		name, _, _ := strings.Cut(path[strings.LastIndex(path, "::")+2:], "[")
		names = append(names, name)
	}
	return names, nil
}

// testSource is the text of a folder's tests.
func testSource(t *testing.T, folder string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", folder, err)
	}
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}
