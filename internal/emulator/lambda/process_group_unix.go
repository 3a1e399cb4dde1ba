//go:build unix

package lambda

import (
	"os/exec"
	"syscall"
)

// In these three the group may be gone already: then there is nothing to do.

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// freezeGroup stops the group: it gets no processor time until thawGroup.
func freezeGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGSTOP) }

func thawGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGCONT) }
