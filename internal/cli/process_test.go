package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// weir runs one command line without an operating system's process.
func weir(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Main(t.Context(), Process{
		Args: args, Exe: "/no/such/weir", Getenv: ownPrices, Stdout: &out, Stderr: &err,
	})
	return code, out.String(), err.String()
}

// ownPrices is an environment without refreshed prices.
func ownPrices(name string) string {
	if name == pricesVariable {
		return pricesEmbedded
	}
	return ""
}

func TestExitCode(t *testing.T) {
	broken := errors.New("the disk is full")
	for _, tt := range []struct {
		err  error
		code int
		said string
	}{
		{nil, 0, ""},
		{exitError(ExitFail), 99, ""},
		{exitError(ExitUnknown), 98, ""},
		{exitError(ExitInterrupted), 130, ""},
		{fmt.Errorf("close: %w", exitError(ExitFail)), 99, ""},
		{broken, 1, "weir: the disk is full\n"},
		{usage(broken, ""), 2, "weir: the disk is full\n"},
		{usage(broken, "make room"), 2, "weir: the disk is full\nhint: make room\n"},
		{fmt.Errorf("start: %w", usage(broken, "make room")), 2, "weir: start: the disk is full\nhint: make room\n"},
	} {
		var said strings.Builder
		if code := exitCode(tt.err, &said); code != tt.code || said.String() != tt.said {
			t.Errorf("%v: exit code %d, said %q; want %d, %q", tt.err, code, said.String(), tt.code, tt.said)
		}
	}
	if err := usage(nil, "hint"); err != nil {
		t.Errorf("usage(nil) = %v", err)
	}
	if err := usage(broken, ""); !errors.Is(err, broken) {
		t.Error("a usage error hides its cause")
	}
}

