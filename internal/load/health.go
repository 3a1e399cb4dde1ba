package load

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"weir/internal/load/frame"
)

// health is the state of this process.
func health() frame.Health {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return frame.Health{
		RSSBytes:   residentBytes(&m),
		HeapBytes:  int64(m.HeapAlloc),
		CPU:        cpuTime(),
		GCPause:    time.Duration(m.PauseTotalNs),
		Goroutines: runtime.NumGoroutine(),
		Sockets:    sockets("/proc/self/fd"),
	}
}

// sockets is the number of sockets among the open files that Linux lists in a
// folder, 0 elsewhere.
func sockets(folder string) int {
	files, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	n := 0
	for _, f := range files {
		// One that was closed since has no link any more.
		if link, err := os.Readlink(filepath.Join(folder, f.Name())); err == nil && strings.HasPrefix(link, "socket:") {
			n++
		}
	}
	return n
}

// residentBytes is the memory that the process occupies, as Linux says it, or
// as Go's runtime sees it elsewhere.
func residentBytes(m *runtime.MemStats) int64 {
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := bytes.Fields(b); len(fields) > 1 {
			if pages, err := strconv.ParseInt(string(fields[1]), 10, 64); err == nil {
				return pages * int64(os.Getpagesize())
			}
		}
	}
	return int64(m.Sys - m.HeapReleased)
}
