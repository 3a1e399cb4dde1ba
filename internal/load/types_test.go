package load

import (
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:embed index.d.ts
var typings string

// classBody is the text of a class in index.d.ts.
func classBody(t *testing.T, class string) string {
	t.Helper()
	_, rest, found := strings.Cut(typings, "export class "+class+" ")
	body, _, ended := strings.Cut(rest, "\n  }\n")
	if !found || !ended {
		t.Fatalf("index.d.ts has no class %s", class)
	}
	return body
}

// index.d.ts names exactly what the module exports, and exactly the methods of
// its classes.
func TestTypesNameEverything(t *testing.T) {
	out, err := runScript(t, "testdata/exports.js")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	line := regexp.MustCompile(`EXPORTS ({.*})"`).FindStringSubmatch(out)
	if line == nil {
		t.Fatalf("the script printed no list:\n%s", out)
	}
	var module struct {
		Exports []string
		Methods map[string][]string
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(line[1], `\"`, `"`)), &module); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(module.Exports, submatches(typings, `(?m)^  export class (\w+)`)); diff != "" {
		t.Errorf("classes (-module +index.d.ts):\n%s", diff)
	}
	for class, methods := range module.Methods {
		typed := slices.DeleteFunc(submatches(classBody(t, class), `(?m)^    (\w+)\(`), func(m string) bool { return m == "constructor" })
		if diff := cmp.Diff(methods, typed); diff != "" {
			t.Errorf("methods of %s (-module +index.d.ts):\n%s", class, diff)
		}
	}
}

// submatches are the distinct first groups of all matches, sorted.
func submatches(text, pattern string) []string {
	var found []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TypeScript's compiler accepts index.d.ts, and the test scripts against it.
func TestTypesCompile(t *testing.T) {
	folder := os.Getenv("WEIR_TSC")
	if folder == "" {
		t.Skip("WEIR_TSC names no folder where `npm install typescript @types/k6` was run")
	}
	scripts, err := filepath.Glob("testdata/script/*.js")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../k6-test-scripts/*.js")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--noEmit", "--strict", "false", "--allowJs", "--checkJs", "--target", "es2022",
		"--module", "esnext", "--moduleResolution", "bundler", "--typeRoots", filepath.Join(folder, "node_modules/@types"), "--types", "k6", "index.d.ts",
	}
	args = append(args, append(scripts, more...)...)
	out, err := exec.Command(filepath.Join(folder, "node_modules/.bin/tsc"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