// A call that Ctrl-C broke off is no mistake in the credentials.
func TestInterrupted(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	broken := usage(fmt.Errorf("find the account: %w", context.Canceled), "check the credentials")
	for _, tt := range []struct {
		name string
		ctx  context.Context
		err  error
		want bool
	}{
		{"a call broken off", ended, broken, true},
		{"a call that was cancelled by itself", t.Context(), broken, false},
		{"another error at that moment", ended, errors.New("the disk is full"), false},
		{"no error", ended, nil, false},
	} {
		if got := interrupted(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Command lines that are wrong by themselves end with 2, and most with a hint.
func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args, said string
		hint       bool
	}{
		{"plant", `unknown command "plant"`, true},
		{"stress --shards 2", `unknown command "stress"`, true},
		{"plant --help", `unknown command "plant"`, true},
		{"plan rum", `unknown command "rum"`, true},
		{"plan rum -h", `unknown command "rum"`, true},
		{"plan rum --speed 3", `unknown command "rum"`, true},
		{"help plan rum", `unknown command "rum"`, true},
		{"k6", "k6 must be the first argument: weir k6 run script.js", false},
		{"try more", "weir try needs no arguments, got 1 arguments", true},
		{"run", "weir run needs a test or a script, got 0 arguments", true},
		{"try --speed 3", "unknown flag: --speed", true},
		{"run baseline-500b --target moon", `--target "moon": local or aws`, false},
		{"run baseline-500b --target aws", "no stream", true},
		{"judge latest --runs /no/such", "no run in /no/such", true},
	} {
		code, stdout, stderr := weir(t, strings.Fields(tt.args)...)
		first, rest, _ := strings.Cut(stderr, "\n")
		if code != ExitUsage || stdout != "" || first != "weir: "+tt.said || strings.HasPrefix(rest, "hint: ") != tt.hint {
			t.Errorf("weir %s: exit code %d, printed %q and\n%s\nwant weir: %s, a hint: %v", tt.args, code, stdout, stderr, tt.said, tt.hint)
		}
	}
}

// A name that no command has gets the nearest that one has.
func TestUnknownCommandsAreGuessed(t *testing.T) {
	for args, hint := range map[string]string{
		"rum":           "did you mean weir run, weir ui?",
		"stress":        "did you mean weir run stress?",
		"load.js":       "did you mean weir run load.js?",
		"knee --help":   "did you mean weir run stress?",
		"campaign":      "did you mean weir plan run?",
		"nothing":       "weir --help lists the commands",
		"plan lst":      "did you mean weir plan list?",
		"fleet lokal":   "did you mean weir fleet local?",
		"cost x --help": "weir cost --help lists the commands",
		"plan knee":     "weir plan --help lists the commands",
	} {
		code, _, stderr := weir(t, strings.Fields(args)...)
		if _, got, _ := strings.Cut(stderr, "hint: "); code != ExitUsage || got != hint+"\n" {
			t.Errorf("weir %s: exit code %d, hint %q, want %q", args, code, got, hint)
		}
	}
}

// savedRun writes a run of one step of 10 s at 10 records/s, in which some
// records were lost, and is the folder of its runs.
func savedRun(t *testing.T, status record.Status, lost int64) (runs string) {
	t.Helper()
	runs = t.TempDir()
	began := time.Unix(1_800_000_000, 0).UTC()
	w, err := record.Create(runs, "baseline-500b", began)
	if err != nil {
		t.Fatal(err)
	}
	account := ledger.Account{
		Offered: 100, Accepted: 100, Processed: 100 - lost, Lost: lost, Attempted: 100 - lost, Rejected: map[string]int64{},
	}
	latency := new(stats.Histogram)
	latency.RecordN(20*time.Millisecond, 100)
	run := record.Run{
		Format: record.Format, ID: w.ID(), Status: status, Started: began, LoadStart: began, PID: 1 << 30,
		Test:     plan.Test{Name: "baseline-500b", Targets: plan.DefaultTargets, Steps: plan.StepsAt([]float64{10}, 10*time.Second)},
		Pipeline: record.Pipeline{Kind: "embedded", Profile: "instant", ResolutionS: 1, Stream: "s", Shards: 1, Function: "f", FunctionTimeout: 3 * time.Second, Probe: true},
		Steps:    []record.Step{{Rate: 10, Judged: true, Start: began, End: began.Add(10 * time.Second), EndEx: 100}},
	}
	for _, err := range []error{
		w.WriteRun(run),
		w.WriteSteps([]record.StepResult{{FromDue: latency, Put: latency, Lateness: latency}}),
		w.WriteLedger(ledger.Report{Account: account, Closed: true, Steps: []ledger.StepAccount{{Rate: 10, Account: account}}}),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return runs
}

// A verdict is the exit code of judge. The run has no metrics: what is not
// known is unknown, and a lost record is a fail whatever else is unknown.
func TestJudgeExitCodes(t *testing.T) {
	for _, tt := range []struct {
		status  record.Status
		lost    int64
		code    int
		overall string
	}{
		{record.Complete, 0, ExitUnknown, "unknown"},
		{record.Complete, 2, ExitFail, "fail"},
	} {
		code, stdout, stderr := weir(t, "judge", "latest", "--json", "--runs", savedRun(t, tt.status, tt.lost))
		var v struct{ Overall string }
		if err := json.Unmarshal([]byte(stdout), &v); err != nil || code != tt.code || v.Overall != tt.overall {
			t.Errorf("%d lost: exit code %d, %q, %v; want %d, %q", tt.lost, code, v.Overall, err, tt.code, tt.overall)
		}
		if !strings.Contains(stderr, "LEDGER") {
			t.Errorf("%d lost: the table is not on standard error:\n%s", tt.lost, stderr)
		}
	}
}

func TestCutShortRunSaysSo(t *testing.T) {
	_, stdout, _ := weir(t, "judge", "latest", "--runs", savedRun(t, record.Running, 0))
	if !strings.Contains(stdout, "cut short") {
		t.Errorf("\n%s", stdout)
	}
}

func TestReportFormats(t *testing.T) {
	runs := savedRun(t, record.Complete, 0)
	for format, begins := range map[string]string{
		"text": "UNKNOWN", "html": "<!DOCTYPE html>", "md": "# ", "junit": "<?xml", "json": "{",
	} {
		code, stdout, stderr := weir(t, "report", "latest", "--runs", runs, "--format", format)
		if code != ExitPass || !strings.HasPrefix(stdout, begins) || stderr != "" {
			t.Errorf("--format %s: exit code %d, begins %.20q, said %q", format, code, stdout, stderr)
		}
	}
	if files, err := filepath.Glob(filepath.Join(runs, "*", "report.*")); err != nil || len(files) != 0 {
		t.Errorf("a format that was printed was also written: %v, %v", files, err)
	}
	if code, _, stderr := weir(t, "report", "latest", "--runs", runs, "--format", "pdf"); code != ExitUsage || !strings.Contains(stderr, "text, html, md, junit or json") {
		t.Errorf("--format pdf: exit code %d, said %q", code, stderr)
	}
	if code, stdout, _ := weir(t, "report", "latest", "--runs", runs); code != ExitPass || !strings.HasPrefix(stdout, "UNKNOWN") {
		t.Errorf("exit code %d, printed\n%s", code, stdout)
	}
	for _, name := range []string{"verdict.json", "report.html", "report.md", "junit.xml"} {
		if files, err := filepath.Glob(filepath.Join(runs, "*", name)); err != nil || len(files) != 1 {
			t.Errorf("%s is not in the run's directory: %v, %v", name, files, err)
		}
	}
}

// Our own failure is 1.
func TestFailureIsOne(t *testing.T) {
	var said bytes.Buffer
	code := Main(t.Context(), Process{
		Args:   []string{"report", "latest", "--format", "html", "--runs", savedRun(t, record.Complete, 0)},
		Getenv: ownPrices, Stdout: closedPipe(), Stderr: &said,
	})
	if code != ExitError || !strings.HasPrefix(said.String(), "weir: ") {
		t.Errorf("exit code %d, said %q", code, said.String())
	}
}

func closedPipe() io.Writer {
	r, w := io.Pipe()
	r.Close()
	return w
}

// The lists' keys are a promise to users.
func TestPlanListJSON(t *testing.T) {
	code, stdout, stderr := weir(t, "plan", "list", "--json")
	if code != ExitPass || stderr != "" {
		t.Fatalf("exit code %d, said %q", code, stderr)
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"name": "baseline-500b", "kind": "baseline", "payload_bytes": 500.0,
		"rates":      []any{10.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0},
		"duration_s": 210.0, // seven steps of 30 s
	}
	if len(got) != len(plan.Names()) {
		t.Errorf("%d tests, want %d", len(got), len(plan.Names()))
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
}

func TestMetricsJSON(t *testing.T) {
	code, stdout, stderr := weir(t, "metrics", "--json")
	if code != ExitPass || stderr != "" {
		t.Fatalf("exit code %d, said %q", code, stderr)
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": "K2", "group": "kinesis", "name": "IncomingRecords", "namespace": "AWS/Kinesis",
		"statistic": "Sum", "unit": "Count", "source": "CloudWatch", "target": "none",
	}
	if len(got) != 33 {
		t.Errorf("%d metrics, want the catalogue's 33", len(got))
	}
	if diff := cmp.Diff(want, got[1]); diff != "" {
		t.Error(diff)
	}
}

func TestLocalPrintsItsEnvironment(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan int)
	go func() {
		defer w.Close()
		done <- Main(ctx, Process{
			Args: []string{"local", "--addr", "127.0.0.1:0", "--profile", "instant", "--stream", "orders", "--json"}, Getenv: ownPrices, Stdout: w, Stderr: io.Discard,
		})
	}()
	var env map[string]string
	if err := json.NewDecoder(r).Decode(&env); err != nil {
		t.Fatal(err)
	}
	cancel()
	if code := <-done; code != ExitPass {
		t.Errorf("exit code %d", code)
	}
	if !strings.HasPrefix(env["AWS_ENDPOINT_URL"], "http://127.0.0.1:") || env["KINESIS_STREAM_NAME"] != "orders" || env["LAMBDA_FUNCTION_NAME"] != "weir-probe" {
		t.Errorf("environment %v", env)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A command whose output is lost has failed, whether it looked or not; one that
// failed anyway says only why.
func TestLostOutput(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"cost project --rate 100", ExitError, "weir: print the result: no space left on device\n"},
		{"help", ExitError, "weir: print the result: no space left on device\n"},
		{"cost project --rate no", ExitUsage, ""},
	} {
		var stderr bytes.Buffer
		code := Main(t.Context(), Process{
			Args: strings.Fields(c.args), Exe: "/no/such/weir", Getenv: ownPrices, Stdout: full{}, Stderr: &stderr,
		})
		if code != c.code || !strings.HasSuffix(stderr.String(), c.want) {
			t.Errorf("weir %s: exit %d, %q; want %d, …%q", c.args, code, stderr.String(), c.code, c.want)
		}
	}
}
