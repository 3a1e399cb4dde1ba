package observe

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"weir/internal/record"
)

// Host describes this machine.
func Host() record.Host {
	name, err := os.Hostname()
	if err != nil {
		name = "" // a machine without a name is still a machine
	}
	return record.Host{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0),
		GoVersion: runtime.Version(), Hostname: name,
	}
}

// Usage is what a process has used.
type Usage struct {
	RSSBytes int64
	CPU      time.Duration // user and system, since the process started
}

// clockTick is the unit of the CPU times in /proc/PID/stat: 100 a second on
// every Linux architecture Go runs on (proc(5), sysconf(_SC_CLK_TCK)).
const clockTick = 10 * time.Millisecond

// ProcessUsage reads the use of one process from /proc; false where there is
// none (other systems, a process that ended).
func ProcessUsage(pid int) (Usage, bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return Usage{}, false
	}
	// The command in parentheses may hold anything; the fields follow it.
	end := strings.LastIndexByte(string(stat), ')')
	fields := strings.Fields(string(stat[end+1:]))
	const utime, stime, rss = 11, 12, 21 // fields 14, 15 and 24, counted from 1 and from the start
	if end < 0 || len(fields) <= rss {
		return Usage{}, false
	}
	var n [3]int64
	for i, f := range []int{utime, stime, rss} {
		if n[i], err = strconv.ParseInt(fields[f], 10, 64); err != nil {
			return Usage{}, false
		}
	}
	return Usage{RSSBytes: n[2] * int64(os.Getpagesize()), CPU: time.Duration(n[0]+n[1]) * clockTick}, true
}
