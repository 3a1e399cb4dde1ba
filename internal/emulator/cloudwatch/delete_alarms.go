package cloudwatch

// DeleteAlarms deletes alarms with their histories, all or, where one of them
// doesn't exist, none.
type deleteAlarmsInput struct {
	AlarmNames []string
}

func (s *Store) deleteAlarms(in *deleteAlarmsInput) (*noOutput, error) {
	if err := checkAlarmNames(in.AlarmNames); err != nil {
		return nil, err
	}
	s.alarms.mu.Lock()
	defer s.alarms.mu.Unlock()
	list, err := s.alarms.named(in.AlarmNames)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		delete(s.alarms.byName, a.AlarmName)
	}
	return nil, nil
}

func checkAlarmNames(names []string) error {
	switch n := len(names); {
	case n == 0:
		return missing("AlarmNames")
	case n > maxAlarmNames:
		return invalidValue("The collection AlarmNames must not have a size greater than %d.", maxAlarmNames)
	}
	return nil
}
