package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/plan"
	"weir/probe/token"
)

// TestMain lets the test binary play k6, as the real one does, and a parent of it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "k6" {
		Main(os.Args[2:])
	}
	if len(os.Args) > 2 && os.Args[1] == "parent" {
		playParent(os.Args[2])
	}
	os.Exit(m.Run())
}

// stub is a stream that keeps what was put, and throttles every tenth record.
type stub struct {
	mu       sync.Mutex
	accepted map[uint64]bool // by the token's sequence
	plain    int             // accepted without a token
	refused  int
	stalled  chan struct{} // nil: answers at once; else waits until it is closed
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.stalled != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		<-s.stalled
		return
	}
	type record struct {
		Data         []byte
		PartitionKey string
	}
	var put struct {
		record
		Records []record
	}
	_ = json.NewDecoder(r.Body).Decode(&put)
	single := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutRecord")
	if single {
		put.Records = []record{put.record}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var entries []string
	failed := 0
	for _, rec := range put.Records {
		n := len(s.accepted) + s.plain + s.refused
		if n%10 == 9 && !single {
			s.refused++
			failed++
			entries = append(entries, `{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow down"}`)
			continue
		}
		if tok, _, ok := token.Find(rec.Data); ok {
			s.accepted[tok.Seq] = true
		} else {
			s.plain++
		}
		entries = append(entries, fmt.Sprintf(`{"ShardId":"shardId-000000000000","SequenceNumber":"%d"}`, n))
	}
	if single {
		_, _ = io.WriteString(w, entries[0])
		return
	}
	_, _ = fmt.Fprintf(w, `{"FailedRecordCount":%d,"Records":[%s]}`, failed, strings.Join(entries, ","))
}

func startStub(t *testing.T) (*stub, Target) {
	t.Helper()
	s := &stub{accepted: map[uint64]bool{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, Target{Region: "eu-west-1", Endpoint: server.URL, Stream: "orders"}
}

// startChild starts this binary as k6.
func startChild(t *testing.T, o Options) (*Child, *bytes.Buffer) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs k6 for seconds")
	}
	log := new(bytes.Buffer)
	o.Exe, o.Log = os.Args[0], log
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c, log
}

// total is the sum of a child's frames.
type total struct {
	frame.StepFrame
	frames, foreign      int
	exceptions           int64
	offered              uint64
	started, final       bool
	fates                map[ledger.Fate]int64
	iterations, accepted float64 // by k6's metrics
}

func (sum *total) add(f frame.Frame) {
	if f.Stopped {
		return
	}
	sum.frames++
	sum.offered, sum.final = f.OfferedTo, f.Final
	sum.started = sum.started || !f.Started.IsZero()
	sum.exceptions += f.Exceptions
	sum.foreign += len(f.Foreign)
	sum.iterations += f.K6["iterations"].Sum
	sum.accepted += f.K6["kinesis_records_accepted"].Sum
	for _, s := range f.Steps {
		sum.Accepted += s.Accepted
		sum.NotSent += s.NotSent
		sum.Indeterminate += s.Indeterminate
		sum.Calls += s.Calls
		for cause, n := range s.Rejected {
			sum.Rejected[cause] += n
		}
		for _, r := range s.Fates {
			sum.fates[r.Fate] += int64(r.To - r.From)
		}
	}
}

func sumOf(c *Child) *total {
	sum := &total{StepFrame: frame.StepFrame{Rejected: map[string]int64{}}, fates: map[ledger.Fate]int64{}}
	for f := range c.Frames() {
		if sum.add(f); f.Final && c.observed != nil {
			c.Finish()
		}
	}
	return sum
}

func baseline(steps ...plan.Step) plan.Test {
	test, err := plan.Named("baseline-500b")
	if err != nil {
		panic(err)
	}
	test.Steps = steps
	return test
}

