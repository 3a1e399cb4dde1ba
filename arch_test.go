// These tests hold for the repository as a whole: which folder may import
// which, how files are formatted, what packages may not be called.
package main_test

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows is the architecture: for each folder with Go code, the folders of
// this module that its code may import. A folder ending in "/..." stands for
// itself and all below it. Tests (_test.go) are free.
//
// A new package gets its row here and in docs/architecture.md.
var arrows = map[string][]string{
	".": {"internal/cli", "internal/load", "probe"},

	// Public. The probe is linked into users' functions: nothing of ours from
	// outside probe/ may follow it there.
	"probe":       {"probe/line", "probe/token"},
	"probe/line":  {"probe/token"},
	"probe/token": {},
	"probe/js":    {}, // the Node.js probe's text
	"xk6":         {"internal/load"},

	// Measures the embedded pipeline; nobody imports it.
	"bench":              {"internal/emulator/kinesis", "internal/emulator/cloudwatch"},
	"bench/bootstrap":    {"probe"},
	"examples/lambda-go": {"probe"},
	"bench/outputs":      {"internal/metrics", "internal/record"},
	"bench/producer":     {"internal/payload", "internal/producer", "probe/token"},
	"bench/fidelity":     {"internal/capacity", "internal/judge", "internal/record"},
	"bench/soak":         {"internal/ledger", "internal/record"},

	// Leaves.
	"internal/plan":          {},
	"internal/price":         {},
	"internal/quota":         {},
	"internal/stats":         {},
	"internal/metrics":       {"internal/quota"},
	"internal/payload":       {"internal/stats", "probe/token"},
	"internal/emulator/wire": {},
	"k6-test-scripts":        {},
	"deploy":                 {},

	// The embedded pipeline.
	"internal/emulator/fault":      {"internal/emulator/wire"},
	"internal/emulator/kinesis":    {"internal/quota", "internal/emulator/wire", "probe/line"},
	"internal/emulator/lambda":     {"internal/quota", "internal/emulator/wire", "probe/line"},
	"internal/emulator/cloudwatch": {"internal/quota", "internal/emulator/wire", "probe/line"},

	// The thing under test, as an address.
	"internal/pipeline":       {"internal/plan"},
	"internal/pipeline/aws":   {"internal/plan", "internal/pipeline"},
	"internal/pipeline/local": {"internal/plan", "internal/pipeline", "internal/quota", "internal/emulator/...", "probe/..."},

	// The road: load, observe, record, judge, report.
	"internal/producer": {"internal/payload", "internal/quota", "internal/stats"},
	"internal/ledger":   {"internal/payload", "internal/stats", "probe/line", "probe/token"},
	"internal/record":   {"internal/plan", "internal/stats", "internal/ledger", "internal/metrics"},
	"internal/load": {
		"internal/plan", "internal/payload", "internal/producer", "internal/record",
		"internal/stats", "internal/ledger", "internal/metrics", "internal/quota", "internal/load/frame",
		"internal/load/push", "k6-test-scripts", "probe/line", "probe/token",
	},
	// k6 outputs of our own.
	"internal/load/push": {"internal/price", "internal/quota"},
	// What the k6 child reports to its parent, apart so that readers need no k6.
	"internal/load/frame": {"internal/ledger", "internal/stats"},
	"internal/fleet/ecs":  {},
	"internal/fleet/k8s":  {},
	"internal/fleet":      {"internal/load/frame", "internal/record", "internal/stats"},
	"internal/observe": {
		"internal/plan", "internal/record", "internal/pipeline", "internal/metrics",
		"internal/ledger", "internal/quota", "internal/stats", "internal/load/frame", "probe/line",
	},
	"internal/judge": {
		"internal/plan", "internal/record", "internal/stats", "internal/metrics", "internal/ledger", "internal/quota",
	},
	"internal/compare": {
		"internal/plan", "internal/record", "internal/stats", "internal/metrics", "internal/ledger", "internal/judge",
	},
	"internal/values": {
		"internal/plan", "internal/record", "internal/stats", "internal/metrics", "internal/ledger", "internal/price",
	},
	// What to change, from a run and the analytic limits.
	"internal/advice": {
		"internal/plan", "internal/record", "internal/metrics", "internal/judge", "internal/capacity",
		"internal/price", "internal/quota",
	},
	"internal/runbook": {
		"internal/plan", "internal/record", "internal/metrics", "internal/judge", "internal/advice",
		"internal/price", "internal/quota",
	},
	"internal/report": {
		"internal/values", "internal/plan", "internal/record", "internal/stats", "internal/metrics", "internal/ledger",
		"internal/judge", "internal/compare", "internal/price", "internal/quota", "internal/advice",
	},
	"internal/campaign": {"internal/plan"},
	"internal/project":  {},
	"internal/capacity": {
		"internal/plan", "internal/record", "internal/stats", "internal/ledger", "internal/quota",
		"internal/price", "internal/metrics", "internal/emulator/kinesis", "internal/emulator/lambda", "internal/emulator/fault", "internal/emulator/wire",
	},

	// On an account: what will bite, and the test pipeline.
	"internal/doctor":         {"internal/capacity", "internal/price", "internal/quota"},
	"internal/doctor/inspect": {"internal/doctor", "internal/pipeline", "internal/quota", "internal/stack", "probe/line"},
	"internal/stack":          {"internal/metrics", "internal/price", "probe/js"},
	"internal/stack/account":  {"internal/stack"},
	// The live page and the library of runs: reads records, as the report does.
	"internal/ui": {
		"internal/plan", "internal/record", "internal/stats", "internal/metrics", "internal/ledger",
		"internal/judge", "internal/compare", "internal/campaign", "internal/report",
	},

	// The shell around everything; only main imports it.
	"internal/cli": {"internal/...", "k6-test-scripts", "probe/...", "deploy"},
}

