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

// memoryMB is unknown here, and so not limited.
func memoryMB(int) (now, peak int) { return 0, 0 }
