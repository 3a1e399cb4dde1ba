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

// peakMemoryMB is unknown here.
func peakMemoryMB(int) int { return 0 }
