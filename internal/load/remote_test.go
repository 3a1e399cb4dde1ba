package load

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/plan"
	scripts "weir/k6-test-scripts"
)

// What k6-operator does with a runner: it starts the image's k6 paused, with an
// execution segment and tags, resumes it over k6's REST interface, and the
// reports stand among what it prints.
func TestRunnerStartsPaused(t *testing.T) {
	if testing.Short() {
		t.Skip("runs k6 for seconds")
	}
	stream, target := startStub(t)
	address := freeAddress(t)
	spec := Spec{Test: baseline(plan.Step{Rate: 50, Duration: 2 * time.Second}), Run: 9, Target: target}
	text, err := scripts.Files.ReadFile("baseline-500b.js")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "test.js")
	if err := os.WriteFile(script, text, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"k6", "run", "--quiet", "--execution-segment=1/2:1", "--execution-segment-sequence=0,1/2,1"}, RunnerArgs()...)
	cmd := exec.Command(os.Args[0], append(args, script, "--address="+address, "--paused", "--tag", "instance_id=2", "--tag", "testrun_name=weir")...)
	env, err := RunnerEnv(spec)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // if it still runs
	resume(t, "http://"+address+"/v1/status")
	sum := &total{StepFrame: frame.StepFrame{Rejected: map[string]int64{}}, fates: map[ledger.Fate]int64{}}
	var lines frame.LineReader
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break
		}
		n, bad := lines.Add(strings.TrimSpace(line))
		if bad != nil {
			t.Fatal(bad)
		}
		if n != nil && n.Runner != 2 {
			t.Errorf("a report of runner %d", n.Runner)
		}
		if n != nil {
			sum.add(n.Frame)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	// Half of 100 records, of which the stub refuses every tenth.
	if !sum.final || sum.Accepted != 45 || sum.NotSent != 0 || len(stream.accepted) != 45 {
		t.Errorf("final %v, %d accepted, %d not sent, %d arrived\n%s", sum.final, sum.Accepted, sum.NotSent, len(stream.accepted), &log)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// resume waits for k6's REST interface, checks that k6 is paused, and resumes
// it with the operator's words (k6-operator v1.6.0, pkg/resources/containers).
func resume(t *testing.T, status string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		got, err := http.Get(status)
		if err == nil {
			body, _ := io.ReadAll(got.Body)
			_ = got.Body.Close()
			if strings.Contains(string(body), `"paused":true`) {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("k6 never answered that it is paused: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	const unpause = `{"data":{"attributes":{"paused":false,"stopped":false},"id":"default","type":"status"}}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, status, strings.NewReader(unpause))
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		t.Fatalf("resume: %s", got.Status)
	}
}