func TestChildSendsWhatThePlanAsks(t *testing.T) {
	s, target := startStub(t)
	test := baseline(plan.Step{Rate: 100, Duration: time.Second}, plan.Step{Rate: 1000, Duration: time.Second})
	c, log := startChild(t, Options{Script: "baseline-500b.js", Dir: t.TempDir(), Spec: Spec{Test: test, Run: 9, Target: target}})
	sum := sumOf(c)
	exit, err := c.Wait()
	if exit != 0 || err != nil {
		t.Fatalf("exit %d, %v\n%s", exit, err, log)
	}
	const throttled = "ProvisionedThroughputExceededException"
	if sum.Accepted != int64(len(s.accepted)) || sum.Rejected[throttled] != int64(s.refused) || sum.offered != 1100 {
		t.Errorf("%d accepted, %v rejected, %d offered; the stream has %d and refused %d",
			sum.Accepted, sum.Rejected, sum.offered, len(s.accepted), s.refused)
	}
	// 100 calls of one record and 100 of ten, one an iteration.
	if all := sum.Accepted + sum.Rejected[throttled] + sum.Indeterminate + sum.NotSent; all != 1100 || sum.iterations != 200 {
		t.Errorf("%d records settled of 1100, %v iterations of 200", all, sum.iterations)
	}
	for f, n := range map[ledger.Fate]int64{
		ledger.Accepted: sum.Accepted, ledger.Rejected: sum.Rejected[throttled], ledger.NotSent: sum.NotSent, ledger.Indeterminate: sum.Indeterminate,
	} {
		if sum.fates[f] != n {
			t.Errorf("fate %d: ranges hold %d slots, the counter says %d", f, sum.fates[f], n)
		}
	}
	if sum.accepted != float64(sum.Accepted) {
		t.Errorf("k6 counted %v accepted, want %d", sum.accepted, sum.Accepted)
	}
	if !sum.final || !sum.started || sum.frames < 2 || sum.exceptions != 0 {
		t.Errorf("frames %d, final %v, started %v, exceptions %d", sum.frames, sum.final, sum.started, sum.exceptions)
	}
	if !strings.Contains(log.String(), "stream orders at "+target.Endpoint) {
		t.Errorf("the log does not say where records went:\n%s", log)
	}
}

func TestChildInterrupted(t *testing.T) {
	_, target := startStub(t)
	test := baseline(plan.Step{Rate: 200, Duration: time.Hour})
	c, log := startChild(t, Options{Script: "baseline-500b.js", Dir: t.TempDir(), Spec: Spec{Test: test, Target: target}})
	sum := &total{StepFrame: frame.StepFrame{Rejected: map[string]int64{}}, fates: map[ledger.Fate]int64{}}
	for f := range c.Frames() {
		sum.add(f)
		if sum.Accepted > 0 {
			c.Interrupt()
		}
	}
	exit, err := c.Wait()
	if exit != 105 || err != nil { // k6: aborted by a signal
		t.Fatalf("exit %d, %v\n%s", exit, err, log)
	}
	settled := int64(0)
	for _, n := range sum.fates {
		settled += n
	}
	if !sum.final || settled != int64(sum.offered) {
		t.Errorf("final %v: %d slots settled, %d offered", sum.final, settled, sum.offered)
	}
}

func TestChildKilled(t *testing.T) {
	_, target := startStub(t)
	c, _ := startChild(t, Options{Script: "baseline-500b.js", Dir: t.TempDir(), Spec: Spec{Test: baseline(plan.Step{Rate: 200, Duration: time.Hour}), Target: target}})
	<-c.Frames()
	if err := syscall.Kill(c.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	sum := sumOf(c)
	if exit, err := c.Wait(); err == nil || exit != -1 || sum.final {
		t.Errorf("exit %d, error %v, final %v: want the signal named and no final frame", exit, err, sum.final)
	}
}

// scriptChild runs a script of the user's.
func scriptChild(t *testing.T, target Target, text string, args ...string) (*Child, *bytes.Buffer) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	spec := Spec{Test: plan.Test{Name: "script", Kind: plan.Script, Put: plan.DefaultPut}, Run: 9, Target: target}
	return startChild(t, Options{Spec: spec, Script: path, Args: args})
}

