//go:build unix && !linux

package load

import "syscall"

// childAttributes put the child into a process group of its own, so that the
// terminal's Ctrl-C reaches the parent alone. A child whose parent was killed
// ends when it can't report any more.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
