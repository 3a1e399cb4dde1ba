package lambda

import (
	"sync"
	"time"
)

// logTailBytes is how much log an invocation with LogType Tail gives back
// (lambda/latest/api/API_Invoke, read 2026-11-22).
const logTailBytes = 4 << 10

// logTail is the end of an environment's log since its last START line.
type logTail struct {
	mu   sync.Mutex
	text []byte
}

func (t *logTail) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = t.text[:0]
}

func (t *logTail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(append(t.text, line...), '\n')
	if over := len(t.text) - logTailBytes; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
}

func (t *logTail) copy() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]byte(nil), t.text...)
}

// log writes one line to the environment's log stream.
func (s *Server) log(e *environment, at time.Time, line string) {
	e.recent.add(line)
	if s.cfg.Log != nil {
		s.cfg.Log(logGroup(e.of.Name), e.logStream, at, line)
	}
}
