package lambda

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
)

func TestCloseLeavesNoProcessAndNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	s := newStream(1)
	s.put(0, 1)
	server, o := pipeline(t, s, command(t, "child"), orders(10))
	await(t, "the invocation", func() bool { return len(o.logged("START")) == 1 && len(o.logged("child")) == 1 })
	child, err := strconv.Atoi(strings.Fields(o.logged("child")[0])[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the function's child", func() bool { return !running(child) })
	await(t, "the end of the goroutines", func() bool { return runtime.NumGoroutine() <= before })
}

func TestProcessThatExitsLeavesNoChild(t *testing.T) {
	s := newStream(1)
	s.put(0, 1)
	server, o := pipeline(t, s, command(t, "orphan"), MappingConfig{})
	m := orders(10)
	m.RetryAttempts = new(0)
	if _, err := server.CreateMapping(m); err != nil {
		t.Fatal(err)
	}
	await(t, "the exit", func() bool { return o.sum("Errors") == 1 && len(o.logged("child")) == 1 })
	child, err := strconv.Atoi(strings.Fields(o.logged("child")[0])[1])
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the function's child", func() bool { return !running(child) })
}

// A function that takes more memory than it has is killed, in Lambda's words,
// and the next invocation finds a new environment.
func TestMemoryLimitKills(t *testing.T) {
	f := command(t, "swell")
	f.MemoryMB, f.Timeout = 128, 20*time.Second
	server, o := pipeline(t, newStream(1), f, MappingConfig{})
	for range 2 {
		got, err := client(t, server).Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f")})
		if err != nil || !strings.Contains(string(got.Payload), "Runtime exited with error: signal: killed") || !strings.Contains(string(got.Payload), `"Runtime.ExitError"`) {
			t.Fatalf("%v, %+v", err, got)
		}
	}
	reports := o.logged("REPORT")
	for _, r := range reports {
		if !strings.Contains(r, "Memory Size: 128 MB\tMax Memory Used: 128 MB\t") || !strings.Contains(r, "Init Duration") {
			t.Error(r)
		}
	}
	if len(reports) != 2 {
		t.Errorf("%d REPORT lines", len(reports))
	}
}

// Between invocations the environment is frozen: what the function left running
// gets no processor time, and goes on with the next invocation.
func TestEnvironmentIsFrozenBetweenInvocations(t *testing.T) {
	server, o := pipeline(t, newStream(1), command(t, "spin"), MappingConfig{})
	invoke := func() {
		if _, err := client(t, server).Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f")}); err != nil {
			t.Fatal(err)
		}
	}
	invoke()
	server.mu.Lock()
	pid := server.functions["f"].live[1].runner.(*process).cmd.Process.Pid
	server.mu.Unlock()
	await(t, "the process to stop", func() bool { return statField(t, pid, 3) == "T" })
	before := statField(t, pid, 14) // its processor time, in hundredths of a second
	time.Sleep(300 * time.Millisecond)
	if after := statField(t, pid, 14); after != before {
		t.Errorf("frozen, it used processor time: %s, then %s", before, after)
	}
	invoke()
	var cold int
	for _, r := range o.logged("REPORT") {
		cold += strings.Count(r, "Init Duration")
	}
	if n := len(o.logged("REPORT")); n != 2 || cold != 1 {
		t.Errorf("%d invocations, %d cold starts", n, cold)
	}
}

// statField is a field of /proc/PID/stat, by its number in proc(5).
func statField(t *testing.T, pid, n int) string {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(rest)[n-3]
}

// Killed by SIGKILL, the server leaves neither its function nor what that started.
func TestKillLeavesNoProcess(t *testing.T) {
	host := exec.Command(os.Args[0])
	host.Env = append(host.Environ(), "PLAY_FUNCTION=host")
	output, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	pids := map[string]int{}
	for lines := bufio.NewScanner(output); len(pids) < 2 && lines.Scan(); {
		if word := strings.Fields(lines.Text()); len(word) == 2 {
			if pids[word[0]], err = strconv.Atoi(word[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !running(pids["function"]) || !running(pids["child"]) {
		t.Fatalf("processes %v", pids)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait() // it was killed
	await(t, "the end of the function and its child", func() bool { return !running(pids["function"]) && !running(pids["child"]) })
}

// running reports whether the process is there and not a zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
