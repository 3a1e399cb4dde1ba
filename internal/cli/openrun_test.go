package cli

import (
	"os"
	"testing"
)

func TestAliveIsAnotherProcess(t *testing.T) {
	if !alive(os.Getppid()) {
		t.Error("the parent runs and is not seen")
	}
	// A record with this process's number was left by an earlier process.
	if alive(os.Getpid()) {
		t.Error("this process took itself for the one that wrote a record")
	}
}
