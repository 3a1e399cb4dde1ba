package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A function outside this module can use the probe the way the README says:
// its program builds against this tree by a replace.
func TestProbeBuildsFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("links a Lambda binary")
	}
	module := modulePath(t)
	repository, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	// With the sums at hand the build asks nobody about aws-lambda-go.
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}

	scratch := t.TempDir()
	write(t, filepath.Join(scratch, "main.go"), readmeProgram(t, `"`+module+`/probe"`))
	write(t, filepath.Join(scratch, "go.sum"), string(sums))
	goCommand(t, scratch, "mod", "init", "example.com/orders")
	goCommand(t, scratch, "mod", "edit", "-replace", module+"="+repository, "-require", module+"@v0.0.0")
	goCommand(t, scratch, "build", "-o", "bootstrap", ".")

	if _, err := os.Stat(filepath.Join(scratch, "bootstrap")); err != nil {
		t.Error(err)
	}
}

// readmeProgram is the README's Go program that contains text.
func readmeProgram(t *testing.T, text string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```go\n(package main.*?)```")
	for _, m := range block.FindAllStringSubmatch(string(readme), -1) {
		if strings.Contains(m[1], text) {
			return m[1]
		}
	}
	t.Fatalf("README.md has no Go program that imports %s", text)
	return ""
}

func goCommand(t *testing.T, folder string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -buildvcs=false", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
