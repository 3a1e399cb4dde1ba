package lambda

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup puts the command into a process group of its own, so that all it
// starts can be ended with it; the kernel ends it should weir be killed.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// memoryMB is the resident set of the process alone, not of those it started:
// now, and at its largest; 0: unknown.
func memoryMB(pid int) (now, peak int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	return megabytes(status, "VmRSS:"), megabytes(status, "VmHWM:")
}

// megabytes is a line of a process's status, rounded up; 0 where it isn't there.
func megabytes(status []byte, name string) int {
	_, after, found := bytes.Cut(status, []byte(name))
	fields := bytes.Fields(after)
	if !found || len(fields) == 0 {
		return 0
	}
	kb, err := strconv.Atoi(string(fields[0]))
	if err != nil {
		return 0
	}
	return (kb + 1023) / 1024
}
