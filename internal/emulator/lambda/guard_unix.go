//go:build unix

package lambda

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// guard kills the process groups that it was told of when this process ends
// without having done so, be it by SIGKILL: a shell that reads their ids from a
// pipe, which the kernel closes then. It is started with the first group. Where
// there is no shell there is no guard.
type guard struct {
	mu      sync.Mutex
	started bool
	cmd     *exec.Cmd
	pipe    io.WriteCloser // nil: there is no guard
}

// guardScript takes a line "+ id" or "- id" for each group that began or ended.
const guardScript = `
trap '' INT TERM HUP
groups=' '
while read -r change id; do
	case $change in
	+) groups="$groups$id " ;;
	-) groups="${groups%% $id *} ${groups#* $id }" ;;
	esac
done
for id in $groups; do kill -s KILL -- "-$id"; done
`

func (g *guard) add(group int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.started {
		g.start()
	}
	g.tell('+', group)
}

func (g *guard) remove(group int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tell('-', group)
}

func (g *guard) start() {
	g.started = true
	g.cmd = exec.Command("/bin/sh", "-c", guardScript)
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // the terminal's signals are not for it
	pipe, err := g.cmd.StdinPipe()
	if err == nil && g.cmd.Start() == nil {
		g.pipe = pipe
	}
}

func (g *guard) tell(change byte, group int) {
	if g.pipe != nil {
		_, _ = fmt.Fprintf(g.pipe, "%c %d\n", change, group) // a guard that was killed guards no more
	}
}

// close ends the guard, and with it the groups that were not removed.
func (g *guard) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pipe != nil {
		_ = g.pipe.Close()
		_ = g.cmd.Wait() // how it ended changes nothing
		g.pipe = nil
	}
}
