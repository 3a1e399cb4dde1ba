package lambda

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
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

// running reports whether the process is there and not a zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
