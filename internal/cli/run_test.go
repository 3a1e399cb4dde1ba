package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/internal/payload"
	"weir/internal/plan"
)

func TestTestOf(t *testing.T) {
	test, script, err := testOf("baseline-1kb")
	if err != nil || test.Name != "baseline-1kb" || test.Payload.Bytes != 1024 || script != "baseline-1kb.js" {
		t.Errorf("a test of the catalogue: %+v, %q, %v", test, script, err)
	}

	file := filepath.Join(t.TempDir(), "my load.js")
	if err := os.WriteFile(file, []byte("export default function () {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	test, script, err = testOf(file)
	if err != nil || test.Name != "my load" || test.Kind != plan.Script || len(test.Steps) != 0 || script != file {
		t.Errorf("a script: %+v, %q, %v", test, script, err)
	}

	_, _, err = testOf("baseline-500")
	refused(t, "unknown", err, `unknown test "baseline-500": the catalogue has baseline-500b, baseline-100b, baseline-1kb, baseline-5kb, baseline-10kb, sustained, variable, stress, spike, endurance, smoke`)
	_, _, err = testOf("/no/such.ts")
	refused(t, "missing", err, "read the script: stat /no/such.ts: no such file or directory")
}

func TestScriptName(t *testing.T) {
	for path, want := range map[string]string{
		"load.js": "load", "./a/b/load.ts": "load", "/x/orders.v2.js": "orders.v2",
	} {
		if got := scriptName(path); got != want {
			t.Errorf("scriptName(%q) = %q, want %q", path, got, want)
		}
	}
}

// A script has a load of its own: flags that would be ignored are refused.
func TestScriptsTakeNoLoadFlags(t *testing.T) {
	for _, args := range []string{"--rate 10", "--shape ramp:1..2", "--payload 1KB", "--payload-file f", "--payload-order sample"} {
		e, l := parsed(t, strings.Fields(args)...)
		refused(t, args, prepare(&plan.Test{Kind: plan.Script}, e, l),
			"--rate, --shape, --payload, --payload-file and --payload-order are for tests of the catalogue: a script has its own load")
	}
	e, l := parsed(t)
	if err := prepare(&plan.Test{Kind: plan.Script}, e, l); err != nil {
		t.Error(err)
	}
}

// A body that the embedded stream would refuse is refused before the start,
// wherever it comes from.
func TestRecordsMustFitTheStream(t *testing.T) {
	file := filepath.Join(t.TempDir(), "large.ndjson")
	if err := os.WriteFile(file, []byte(`{"a":"`+strings.Repeat("x", 1<<20)+`"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--payload 2MiB":         "a payload of 2097152 bytes is over the stream's record limit of 1048576",
		"--payload-file " + file: fmt.Sprintf("a payload of %d bytes is over the stream's record limit of 1048576", 1<<20+len(`{"a":""}`)+payload.Growth),
	} {
		test, err := plan.Named("baseline-500b")
		if err != nil {
			t.Fatal(err)
		}
		e, l := parsed(t, strings.Fields(args)...)
		refused(t, args, runEmbedded(t.Context(), &Process{}, test, "", e, l), want)
	}
}

func TestStartError(t *testing.T) {
	taken := fmt.Errorf("listen: %w", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)})
	_, nonsense := net.Listen("tcp", "nonsense")
	for _, tt := range []struct {
		err  error
		code int
		hint string
	}{
		{taken, ExitUsage, "hint: another program has that port"},
		{fmt.Errorf("listen: %w", nonsense), ExitUsage, "hint: give --addr HOST:PORT"},
		{errors.New("start function [./f]: exit status 1"), ExitUsage, "hint: the function must start"},
		{errors.New("create stream s: no room"), ExitError, ""},
	} {
		var printed strings.Builder
		if code := exitCode(startError(tt.err), &printed); code != tt.code || !strings.Contains(printed.String(), tt.hint) {
			t.Errorf("%v: exit code %d, said %q", tt.err, code, printed.String())
		}
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:4567": true, "127.1.2.3:0": true, "localhost:80": true, "[::1]:4567": true,
		":4567": false, "0.0.0.0:4567": false, "[::]:4567": false, "192.168.1.2:80": false,
		"127.example.com:80": false, "localhost.example.com:80": false, "nonsense": false,
	} {
		if got := loopback(addr); got != want {
			t.Errorf("loopback(%q) = %v, want %v", addr, got, want)
		}
	}
}
