package load

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestSockets(t *testing.T) {
	folder := t.TempDir()
	for i, link := range []string{"socket:[11]", "pipe:[12]", "/dev/null", "socket:[13]"} {
		if err := os.Symlink(link, filepath.Join(folder, fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if got := sockets(folder); got != 2 {
		t.Errorf("%d sockets, want 2", got)
	}
	if got := sockets(filepath.Join(folder, "none")); got != 0 {
		t.Errorf("%d sockets where the system doesn't say", got)
	}
}
