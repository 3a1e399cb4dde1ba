//go:build !unix

package lambda

import "os/exec"

// ownGroup does nothing: there are no process groups here, and what the
// function starts itself is not ended with it.
func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	// It may be gone already: that is what is wanted.
	_ = cmd.Process.Kill()
}

// freezeGroup and thawGroup do nothing: an environment is not frozen here.
func freezeGroup(*exec.Cmd) {}

func thawGroup(*exec.Cmd) {}

// memoryMB is unknown here, and so not limited.
func memoryMB(int) (now, peak int) { return 0, 0 }
