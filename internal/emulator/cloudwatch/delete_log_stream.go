package cloudwatch

import "slices"

// DeleteLogStream deletes a stream and its events.
type deleteLogStreamInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName"`
}

func (l *Logs) deleteLogStream(in *deleteLogStreamInput) (*noOutput, error) {
	g, err := l.group(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if !g.deleteStream(in.LogStreamName) {
		return nil, noStream()
	}
	return nil, nil
}

// deleteStream is false where there is no such stream.
func (g *logGroup) deleteStream(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	stream := g.streams[name]
	if stream == nil {
		return false
	}
	delete(g.streams, name)
	g.bytes -= stream.bytes
	for i := range g.segments {
		s := &g.segments[i]
		s.events = slices.DeleteFunc(s.events, func(e logEvent) bool { return e.stream == stream })
	}
	g.segments = slices.DeleteFunc(g.segments, func(s segment) bool { return len(s.events) == 0 })
	return true
}
