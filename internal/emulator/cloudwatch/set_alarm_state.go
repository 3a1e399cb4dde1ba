package cloudwatch

import (
	"encoding/json"

	"weir/internal/emulator/wire"
)

// SetAlarmState puts an alarm into a state until its next evaluation.
type setAlarmStateInput struct {
	AlarmName       string
	StateValue      string
	StateReason     string
	StateReasonData string
}

func (s *Store) setAlarmState(in *setAlarmStateInput) (*noOutput, error) {
	switch {
	case in.AlarmName == "":
		return nil, missing("AlarmName")
	case in.StateValue == "":
		return nil, missing("StateValue")
	case in.StateReason == "":
		return nil, missing("StateReason")
	case in.StateReasonData != "" && !json.Valid([]byte(in.StateReasonData)):
		return nil, &wire.Error{Code: "InvalidFormatFault", Message: "StateReasonData was not syntactically valid JSON"}
	}
	if err := checkState(in.StateValue); err != nil {
		return nil, err
	}
	now := s.options.Now()
	s.lockAlarms(now)
	defer s.alarms.mu.Unlock()
	list, err := s.alarms.named([]string{in.AlarmName})
	if err != nil {
		return nil, err
	}
	list[0].become(in.StateValue, in.StateReason, in.StateReasonData, now)
	return nil, nil
}