// reserved are the third-party modules that only some folders may import. The
// longest prefix that fits an import path decides; what no prefix fits is free
// everywhere but in the folders of closed.
var reserved = map[string][]string{
	"github.com/aws/aws-sdk-go-v2": awsFolders,
	"github.com/aws/smithy-go":     awsFolders,
	// Event stream framing is a format, not a client.
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream": append(slices.Clip(awsFolders), "internal/emulator/wire"),
	"github.com/aws/aws-lambda-go":                          {".", "probe", "internal/pipeline/local", "bench/bootstrap", "examples/lambda-go"},
	"go.k6.io":                                              {"internal/load", "internal/load/push", "xk6"},
	"github.com/DataDog/datadog-go":                         {"internal/load/push"},
	"github.com/grafana/sobek":                              {"internal/load"},
	"github.com/valyala/fasthttp":                           {"internal/producer", "internal/load", "bench/producer"},
	"github.com/spf13":                                      {"internal/cli"},
	"charm.land":                                            {"internal/cli"},
	"k8s.io":                                                {"internal/fleet/k8s"},
	// A manifest is data that the command line prints.
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured": {"internal/fleet/k8s", "internal/cli"},
}

var awsFolders = []string{
	"internal/pipeline/...", "internal/producer", "internal/observe",
	"internal/load", "internal/load/push", "internal/cli", "internal/price", "bench/producer",
	"internal/doctor/inspect", "internal/stack/account", "internal/fleet/ecs",
}

// closed are the folders that may import no third-party module but these.
var closed = map[string][]string{
	"probe":       {"github.com/aws/aws-lambda-go"},
	"probe/line":  {},
	"probe/token": {},
	"probe/js":    {},
}

// vague are package names that say nothing about what is inside.
var vague = []string{"util", "utils", "helper", "helpers", "common", "base", "manager", "misc"}

func TestImportsFollowTheArrows(t *testing.T) {
	module := modulePath(t)
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		for _, imp := range f.imports {
			if reason := forbidden(module, f.folder, imp); reason != "" {
				t.Errorf("%s imports %s: %s", f.path, imp, reason)
			}
		}
	}
}

func TestEveryPackageIsInTheArrowTable(t *testing.T) {
	doc, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders(goFiles(t)) {
		if _, ok := arrows[folder]; ok {
			continue
		}
		t.Errorf("%s is not in the arrow table: add it to arrows in arch_test.go, with the folders that it may import", folder)
	}
	for folder, targets := range arrows {
		if folder != "." && !bytes.Contains(doc, []byte("`"+folder+"`")) {
			t.Errorf("docs/architecture.md does not name `%s`, a row of the arrow table", folder)
		}
		for _, target := range targets {
			if _, ok := arrows[target]; !ok && !strings.HasSuffix(target, "/...") {
				t.Errorf("the row of %s names %s, which has no row of its own", folder, target)
			}
		}
	}
}

func TestGoFilesAreFormatted(t *testing.T) {
	for _, f := range goFiles(t) {
		want, err := format.Source(f.source)
		if err != nil {
			t.Errorf("%s: %v", f.path, err)
			continue
		}
		if !bytes.Equal(f.source, want) {
			t.Errorf("%s is not formatted: run gofumpt -w %[1]s", f.path)
		}
	}
}

func TestPackageNamesSayWhatIsInside(t *testing.T) {
	for _, f := range goFiles(t) {
		if slices.Contains(vague, strings.TrimSuffix(f.pkg, "_test")) {
			t.Errorf("%s: package %s is named after nothing: name it after what it holds", f.path, f.pkg)
		}
	}
}

