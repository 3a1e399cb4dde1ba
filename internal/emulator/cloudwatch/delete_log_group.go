package cloudwatch

// DeleteLogGroup deletes a group with its streams and events. A writer in this
// process that appends to it makes it anew.
type deleteLogGroupInput struct {
	LogGroupName string `json:"logGroupName"`
}

func (l *Logs) deleteLogGroup(in *deleteLogGroupInput) (*noOutput, error) {
	if _, err := l.group(in.LogGroupName); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.groups, in.LogGroupName)
	return nil, nil
}