func TestChildRunsForeignScript(t *testing.T) {
	s, target := startStub(t)
	c, log := scriptChild(t, target, `
		import { check } from 'k6';
		import kinesis, { Client, Stream } from 'k6/x/kinesis';
		export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } }, thresholds: { kinesis_records_accepted: ['count>1000'] } };
		const client = new Client(), stream = new Stream({ payload: '200B', keys: 10 });
		export default async function () {
			const one = client.putRecordSync('orders', { data: 'hello', partitionKey: 'k' });
			const many = await client.putRecords('orders', [
				{ data: new Uint8Array([104, 105]).buffer, partitionKey: 'k' }, { data: 'ho', partitionKey: 'k', explicitHashKey: '0' },
			]);
			const made = stream.put(7);
			check(one, { 'one has its place': (r) => r.SequenceNumber !== undefined && r.ShardId === 'shardId-000000000000' });
			check(many, { 'two entries': (r) => r.Records.length === 2 });
			check(made, { 'seven outcomes': (r) => r.accepted + r.rejected + r.indeterminate === 7 });
			check(kinesis, { 'default export': (k) => k.Client === Client });
			if (__ITER === 0) throw new Error('on purpose');
		}`)
	sum := sumOf(c)
	exit, err := c.Wait()
	if exit != 99 || err != nil { // the script's own threshold is crossed
		t.Fatalf("exit %d, %v\n%s", exit, err, log)
	}
	if strings.Contains(log.String(), "✗ one") || !strings.Contains(log.String(), "100.00% 16 out of 16") {
		t.Errorf("checks failed:\n%s", log)
	}
	// Four iterations put 1 + 2 + 7 records.
	if sum.offered != 40 || sum.Accepted != int64(len(s.accepted)+s.plain) || sum.foreign != s.plain {
		t.Errorf("%d offered, %d accepted, %d foreign; the stream has %d with a token and %d without",
			sum.offered, sum.Accepted, sum.foreign, len(s.accepted), s.plain)
	}
	if sum.exceptions != 2 { // the first iteration of each VU
		t.Errorf("%d exceptions, want 2\n%s", sum.exceptions, log)
	}
}

// A script without a target must not find an account by accident.
func TestScriptWithoutTarget(t *testing.T) {
	if testing.Short() {
		t.Skip("runs k6")
	}
	script := filepath.Join(t.TempDir(), "script.js")
	text := `import { Client } from 'k6/x/kinesis'; new Client(); export default function () {}`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "k6", "run", script)
	cmd.Env = []string{"AWS_REGION=eu-west-1"}
	log, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(log), errNoTarget.Error()) {
		t.Errorf("%v\n%s", err, log)
	}
}

// A parent that is killed must not leave its child behind.
func TestChildEndsWithParent(t *testing.T) {
	if testing.Short() {
		t.Skip("runs k6")
	}
	_, target := startStub(t)
	parent := exec.Command(os.Args[0], "parent", target.Endpoint)
	parent.Env = append(os.Environ(), "WEIR_TEST_DIR="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parent.Process.Kill() }) // if it still runs
	lines, pid := bufio.NewReader(out), 0
	for pid == 0 { // k6's log lines stand between
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Sscanf(line, "child %d", &pid)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// The child inherited the pipe: it reads as ended when both are gone.
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed, as asked
	// A process closes its files first and ends a little later.
	state, running := "", true
	for deadline := time.Now().Add(5 * time.Second); running && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		state, running = string(b), err == nil && !strings.Contains(string(b), ") Z ")
	}
	if running {
		t.Errorf("child %d still runs: %s", pid, state)
	}
}

// playParent starts a load, says the child's number and waits to be killed.
func playParent(endpoint string) {
	spec := Spec{
		Test:   baseline(plan.Step{Rate: 200, Duration: time.Hour}),
		Target: Target{Region: "eu-west-1", Endpoint: endpoint, Stream: "orders"},
	}
	c, err := Start(context.Background(), Options{Exe: os.Args[0], Script: "baseline-500b.js", Dir: os.Getenv("WEIR_TEST_DIR"), Spec: spec, Log: os.Stdout})
	if err != nil {
		panic(err)
	}
	<-c.Frames()
	fmt.Printf("child %d\n", c.cmd.Process.Pid)
	sumOf(c)
}

func TestStartRefuses(t *testing.T) {
	spec := Spec{Test: baseline(plan.Step{Rate: 1, Duration: time.Second})}
	if _, err := Start(context.Background(), Options{Exe: filepath.Join(t.TempDir(), "none"), Script: "baseline-500b.js", Dir: t.TempDir(), Spec: spec}); err == nil {
		t.Error("no error for a missing binary")
	}
	if _, err := Start(context.Background(), Options{Exe: os.Args[0], Script: "unheard-of.js", Spec: spec}); err == nil {
		t.Error("no error for a script that is not there")
	}
}
