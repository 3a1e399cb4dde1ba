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

	"github.com/spf13/pflag"

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

// Flags that would change nothing are refused.
func TestIdleFlags(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"baseline-500b --require-rate 1500", "--require-rate would change nothing: this is no search for the knee"},
		{"stress --rate 500,1000 --require-rate 1500 --most 3000", "--most, --require-rate would change nothing: this is no search for the knee"},
		{"stress --require-rate 1500", ""},
		{"stress --target aws --shards 2 --fault stall=3s@10s", "--fault, --shards would change nothing: a pipeline on AWS is tested as it is found"},
		{"smoke --target aws --function f --batch 10 --seed 2 --region eu-west-1", ""},
		{"smoke --region eu-west-1", "--region would change nothing: the embedded pipeline is on this machine"},
		{"smoke --budget 3", "--budget would change nothing: the embedded pipeline costs nothing"},
		{"a.js --rate 10 --step 1m --keys 5 --template t", "--keys, --rate, --step, --template would change nothing: a script has a load of its own"},
		{"a.js --retry sdk --encoding cbor --judge capacity --drain 1m --json --shards 2", ""},
	} {
		words := strings.Fields(tt.args)
		var l loadFlags
		s := pflag.NewFlagSet("test", pflag.ContinueOnError)
		target, _ := s.String("target", "local", ""), s.String("region", "", "")
		s.Float64("budget", 0, "")
		new(embeddedFlags).register(s)
		l.register(s, "", 0)
		new(searchFlags).register(s)
		if err := s.Parse(words[1:]); err != nil {
			t.Fatal(err)
		}
		test := plan.Test{Kind: plan.Script}
		if words[0] != "a.js" {
			test, _ = plan.Named(words[0])
		}
		err := idleFor(test, &l, s)
		if err == nil {
			err = idleOn(*target, s)
		}
		if tt.want == "" && err == nil {
			continue
		}
		refused(t, tt.args, err, tt.want)
	}
}

func TestScriptsAreJudgedAsAsked(t *testing.T) {
	e, l := parsed(t, "--judge", "capacity")
	test := plan.Test{Kind: plan.Script}
	if err := prepare(&test, e, l); err != nil || !test.Capacity {
		t.Errorf("%+v, %v", test, err)
	}
	e, l = parsed(t, "--judge", "nothing")
	refused(t, "judge", prepare(&test, e, l), `--judge "nothing": targets or capacity`)
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
