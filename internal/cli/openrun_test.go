package cli

import (
	"os"
	"testing"
)

func TestAliveIsAnotherProcess(t *testing.T) {
	if !alive(os.Getppid()) {
		t.Error("the parent runs and is not seen")
	}
	if !alive(1) {
		t.Error("the first process runs, whoever it belongs to")
	}
	// A record with this process's number was left by an earlier process.
	if alive(os.Getpid()) {
		t.Error("this process took itself for the one that wrote a record")
	}
}
