package load

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// openFrames opens the child's end of the way to its parent: a loopback
// socket, for this system has no inherited files.
func openFrames(where string) (io.WriteCloser, error) {
	addr, ok := strings.CutPrefix(where, "tcp:")
	if !ok {
		return nil, fmt.Errorf("%s=%q: want tcp:host:port", envFrames, where)
	}
	return net.Dial("tcp", addr)
}

// inheritFrames tells cmd of a loopback socket and returns a reader that waits
// for the child to connect; started is to be called when cmd has started or
// failed to.
func inheritFrames(cmd *exec.Cmd) (frames io.ReadCloser, started func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("listen for frames: %w", err)
	}
	cmd.Env = append(cmd.Env, envFrames+"=tcp:"+listener.Addr().String())
	return &accepted{listener: listener}, func() {}, nil
}

// accepted reads from the first connection to a listener.
type accepted struct {
	listener net.Listener
	once     sync.Once
	conn     net.Conn
	err      error
}

func (a *accepted) Read(b []byte) (int, error) {
	a.once.Do(func() {
		if a.conn, a.err = a.listener.Accept(); a.err != nil {
			a.err = io.EOF // closed: the child ended without connecting
		}
	})
	if a.err != nil {
		return 0, a.err
	}
	return a.conn.Read(b)
}

func (a *accepted) Close() error { return a.listener.Close() }

// terminate ends the child: the system has no signal to ask with.
func terminate(p *os.Process) error { return p.Kill() }

func killGroup(p *os.Process) error { return p.Kill() }

func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var created, exited, kernel, user syscall.Filetime
	self, err := syscall.GetCurrentProcess()
	if err != nil || syscall.GetProcessTimes(self, &created, &exited, &kernel, &user) != nil {
		return 0
	}
	ticks := func(f syscall.Filetime) int64 { return int64(f.HighDateTime)<<32 | int64(f.LowDateTime) }
	return time.Duration(ticks(kernel)+ticks(user)) * 100 // ticks of 100 ns
}
