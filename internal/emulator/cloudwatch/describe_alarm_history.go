package cloudwatch

import (
	"cmp"
	"slices"
	"strconv"
)

// DescribeAlarmHistory lists what happened to alarms, the newest first unless
// ScanBy says otherwise.
type describeAlarmHistoryInput struct {
	AlarmName       string
	AlarmTypes      []string
	HistoryItemType string
	StartDate       *timestamp
	EndDate         *timestamp
	MaxRecords      *int64
	NextToken       string
	ScanBy          string
}

type describeAlarmHistoryOutput struct {
	AlarmHistoryItems []alarmHistoryItem
	NextToken         string `json:",omitempty"`
}

func (s *Store) describeAlarmHistory(in *describeAlarmHistoryInput) (*describeAlarmHistoryOutput, error) {
	limit, err := alarmRecords(in.MaxRecords, defaultHistoryRecord)
	if err != nil {
		return nil, err
	}
	if in.HistoryItemType != "" && !slices.Contains([]string{itemConfigurationUpdate, itemStateUpdate, itemAction}, in.HistoryItemType) {
		return nil, invalidValue("The value %s for parameter HistoryItemType is not one of ConfigurationUpdate, StateUpdate, Action.", in.HistoryItemType)
	}
	skip, err := openSkip(in.NextToken)
	if err != nil {
		return nil, err
	}
	s.lockAlarms(s.options.Now())
	defer s.alarms.mu.Unlock()
	items := in.items(&s.alarms)
	from, to := min(skip, len(items)), min(skip+limit, len(items))
	out := &describeAlarmHistoryOutput{AlarmHistoryItems: append([]alarmHistoryItem{}, items[from:to]...)}
	if to < len(items) {
		out.NextToken = sealToken(strconv.Itoa(to))
	}
	return out, nil
}

// openSkip is how many entries a token says were given already.
func openSkip(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	position, err := openToken(token)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(position)
	if err != nil || n < 0 || n > 1<<31 {
		return 0, invalidNextToken()
	}
	return n, nil
}

func (in *describeAlarmHistoryInput) items(as *alarms) (items []alarmHistoryItem) {
	for _, a := range as.sorted(func(a *alarm) bool { return in.AlarmName == "" || a.AlarmName == in.AlarmName }) {
		for _, i := range a.history {
			if in.wants(i) {
				items = append(items, i)
			}
		}
	}
	slices.SortStableFunc(items, func(a, b alarmHistoryItem) int {
		return cmp.Compare(a.Timestamp.UnixNano(), b.Timestamp.UnixNano())
	})
	if in.ScanBy != scanAscending {
		slices.Reverse(items)
	}
	return items
}

func (in *describeAlarmHistoryInput) wants(i alarmHistoryItem) bool {
	return (in.HistoryItemType == "" || in.HistoryItemType == i.HistoryItemType) &&
		(len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, i.AlarmType)) &&
		(in.StartDate == nil || !i.Timestamp.Before(in.StartDate.Time)) &&
		(in.EndDate == nil || !i.Timestamp.After(in.EndDate.Time))
}
