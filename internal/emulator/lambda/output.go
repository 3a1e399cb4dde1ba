package lambda

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// maxLogLine is the largest log event; a longer line is cut into several
	// (AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl, read 2026-11-22).
	maxLogLine = 1 << 20
	// tailBytes is how much of a process's output an InitError shows.
	tailBytes = 4 << 10
)

// lineWriter hands on what a process writes line by line, and remembers the end.
type lineWriter struct {
	emit func(line string)

	mu   sync.Mutex
	part []byte
	last []byte
}

// Write takes any part of the output; it never fails.
func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = append(w.last, b...)
	w.last = w.last[max(0, len(w.last)-tailBytes):]
	w.part = append(w.part, b...)
	for {
		end := bytes.IndexByte(w.part, '\n')
		switch {
		case end >= 0:
			w.emit(strings.TrimSuffix(string(w.part[:end]), "\r"))
			w.part = w.part[end+1:]
		case len(w.part) >= maxLogLine:
			w.emit(string(w.part[:maxLogLine]))
			w.part = w.part[maxLogLine:]
		default:
			return len(b), nil
		}
	}
}

// flush hands on a last line that has no end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.part) > 0 {
		w.emit(string(w.part))
		w.part = nil
	}
}

// tail is the end of the output, from the start of a line where that can be.
func (w *lineWriter) tail() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := string(w.last)
	if _, rest, found := strings.Cut(text, "\n"); found && len(w.last) == tailBytes {
		text = rest
	}
	return strings.TrimSpace(text)
}