// The checker itself: what it must let pass and what it must stop.
func TestForbidden(t *testing.T) {
	const (
		ours = "example.com/weir"
		sdk  = "github.com/aws/aws-sdk-go-v2"
	)
	tests := []struct {
		folder, imp string
		forbidden   bool
	}{
		{"internal/judge", ours + "/internal/record", false},
		{"internal/judge", ours + "/internal/load", true},
		{"internal/plan", "net/http", false},
		{"internal/plan", ours + "/internal/quota", true},
		{"internal/report", ours + "/internal/cli", true},
		{".", ours + "/internal/cli", false},
		{"internal/cli", ours + "/internal/emulator/wire", false},
		{"internal/pipeline/local", ours + "/internal/emulator/kinesis", false},
		{"internal/pipeline/local", ours + "/probe", false},
		{"internal/pipeline", ours + "/internal/pipeline/local", true},
		{"internal/emulator/kinesis", ours + "/probe", true},

		{"internal/emulator/kinesis", sdk + "/service/kinesis", true},
		{"internal/emulator/wire", sdk + "/aws", true},
		{"internal/emulator/wire", sdk + "/aws/protocol/eventstream", false},
		{"internal/emulator/kinesis", sdk + "/aws/protocol/eventstream", true},
		{"internal/pipeline/aws", sdk + "/service/lambda", false},
		{"internal/emulator/cloudwatch", "github.com/fxamacker/cbor/v2", false},
		{"internal/load", "go.k6.io/k6/v2/cmd", false},
		{"internal/cli", "go.k6.io/k6/v2/cmd", true},
		{"internal/observe", "github.com/valyala/fasthttp", true},
		// A prefix ends at a path element.
		{"internal/observe", "github.com/valyala/fasthttputil", false},

		{"probe", ours + "/internal/stats", true},
		{"probe", "github.com/aws/aws-lambda-go/events", false},
		{"probe", "github.com/fxamacker/cbor/v2", true},
		{"probe/token", "github.com/aws/aws-lambda-go/events", true},
	}
	for _, tt := range tests {
		reason := forbidden(ours, tt.folder, tt.imp)
		if (reason != "") != tt.forbidden {
			t.Errorf("%s imports %s: forbidden %t (%q), want %t", tt.folder, tt.imp, reason != "", reason, tt.forbidden)
		}
	}
}

// forbidden says why code in folder may not import imp, or "" if it may.
func forbidden(module, folder, imp string) string {
	if target, ours := strings.CutPrefix(imp, module+"/"); ours {
		if allowed := arrows[folder]; !covers(allowed, target) {
			return fmt.Sprintf("%s may import only %v (arrows in arch_test.go)", folder, allowed)
		}
		return ""
	}
	if standard(imp) {
		return ""
	}
	if allowed, ok := closed[folder]; ok && !slices.ContainsFunc(allowed, func(prefix string) bool { return within(imp, prefix) }) {
		return fmt.Sprintf("of third parties %s may import only %v (closed in arch_test.go)", folder, allowed)
	}
	prefix := ""
	for p := range reserved {
		if within(imp, p) && len(p) > len(prefix) {
			prefix = p
		}
	}
	if prefix != "" && !covers(reserved[prefix], folder) {
		return fmt.Sprintf("%s is for %v only (reserved in arch_test.go)", prefix, reserved[prefix])
	}
	return ""
}

// covers reports whether folder is one of the patterns or below one that ends
// in "/...".
func covers(patterns []string, folder string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if root, tree := strings.CutSuffix(p, "/..."); tree {
			return within(folder, root)
		}
		return p == folder
	})
}

// within reports whether the slash-separated p is root or lies below it.
func within(p, root string) bool {
	return p == root || strings.HasPrefix(p, root+"/")
}

// standard reports whether imp is of the standard library: the first element
// of a module's path has a dot.
func standard(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".")
}

type goFile struct {
	path, folder string // slash-separated, from the repository's root
	pkg          string
	imports      []string
	source       []byte
	test         bool
}

// goFiles reads the head of every Go file of the module, whatever its build
// constraints.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(name)
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		f, err := readGoFile(name)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found: the test must run in the repository's root")
	}
	return files
}

// folders are those that hold code other than tests, each once.
func folders(files []goFile) []string {
	var all []string
	for _, f := range files {
		if !f.test {
			all = append(all, f.folder)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// skipFolder skips what the go command takes for no package of this module.
func skipFolder(name string) error {
	if name == "." {
		return nil
	}
	base := filepath.Base(name)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func readGoFile(name string) (goFile, error) {
	source, err := os.ReadFile(name)
	if err != nil {
		return goFile{}, err
	}
	head, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return goFile{}, err
	}
	slashed := filepath.ToSlash(name)
	f := goFile{
		path:   slashed,
		folder: path.Dir(slashed),
		pkg:    head.Name.Name,
		source: source,
		test:   strings.HasSuffix(slashed, "_test.go"),
	}
	for _, spec := range head.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return goFile{}, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		f.imports = append(f.imports, imp)
	}
	return f, nil
}

// modulePath is the module's name, which its owner may have changed.
func modulePath(t *testing.T) string {
	t.Helper()
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	t.Fatal("go.mod names no module")
	return ""
}
