//go:build unix && !linux

package lambda

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the command into a process group of its own, so that all it
// starts can be ended with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func killGroup(cmd *exec.Cmd) {
	// The group may be gone already: that is what is wanted.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// peakMemoryMB is unknown here.
func peakMemoryMB(int) int { return 0 }
