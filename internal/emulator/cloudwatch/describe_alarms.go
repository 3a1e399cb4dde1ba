package cloudwatch

import (
	"slices"
	"strings"
)

// DescribeAlarms lists metric alarms by name. There are no composite ones.
type describeAlarmsInput struct {
	AlarmNames      []string
	AlarmNamePrefix string
	AlarmTypes      []string
	StateValue      string
	ActionPrefix    string
	MaxRecords      *int64
	NextToken       string
}

type describeAlarmsOutput struct {
	MetricAlarms    []metricAlarm
	CompositeAlarms []struct{}
	NextToken       string `json:",omitempty"`
}

// API_DescribeAlarms, API_DescribeAlarmHistory, read 2026-11-22.
const (
	maxAlarmNames        = 100
	maxAlarmRecords      = 100
	defaultAlarmRecords  = 50
	defaultHistoryRecord = 100
)

func (s *Store) describeAlarms(in *describeAlarmsInput) (*describeAlarmsOutput, error) {
	limit, err := alarmRecords(in.MaxRecords, defaultAlarmRecords)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	after, err := openToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	s.lockAlarms(s.options.Now())
	defer s.alarms.mu.Unlock()
	out := &describeAlarmsOutput{MetricAlarms: []metricAlarm{}, CompositeAlarms: []struct{}{}}
	for _, a := range s.alarms.sorted(in.wants) {
		if a.AlarmName <= after {
			continue
		}
		if len(out.MetricAlarms) == limit {
			out.NextToken = sealToken(out.MetricAlarms[limit-1].AlarmName)
			break
		}
		out.MetricAlarms = append(out.MetricAlarms, a.metricAlarm)
	}
	return out, nil
}

func (in *describeAlarmsInput) check() error {
	switch {
	case len(in.AlarmNames) > maxAlarmNames:
		return invalidValue("The collection AlarmNames must not have a size greater than %d.", maxAlarmNames)
	case len(in.AlarmNames) > 0 && in.AlarmNamePrefix != "":
		return invalidCombination("AlarmNamePrefix and AlarmNames are mutually exclusive.")
	case in.StateValue != "":
		return checkState(in.StateValue)
	}
	return nil
}

func checkState(state string) error {
	if !slices.Contains([]string{stateOK, stateAlarm, stateInsufficientData}, state) {
		return invalidValue("The value %s for parameter StateValue is not one of OK, ALARM, INSUFFICIENT_DATA.", state)
	}
	return nil
}

func (in *describeAlarmsInput) wants(a *alarm) bool {
	return (len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, a.AlarmName)) &&
		(len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, metricAlarmType)) &&
		(in.StateValue == "" || in.StateValue == a.StateValue) &&
		(in.ActionPrefix == "" || a.hasActionPrefix(in.ActionPrefix)) &&
		strings.HasPrefix(a.AlarmName, in.AlarmNamePrefix)
}

// alarmRecords is a page's size.
func alarmRecords(asked *int64, otherwise int) (int, error) {
	switch {
	case asked == nil:
		return otherwise, nil
	case *asked < 1 || *asked > maxAlarmRecords:
		return 0, invalidValue("The parameter MaxRecords must be from 1 to %d.", maxAlarmRecords)
	}
	return int(*asked), nil
}
