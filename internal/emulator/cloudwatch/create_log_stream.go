package cloudwatch

import "weir/internal/emulator/wire"

// CreateLogStream adds a stream without events.
type createLogStreamInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName"`
}

func (l *Logs) createLogStream(in *createLogStreamInput) (*noOutput, error) {
	if !streamName.MatchString(in.LogStreamName) {
		return nil, invalidParameter("1 validation error detected: Value '" + in.LogStreamName + "' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*")
	}
	g, err := l.group(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, made := g.makeStream(in.LogStreamName, l.options.Now()); !made {
		return nil, &wire.Error{Code: "ResourceAlreadyExistsException", Message: "The specified log stream already exists"}
	}
	return nil, nil
}
