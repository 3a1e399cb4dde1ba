//go:build unix

package record

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// A disk that fills up is played by a limit on the size of files, set in a
// process of its own: writes beyond it fail after they wrote a part.
func TestDiskFull(t *testing.T) {
	if dir := os.Getenv("WEIR_TEST_FULL"); dir != "" {
		fillDisk(t, dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDiskFull$", "-test.v")
	cmd.Env = append(os.Environ(), "WEIR_TEST_FULL="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS: TestDiskFull") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func fillDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}))
	w, err := Create(dir, "full", start)
	must(t, err)
	must(t, w.WriteRun(Run{Status: Running, Reason: "small"}))

	// Lines of 100 bytes or so: the limit falls inside the second batch.
	batch := make([]Point, 30)
	for i := range batch {
		batch[i] = Point{T: int64(i), V: map[string]float64{strings.Repeat("k", 80): 1}}
	}
	must(t, w.AppendPoints(batch))
	err = w.AppendPoints(batch)
	if err == nil || !strings.Contains(err.Error(), "append to series") {
		t.Fatalf("second batch: %v", err)
	}
	must(t, w.AppendPoints([]Point{{T: 30, V: map[string]float64{"a": 1}}})) // room again for a small one
	err = w.WriteRun(Run{Status: Complete, Reason: strings.Repeat("long", 2000)})
	if err == nil || !strings.Contains(err.Error(), "write run.json") {
		t.Fatalf("long run.json: %v", err)
	}

	d, err := Read(w.Dir())
	must(t, err)
	if d.Run.Reason != "small" || len(d.Series) != 31 {
		t.Errorf("run %q, %d seconds; want the state before the failures and 31", d.Run.Reason, len(d.Series))
	}
	entries, err := os.ReadDir(w.Dir())
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("files left: %v", entries)
	}
}
