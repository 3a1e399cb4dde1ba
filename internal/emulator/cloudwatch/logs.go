package cloudwatch

import (
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// LogsOptions of a Logs. Store is required; the rest may be left out.
type LogsOptions struct {
	// Store takes the metrics found in log events.
	Store *Store
	// Now is the clock of ingestion; nil is time.Now.
	Now func() time.Time
	// GroupBytes bounds a group's messages, 26 bytes an event included; the
	// oldest go first. 0 is 64 MiB.
	GroupBytes int64
	// Region and Account are written into ARNs; empty is us-east-1 and
	// 000000000000.
	Region, Account string
}

const defaultGroupBytes = 64 << 20

// Logs keeps log events in memory, by group and time. It is safe for concurrent
// use.
type Logs struct {
	options LogsOptions

	mu     sync.RWMutex
	groups map[string]*logGroup
}

// NewLogs makes a Logs without groups.
func NewLogs(o LogsOptions) *Logs {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.GroupBytes == 0 {
		o.GroupBytes = defaultGroupBytes
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	return &Logs{options: o, groups: map[string]*logGroup{}}
}

// Append adds one event for a writer in this process and makes the group and
// the stream where they don't exist. at counts in milliseconds and may lie
// before what was appended earlier.
func (l *Logs) Append(group, stream string, at time.Time, message string) {
	g, _ := l.makeGroup(group)
	g.append(stream, []newEvent{{at.UnixMilli(), message}}, l.options.Now())
	l.extractMetrics(group, message)
}

// Trimmed is how many events of a group were dropped for its bound, and the
// newest timestamp among them; 0 and the zero time of a group that dropped none
// or doesn't exist.
func (l *Logs) Trimmed(group string) (n int64, newest time.Time) {
	g, err := l.group(group)
	if err != nil {
		return 0, time.Time{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.trimmed == 0 {
		return 0, time.Time{}
	}
	return g.trimmed, time.UnixMilli(g.lastTrim)
}

func (l *Logs) group(name string) (*logGroup, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	g := l.groups[name]
	if g == nil {
		return nil, &wire.Error{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."}
	}
	g.expire(l.options.Now())
	return g, nil
}

// makeGroup finds a group or makes it; made tells which.
func (l *Logs) makeGroup(name string) (g *logGroup, made bool) {
	if g, err := l.group(name); err == nil {
		return g, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.groups[name]; g != nil {
		return g, false
	}
	g = &logGroup{name: name, created: l.options.Now(), limit: l.options.GroupBytes, streams: map[string]*logStream{}}
	l.groups[name] = g
	return g, true
}

func (l *Logs) arn(group string) string {
	return "arn:aws:logs:" + l.options.Region + ":" + l.options.Account + ":log-group:" + group
}
