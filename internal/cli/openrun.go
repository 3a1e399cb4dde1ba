package cli

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"weir/internal/record"
)

// alive reports whether another process of that number runs. This one's number
// in a record is an earlier process's: containers give every first process the
// same.
func alive(pid int) bool {
	if pid == os.Getpid() {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, fs.ErrPermission) // another user's
}

// openRun reads the run a user named, see record.Resolve.
func openRun(root, name string) (*record.Data, error) {
	dir, err := record.Resolve(root, name)
	if err != nil {
		return nil, usage(err, "weir try makes a run; give its directory, or --runs where runs are kept elsewhere")
	}
	d, err := record.Read(dir)
	if err != nil {
		return nil, usage(err, "")
	}
	if d.CutShort(alive) {
		d.Run.Reason = "the run was cut short: weir was killed before it could close the account"
		d.Run.Notes = append(d.Run.Notes, d.Run.Reason)
	}
	return d, nil
}
