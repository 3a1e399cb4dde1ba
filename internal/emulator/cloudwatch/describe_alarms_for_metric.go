package cloudwatch

// DescribeAlarmsForMetric lists the alarms on one metric; those on expressions
// are not among them, as in AWS.
type describeAlarmsForMetricInput struct {
	MetricName        string
	Namespace         string
	Statistic         string
	ExtendedStatistic string
	Dimensions        []dimension
	Period            *int64
	Unit              string
}

type describeAlarmsForMetricOutput struct {
	MetricAlarms []metricAlarm
}

func (s *Store) describeAlarmsForMetric(in *describeAlarmsForMetricInput) (*describeAlarmsForMetricOutput, error) {
	if in.MetricName == "" {
		return nil, missing("MetricName")
	}
	if err := checkNamespace(in.Namespace); err != nil {
		return nil, err
	}
	s.lockAlarms(s.options.Now())
	defer s.alarms.mu.Unlock()
	out := &describeAlarmsForMetricOutput{MetricAlarms: []metricAlarm{}}
	for _, a := range s.alarms.sorted(in.wants) {
		out.MetricAlarms = append(out.MetricAlarms, a.metricAlarm)
	}
	return out, nil
}

func (in *describeAlarmsForMetricInput) wants(a *alarm) bool {
	m := metric{in.Namespace, in.MetricName, in.Dimensions}
	return len(a.Metrics) == 0 && a.metric().key() == m.key() &&
		(in.Statistic == "" || in.Statistic == a.Statistic) &&
		(in.ExtendedStatistic == "" || in.ExtendedStatistic == a.ExtendedStatistic) &&
		(in.Period == nil || *in.Period == *a.Period) &&
		(in.Unit == "" || in.Unit == a.Unit)
}
