//go:build unix

package load

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// framesFD is the number of the pipe's writing end in the child: the first
// after the standard three.
const framesFD = 3

// openFrames opens the child's end of the way to its parent.
func openFrames(where string) (io.WriteCloser, error) {
	if addr, ok := strings.CutPrefix(where, "tcp:"); ok {
		return net.Dial("tcp", addr)
	}
	if where != fmt.Sprintf("fd:%d", framesFD) {
		return nil, fmt.Errorf("%s=%q: want fd:%d or tcp:host:port", envFrames, where, framesFD)
	}
	syscall.CloseOnExec(framesFD) // what a script starts must not keep it open
	return os.NewFile(framesFD, "frames"), nil
}

// inheritFrames gives cmd the writing end of a pipe and returns the reading
// end; started is to be called when cmd has started or failed to.
func inheritFrames(cmd *exec.Cmd) (frames io.ReadCloser, started func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make pipe for frames: %w", err)
	}
	cmd.ExtraFiles = []*os.File{w}
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=fd:%d", envFrames, framesFD))
	return r, func() { _ = w.Close() }, nil // the child has its own copy
}

// terminate asks the child to end as an operator would.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// killGroup ends the child and all that it started.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
