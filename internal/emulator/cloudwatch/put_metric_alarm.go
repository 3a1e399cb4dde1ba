package cloudwatch

import (
	"fmt"
	"slices"
	"time"

	"weir/internal/emulator/wire"
)

// API_PutMetricAlarm, read 2026-11-22.
const (
	maxAlarmActions     = 5
	maxAlarmDescription = 1024
	maxAlarmMetrics     = 10
	maxEvaluationSpan   = 24 * 60 * 60     // seconds, for periods under an hour
	maxEvaluationDays   = 7 * 24 * 60 * 60 // for others
)

// putMetricAlarm makes or replaces an alarm. A new one has INSUFFICIENT_DATA
// until it is evaluated; a replaced one keeps its state until then.
func (s *Store) putMetricAlarm(in *metricAlarm) (*noOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	now := s.options.Now()
	s.lockAlarms(now)
	defer s.alarms.mu.Unlock()
	a, summary := s.alarms.byName[in.AlarmName], `Alarm "`+in.AlarmName+`" updated`
	if a == nil {
		if len(s.alarms.byName) >= maxAlarms {
			return nil, &wire.Error{Code: "LimitExceededFault", Message: "The maximum limit of alarms has been reached."}
		}
		at := timestampAt(now)
		a = &alarm{metricAlarm: metricAlarm{
			StateValue: stateInsufficientData, StateReason: "Unchecked: Initial alarm creation",
			StateUpdatedTimestamp: &at, StateTransitionedTimestamp: &at,
		}}
		s.alarms.byName[in.AlarmName] = a
		summary = `Alarm "` + in.AlarmName + `" created`
	}
	a.configure(in, s.alarmARN(in.AlarmName), now)
	a.evaluated = roundDown(now.Unix(), a.interval())
	a.note(now, itemConfigurationUpdate, summary, map[string]any{"version": "1.0", "type": "Update"})
	return nil, nil
}

// configure takes over what a request says, and leaves the state.
func (a *alarm) configure(in *metricAlarm, arn string, now time.Time) {
	state := a.metricAlarm
	a.metricAlarm = *in
	if a.ActionsEnabled == nil {
		a.ActionsEnabled = new(true)
	}
	a.AlarmArn, a.AlarmConfigurationUpdatedTimestamp = arn, new(timestampAt(now))
	a.StateValue, a.StateReason, a.StateReasonData = state.StateValue, state.StateReason, state.StateReasonData
	a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = state.StateUpdatedTimestamp, state.StateTransitionedTimestamp
	a.EvaluationState = ""
}

func (a *metricAlarm) check() error {
	switch {
	case a.AlarmName == "":
		return missing("AlarmName")
	case len(a.AlarmName) > maxNameChars:
		return invalidValue("The value %s for parameter AlarmName is invalid.", a.AlarmName)
	case len(a.AlarmDescription) > maxAlarmDescription:
		return invalidValue("The parameter AlarmDescription is longer than %d characters.", maxAlarmDescription)
	case max(len(a.OKActions), len(a.AlarmActions), len(a.InsufficientDataActions)) > maxAlarmActions:
		return invalidValue("An alarm can have at most %d actions for each state.", maxAlarmActions)
	case a.ComparisonOperator == "":
		return missing("ComparisonOperator")
	case comparisons[a.ComparisonOperator].breaches == nil || a.ThresholdMetricId != "":
		return invalidValue("The embedded CloudWatch has no anomaly detection, and no comparison %q.", a.ComparisonOperator)
	case a.Threshold == nil:
		return missing("Threshold")
	case a.TreatMissingData != "" && !slices.Contains([]string{treatMissing, treatIgnore, treatBreaching, treatNotBreaching}, a.TreatMissingData):
		return invalidValue("The value %s for parameter TreatMissingData is not one of breaching, notBreaching, ignore, missing.", a.TreatMissingData)
	case a.EvaluateLowSampleCountPercentile != "" && a.EvaluateLowSampleCountPercentile != "ignore" && a.EvaluateLowSampleCountPercentile != "evaluate":
		return invalidValue("Option %s is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.", a.EvaluateLowSampleCountPercentile)
	}
	check := a.checkMetric
	if len(a.Metrics) > 0 {
		check = a.checkMetrics
	}
	if err := check(); err != nil {
		return err
	}
	return a.checkPeriods()
}

// checkMetric is of an alarm on one metric.
func (a *metricAlarm) checkMetric() error {
	switch {
	case a.MetricName == "":
		return missing("MetricName")
	case a.Statistic == "" && a.ExtendedStatistic == "":
		return invalidCombination("Either Statistic or ExtendedStatistic must be specified.")
	case a.Statistic != "" && a.ExtendedStatistic != "":
		return invalidCombination("Statistic and ExtendedStatistic are mutually exclusive.")
	case a.Period == nil:
		return missing("Period")
	case !validAlarmPeriod(*a.Period):
		return invalidValue("Period must be 10, 20, 30 or a multiple of 60.")
	case a.Statistic != "" && simpleStatistics[a.Statistic] == nil:
		return unsupportedStatistic("Statistic", a.Statistic)
	}
	if _, ok := parsePercentile(a.ExtendedStatistic); !ok && a.Statistic == "" {
		return unsupportedStatistic("ExtendedStatistic", a.ExtendedStatistic)
	}
	if err := checkNamespace(a.Namespace); err != nil {
		return err
	}
	return checkDimensions(a.Dimensions, "PutMetricAlarm")
}

func validAlarmPeriod(seconds int64) bool {
	return slices.Contains([]int64{10, 20, 30}, seconds) || seconds > 0 && seconds%60 == 0
}

// checkMetrics is of an alarm on an expression.
func (a *metricAlarm) checkMetrics() error {
	if a.MetricName != "" || a.figure() != "" || a.Period != nil || len(a.Dimensions) > 0 || a.Namespace != "" || a.Unit != "" {
		return invalidCombination("Metrics list excludes MetricName, Namespace, Dimensions, Period, Unit, Statistic and ExtendedStatistic.")
	}
	if len(a.Metrics) > maxAlarmMetrics {
		return invalidValue("The collection Metrics must not have a size greater than %d.", maxAlarmMetrics)
	}
	returning, seen := 0, map[string]bool{}
	for i := range a.Metrics {
		q := &a.Metrics[i]
		if err := q.check(fmt.Sprintf("Metrics.member.%d", i+1)); err != nil {
			return err
		}
		if seen[q.Id] {
			return invalidValue("The values for parameter id in Metrics are not unique: %s.", q.Id)
		}
		seen[q.Id] = true
		if q.returns() {
			returning++
		}
		if q.Expression != "" {
			if _, err := parseExpression(q.Expression); err != nil {
				return expressionError(q, err)
			}
		}
	}
	if returning != 1 {
		return invalidValue("Exactly one element of the metrics list should return data.")
	}
	return nil
}

func (a *metricAlarm) checkPeriods() error {
	if a.EvaluationPeriods == nil {
		return missing("EvaluationPeriods")
	}
	n, most := *a.EvaluationPeriods, int64(maxEvaluationSpan)
	if a.period() >= 3600 {
		most = maxEvaluationDays
	}
	switch {
	case n < 1:
		return invalidValue("The parameter EvaluationPeriods must be greater than 0.")
	case n > most/a.period():
		return invalidValue("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= %d).", most)
	case a.DatapointsToAlarm != nil && (*a.DatapointsToAlarm < 1 || *a.DatapointsToAlarm > n):
		return invalidValue("The parameter DatapointsToAlarm must be from 1 to EvaluationPeriods.")
	}
	return nil
}
