package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a measured server on the server's core.
type process struct {
	cmd  *exec.Cmd
	addr string
}

// startServer starts this program in the role of a server.
func startServer(ctx context.Context, args ...string) (*process, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return start(ctx, "", append([]string{exe, "serve"}, args...)...)
}

// start runs a command pinned to the server's core. Its first line of output is
// its address, unless addr says it.
func start(ctx context.Context, addr string, command ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", serverCore}, command...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: no line from it: %w", command[0], err), cmd.Wait())
	}
	if addr == "" {
		addr = strings.TrimSpace(line)
	}
	return &process{cmd, addr}, nil
}

// close ends the process and waits for it.
func (p *process) close() {
	p.cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
	p.cmd.Wait()                       //nolint:errcheck // by that signal
}

// clockTick is the unit of /proc's processor times (USER_HZ).
const clockTick = 10 * time.Millisecond

// usage is the processor time the process has used, and its resident memory.
// taskset replaces itself by the command, so the process is the server.
func (p *process) usage() (cpu time.Duration, resident int64, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, fmt.Errorf("read the server's usage: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	const utime, stime, rss = 11, 12, 21 // proc(5): fields 14, 15 and 24 of the line
	if len(fields) <= rss {
		return 0, 0, fmt.Errorf("read the server's usage: %d fields", len(fields))
	}
	var n [3]int64
	for i, f := range []int{utime, stime, rss} {
		if n[i], err = strconv.ParseInt(fields[f], 10, 64); err != nil {
			return 0, 0, fmt.Errorf("read the server's usage: %w", err)
		}
	}
	return time.Duration(n[0]+n[1]) * clockTick, n[2] * int64(os.Getpagesize()), nil
}
