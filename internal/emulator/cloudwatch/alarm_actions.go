package cloudwatch

import "slices"

// EnableAlarmActions and DisableAlarmActions only set ActionsEnabled: no action
// is ever taken here.
type alarmActionsInput struct {
	AlarmNames []string
}

func (s *Store) enableAlarmActions(in *alarmActionsInput) (*noOutput, error) {
	return s.setActions(in.AlarmNames, true)
}

func (s *Store) disableAlarmActions(in *alarmActionsInput) (*noOutput, error) {
	return s.setActions(in.AlarmNames, false)
}

// setActions reads over names that no alarm has.
func (s *Store) setActions(names []string, enabled bool) (*noOutput, error) {
	if err := checkAlarmNames(names); err != nil {
		return nil, err
	}
	s.alarms.mu.Lock()
	defer s.alarms.mu.Unlock()
	for _, a := range s.alarms.sorted(func(a *alarm) bool { return slices.Contains(names, a.AlarmName) }) {
		a.ActionsEnabled = &enabled
	}
	return nil, nil
}
