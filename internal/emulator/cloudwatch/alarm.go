package cloudwatch

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// metricAlarm is an alarm as PutMetricAlarm takes it and DescribeAlarms gives
// it; only the latter has the fields from AlarmArn on. Tags are read over.
type metricAlarm struct {
	AlarmName                        string            `json:",omitempty"`
	AlarmDescription                 string            `json:",omitempty"`
	ActionsEnabled                   *bool             `json:",omitempty"`
	OKActions                        []string          `json:",omitempty"`
	AlarmActions                     []string          `json:",omitempty"`
	InsufficientDataActions          []string          `json:",omitempty"`
	MetricName                       string            `json:",omitempty"`
	Namespace                        string            `json:",omitempty"`
	Statistic                        string            `json:",omitempty"`
	ExtendedStatistic                string            `json:",omitempty"`
	Dimensions                       []dimension       `json:",omitempty"`
	Period                           *int64            `json:",omitempty"`
	Unit                             string            `json:",omitempty"`
	EvaluationPeriods                *int64            `json:",omitempty"`
	DatapointsToAlarm                *int64            `json:",omitempty"`
	Threshold                        *float64          `json:",omitempty"`
	ComparisonOperator               string            `json:",omitempty"`
	TreatMissingData                 string            `json:",omitempty"`
	EvaluateLowSampleCountPercentile string            `json:",omitempty"`
	Metrics                          []metricDataQuery `json:",omitempty"`
	ThresholdMetricId                string            `json:",omitempty"`

	AlarmArn                           string     `json:",omitempty"`
	AlarmConfigurationUpdatedTimestamp *timestamp `json:",omitempty"`
	StateValue                         string     `json:",omitempty"`
	StateReason                        string     `json:",omitempty"`
	StateReasonData                    string     `json:",omitempty"`
	StateUpdatedTimestamp              *timestamp `json:",omitempty"`
	StateTransitionedTimestamp         *timestamp `json:",omitempty"`
	EvaluationState                    string     `json:",omitempty"`
}

// alarm is a metric alarm with its past. Guarded by alarms.mu.
type alarm struct {
	metricAlarm
	evaluated int64 // the moment of the last evaluation, in Unix seconds
	history   []alarmHistoryItem
}

// alarmHistoryItem is one thing that happened to an alarm.
type alarmHistoryItem struct {
	AlarmName       string
	AlarmType       string
	Timestamp       timestamp
	HistoryItemType string
	HistorySummary  string
	HistoryData     string
}

// Types of history items. There are no actions here, so they are never in a
// history.
const (
	itemConfigurationUpdate = "ConfigurationUpdate"
	itemStateUpdate         = "StateUpdate"
	itemAction              = "Action"
)

const (
	metricAlarmType    = "MetricAlarm"
	compositeAlarmType = "CompositeAlarm"

	maxAlarms       = 5000                // AWS's default quota of a region (cloudwatch_limits, read 2026-11-22)
	maxHistoryItems = 1000                // of one alarm; ours
	historyKept     = 30 * 24 * time.Hour // API_DescribeAlarmHistory
)

// alarms are a store's alarms. They are evaluated when somebody asks about
// them, as of each moment at which they were due since the last time: nothing
// depends on their states but answers.
type alarms struct {
	mu     sync.Mutex
	byName map[string]*alarm
}

// lockAlarms brings the alarms up to now and leaves them locked.
func (s *Store) lockAlarms(now time.Time) {
	s.alarms.mu.Lock()
	for _, a := range s.alarms.byName {
		s.catchUp(a, now)
	}
}

// sorted are the alarms that keep wants, by name.
func (as *alarms) sorted(keep func(*alarm) bool) (list []*alarm) {
	for _, name := range slices.Sorted(maps.Keys(as.byName)) {
		if a := as.byName[name]; keep(a) {
			list = append(list, a)
		}
	}
	return list
}

// named are the alarms of some names; a name without one is a ResourceNotFound.
func (as *alarms) named(names []string) (list []*alarm, err error) {
	for _, name := range names {
		a := as.byName[name]
		if a == nil {
			return nil, &wire.Error{Code: "ResourceNotFound", Message: "Alarm " + name + " does not exist.", Status: http.StatusNotFound}
		}
		list = append(list, a)
	}
	return list, nil
}

// become moves the alarm to a state and notes it, if it is not there already.
func (a *alarm) become(state, reason, data string, now time.Time) {
	if state == a.StateValue {
		return
	}
	before := alarmStateChange{a.StateValue, a.StateReason, rawJSON(a.StateReasonData)}
	at := timestampAt(now)
	a.StateValue, a.StateReason, a.StateReasonData = state, reason, data
	a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = &at, &at
	a.note(now, itemStateUpdate, "Alarm updated from "+before.StateValue+" to "+state, map[string]any{
		"version": "1.0", "oldState": before, "newState": alarmStateChange{state, reason, rawJSON(data)},
	})
}

// alarmStateChange is one side of a StateUpdate in a history.
type alarmStateChange struct {
	StateValue      string          `json:"stateValue"`
	StateReason     string          `json:"stateReason"`
	StateReasonData json.RawMessage `json:"stateReasonData,omitempty"`
}

// rawJSON is a text that is JSON, as such; another as a JSON string.
func rawJSON(text string) json.RawMessage {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return mustJSON(text)
}

// note adds to the alarm's history and drops what is too old or too much.
func (a *alarm) note(now time.Time, kind, summary string, data any) {
	a.history = append(a.history, alarmHistoryItem{a.AlarmName, metricAlarmType, timestampAt(now), kind, summary, string(mustJSON(data))})
	a.history = a.history[max(0, len(a.history)-maxHistoryItems):]
	a.history = slices.DeleteFunc(a.history, func(i alarmHistoryItem) bool { return now.Sub(i.Timestamp.Time) > historyKept })
}

// mustJSON is the JSON of a value of ours, which always has one.
func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("cloudwatch: no JSON: " + err.Error())
	}
	return text
}

func (s *Store) alarmARN(name string) string {
	return "arn:aws:cloudwatch:" + s.options.Region + ":" + s.options.Account + ":alarm:" + name
}

// metric is the metric of an alarm without expressions.
func (a *metricAlarm) metric() metric { return metric{a.Namespace, a.MetricName, a.Dimensions} }

// figure is the statistic of an alarm without expressions.
func (a *metricAlarm) figure() string { return a.Statistic + a.ExtendedStatistic }

// hasActionPrefix reports whether one of the alarm's actions begins so.
func (a *metricAlarm) hasActionPrefix(prefix string) bool {
	return slices.ContainsFunc(slices.Concat(a.OKActions, a.AlarmActions, a.InsufficientDataActions), func(action string) bool {
		return strings.HasPrefix(action, prefix)
	})
}
