package cloudwatch

import (
	"maps"
	"slices"
	"time"
)

// GetMetricStatistics answers in order of time; AWS promises none.
type getMetricStatisticsInput struct {
	Namespace          string
	MetricName         string
	Dimensions         []dimension
	StartTime          *timestamp
	EndTime            *timestamp
	Period             int64
	Statistics         []string
	ExtendedStatistics []string
	Unit               string
}

type getMetricStatisticsOutput struct {
	Label      string
	Datapoints []datapoint
}

type datapoint struct {
	Timestamp          timestamp
	SampleCount        *float64           `json:",omitempty"`
	Average            *float64           `json:",omitempty"`
	Sum                *float64           `json:",omitempty"`
	Minimum            *float64           `json:",omitempty"`
	Maximum            *float64           `json:",omitempty"`
	Unit               string             `json:",omitempty"`
	ExtendedStatistics map[string]float64 `json:",omitempty"`
}

// API_GetMetricStatistics, read 2026-11-22.
const (
	maxStatisticsPoints   = 1440
	maxStatistics         = 5
	maxExtendedStatistics = 10
)

func (s *Store) getMetricStatistics(in *getMetricStatisticsInput) (*getMetricStatisticsOutput, error) {
	w, err := in.window()
	if err != nil {
		return nil, err
	}
	if err := in.checkStatistics(); err != nil {
		return nil, err
	}
	m := metric{in.Namespace, in.MetricName, in.Dimensions}
	out := &getMetricStatisticsOutput{Label: in.MetricName, Datapoints: []datapoint{}}
	for _, unit := range s.units(m, in.Unit) {
		slots := s.slots(m, unit, w)
		for _, at := range slices.Sorted(maps.Keys(slots)) {
			point := in.datapoint(slots[at])
			point.Timestamp, point.Unit = timestampAt(time.Unix(at, 0)), unit
			out.Datapoints = append(out.Datapoints, point)
		}
	}
	return out, nil
}

func (in *getMetricStatisticsInput) window() (window, error) {
	if err := checkNamespace(in.Namespace); err != nil {
		return window{}, err
	}
	if in.MetricName == "" {
		return window{}, missing("MetricName")
	}
	if err := checkDimensions(in.Dimensions, "GetMetricStatistics"); err != nil {
		return window{}, err
	}
	w, err := newWindow(in.StartTime, in.EndTime, in.Period)
	if err != nil {
		return w, err
	}
	if n := (w.to - w.from) / w.period; n > maxStatisticsPoints {
		return w, invalidCombination("You have requested up to %d datapoints, which exceeds the limit of %d. You may reduce the datapoints requested by increasing Period, or decreasing the time range.", n, maxStatisticsPoints)
	}
	return w, nil
}

func (in *getMetricStatisticsInput) checkStatistics() error {
	switch {
	case len(in.Statistics) == 0 && len(in.ExtendedStatistics) == 0:
		return missing("Statistics")
	case len(in.Statistics) > maxStatistics:
		return invalidValue("The collection Statistics must not have a size greater than %d.", maxStatistics)
	case len(in.ExtendedStatistics) > maxExtendedStatistics:
		return invalidValue("The collection ExtendedStatistics must not have a size greater than %d.", maxExtendedStatistics)
	}
	for _, name := range in.Statistics {
		if _, simple := simpleStatistics[name]; !simple {
			return invalidValue("The parameter Statistics.member must be one of SampleCount, Average, Sum, Minimum, Maximum; it is %s.", name)
		}
	}
	for _, name := range in.ExtendedStatistics {
		if _, ok := parsePercentile(name); !ok {
			return unsupportedStatistic("ExtendedStatistics.member", name)
		}
	}
	return nil
}

func unsupportedStatistic(parameter, text string) error {
	return invalidValue("The value %s for parameter %s is invalid: the embedded CloudWatch has SampleCount, Average, Sum, Minimum, Maximum and percentiles such as p99.9.", text, parameter)
}

func (in *getMetricStatisticsInput) datapoint(d *distribution) datapoint {
	var p datapoint
	fields := map[string]**float64{
		"SampleCount": &p.SampleCount, "Average": &p.Average, "Sum": &p.Sum, "Minimum": &p.Minimum, "Maximum": &p.Maximum,
	}
	for _, name := range in.Statistics {
		value, _ := simpleStatistics[name](d)
		*fields[name] = &value
	}
	for _, name := range in.ExtendedStatistics {
		percentile, _ := parsePercentile(name)
		if value, ok := percentile(d); ok {
			if p.ExtendedStatistics == nil {
				p.ExtendedStatistics = map[string]float64{}
			}
			p.ExtendedStatistics[name] = value
		}
	}
	return p
}
