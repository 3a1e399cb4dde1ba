package cloudwatch

import (
	"regexp"

	"weir/internal/emulator/wire"
)

// CreateLogGroup ignores keys, tags and classes: nothing here depends on them.
type createLogGroupInput struct {
	LogGroupName string `json:"logGroupName"`
}

// API_CreateLogGroup, API_CreateLogStream, read 2026-11-22.
var (
	groupName  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	streamName = regexp.MustCompile(`^[^:*]{1,512}$`)
)

func (l *Logs) createLogGroup(in *createLogGroupInput) (*noOutput, error) {
	if !groupName.MatchString(in.LogGroupName) {
		return nil, invalidParameter("1 validation error detected: Value '" + in.LogGroupName + "' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+")
	}
	if _, made := l.makeGroup(in.LogGroupName); !made {
		return nil, &wire.Error{Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists"}
	}
	return nil, nil
}

// invalidParameter is Logs' error for a bad request; CloudWatch's own is called
// InvalidParameterValueException.
func invalidParameter(message string) error {
	return &wire.Error{Code: "InvalidParameterException", Message: message}
}
