package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary plays weir itself, and the probe as Lambda starts it: scripts
// run it by these names. They mostly wait, so one more than there are processors
// goes at once.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(runtime.GOMAXPROCS(0)+1)); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"weir": main, "bootstrap": main})
}

// TestScript plays the user: one script, one behaviour that a user sees.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			root, err := os.Getwd()
			e.Setenv("REPO", root)
			e.Setenv("GOCACHE", os.Getenv("GOCACHE"))
			e.Setenv("HOME", os.Getenv("HOME"))
			e.Setenv("WEIR_PRICES", "embedded") // not what the user refreshed
			return err
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"jsonhas": jsonHas,
			"await":   await,
			"gone":    gone,
		},
	})
}

// condition knows [have:PROGRAM]: it is on PATH, or CI demands it by name in
// WEIR_REQUIRE, and then its absence fails the script.
func condition(name string) (bool, error) {
	program, ok := strings.CutPrefix(name, "have:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, err := exec.LookPath(program)
	demanded := slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), program)
	return err == nil || demanded, nil
}

// exits CODE program args…: the program ends with that exit code. A run that
// says it was bound by the generator, which on a busy machine can happen to any,
// is not what the script is about: its record goes and it is tried again.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	before := runsIn(ts)
	got := exitCode(ts, args[1:])
	for range 3 {
		if got == want || got != 98 || !strings.Contains(ts.ReadFile("stdout")+ts.ReadFile("stderr"), "bound by the generator") {
			break
		}
		for _, run := range runsIn(ts) {
			if !slices.Contains(before, run) {
				ts.Check(os.RemoveAll(run))
			}
		}
		got = exitCode(ts, args[1:])
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// runsIn are the records of runs in the script's folder.
func runsIn(ts *testscript.TestScript) []string {
	runs, err := filepath.Glob(ts.MkAbs("*/*/run.json"))
	ts.Check(err)
	for i, file := range runs {
		runs[i] = filepath.Dir(file)
	}
	return runs
}

func exitCode(ts *testscript.TestScript, command []string) int {
	err := ts.Exec(command[0], command[1:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

// jsonhas FILE path op value: a number or text of a JSON file, by a path such
// as duplicates.mapping or targets[id=ledger].verdict. op is one of = != > <.
// FILE may hold a glob that matches one file, or be "stdout".
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: jsonhas FILE path op value")
	}
	text := ""
	if args[0] == "stdout" {
		text = ts.ReadFile("stdout")
	} else {
		matches, err := filepath.Glob(ts.MkAbs(args[0]))
		if err != nil || len(matches) != 1 {
			ts.Fatalf("%s matches %d files, want one", args[0], len(matches))
		}
		text = ts.ReadFile(matches[0])
	}
	var doc any
	ts.Check(json.Unmarshal([]byte(text), &doc))
	got, err := lookup(doc, args[1])
	ts.Check(err)
	if !compare(got, args[2], args[3]) {
		ts.Fatalf("%s of %s is %s, want %s %s", args[1], args[0], got, args[2], args[3])
	}
}

func lookup(doc any, path string) (string, error) {
	for key := range strings.SplitSeq(path, ".") {
		key, selector, selected := strings.Cut(key, "[")
		object, ok := doc.(map[string]any)
		if !ok {
			return "", fmt.Errorf("%s: not an object at %q", path, key)
		}
		if doc, ok = object[key]; !ok {
			return "", fmt.Errorf("%s: no key %q", path, key)
		}
		if selected {
			list, _ := doc.([]any)
			name, value, _ := strings.Cut(strings.TrimSuffix(selector, "]"), "=")
			i := slices.IndexFunc(list, func(e any) bool {
				m, ok := e.(map[string]any)
				return ok && fmt.Sprint(m[name]) == value
			})
			if i < 0 {
				return "", fmt.Errorf("%s: no element with %s", path, selector)
			}
			doc = list[i]
		}
	}
	if number, ok := doc.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64), nil
	}
	return fmt.Sprint(doc), nil
}

func compare(got, op, want string) bool {
	g, gotErr := strconv.ParseFloat(got, 64)
	w, wantErr := strconv.ParseFloat(want, 64)
	numbers := gotErr == nil && wantErr == nil
	switch op {
	case "=":
		return got == want
	case "!=":
		return got != want
	case ">":
		return numbers && g > w
	case "<":
		return numbers && g < w
	}
	return false
}

// await FILE [text]: until the file (a glob) exists and holds the text, 30 s at
// most.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: await FILE [text]")
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		matches, _ := filepath.Glob(ts.MkAbs(args[0]))
		if len(matches) == 0 {
			continue
		}
		b, err := os.ReadFile(matches[0])
		if err == nil && (len(args) == 1 || strings.Contains(string(b), args[1])) {
			return
		}
	}
	ts.Fatalf("%s never held %q", args[0], args[1:])
}

// gone TEXT: within five seconds no process has TEXT in its environment. Each
// script's work folder is in the environment of all that it starts.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone TEXT")
	}
	var left []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if left = withEnvironment(args[0]); len(left) == 0 {
			return
		}
	}
	ts.Fatalf("still running: %v", left)
}

func withEnvironment(text string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), text) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(f), "cmdline"))
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}
