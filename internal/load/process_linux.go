package load

import "syscall"

// childAttributes put the child into a process group of its own, so that the
// terminal's Ctrl-C reaches the parent alone, and end it with its parent, even
// one that was killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
