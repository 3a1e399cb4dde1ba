package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// PutMetricData takes points. Entities are accepted with their points and
// otherwise ignored; namespaces AWS/* are accepted, as the documentation advises
// against them but doesn't say that they are refused.
type putMetricDataInput struct {
	Namespace        string
	MetricData       []metricDatum
	EntityMetricData []struct{ MetricData []metricDatum }
}

type metricDatum struct {
	MetricName        string
	Dimensions        []dimension
	Timestamp         *timestamp
	Value             *float64
	StatisticValues   *statisticValues
	Values            []float64
	Counts            []float64
	Unit              string
	StorageResolution *int64
}

type statisticValues struct {
	SampleCount, Sum, Minimum, Maximum *float64
}

// noOutput is of operations that answer with nothing but success.
type noOutput struct{}

const (
	oldestDatum  = 14 * 24 * time.Hour // API_MetricDatum, Timestamp
	newestDatum  = 2 * time.Hour
	maxNameChars = 255
	maxDimValue  = 1024
)

// largestValue is 2^360; values range from -largestValue to it (API_MetricDatum).
var largestValue = math.Ldexp(1, 360)

func (s *Store) putMetricData(in *putMetricDataInput) (*noOutput, error) {
	points, err := in.points(s.options.Now())
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		if !s.put(p) {
			return nil, &wire.Error{Code: "LimitExceededFault", Message: "The embedded CloudWatch holds as many metrics as it may."}
		}
	}
	return nil, nil
}

// points checks the whole request before any of it counts.
func (in *putMetricDataInput) points(now time.Time) ([]point, error) {
	if err := checkNamespace(in.Namespace); err != nil {
		return nil, err
	}
	var points []point
	read := func(data []metricDatum, path string) error {
		for i := range data {
			p, err := data[i].point(in.Namespace, now, fmt.Sprintf("%s.member.%d", path, i+1))
			if err != nil {
				return err
			}
			points = append(points, p)
		}
		return nil
	}
	if err := read(in.MetricData, "MetricData"); err != nil {
		return nil, err
	}
	for i, entity := range in.EntityMetricData {
		if err := read(entity.MetricData, fmt.Sprintf("EntityMetricData.member.%d.MetricData", i+1)); err != nil {
			return nil, err
		}
	}
	switch {
	case len(points) == 0:
		return nil, missing("MetricData")
	case len(points) > quota.PutMetricDataMaxDatums:
		return nil, invalidValue("The collection MetricData must not have a size greater than %d.", quota.PutMetricDataMaxDatums)
	}
	return points, nil
}

func checkNamespace(namespace string) error {
	switch {
	case namespace == "":
		return missing("Namespace")
	case len(namespace) > maxNameChars || namespace[0] == ':':
		return invalidValue("The value %s for parameter Namespace is invalid.", namespace)
	}
	return nil
}

// point is the datum checked and as the store takes it; path names it in errors.
func (d *metricDatum) point(namespace string, now time.Time, path string) (point, error) {
	p := point{unit: d.Unit, at: now, highResolution: d.StorageResolution != nil && *d.StorageResolution == 1}
	if err := d.checkIdentity(path); err != nil {
		return p, err
	}
	p.metric = metric{namespace, d.MetricName, d.Dimensions}
	if d.Timestamp != nil {
		p.at = d.Timestamp.Time
	}
	if p.at.Before(now.Add(-oldestDatum)) || p.at.After(now.Add(newestDatum)) {
		return p, invalidValue("The parameter %s.Timestamp must specify a time within the past two weeks and no more than two hours in the future.", path)
	}
	var err error
	p.values, err = d.distribution(path)
	return p, err
}

func (d *metricDatum) checkIdentity(path string) error {
	switch {
	case d.MetricName == "":
		return missing(path + ".MetricName")
	case len(d.MetricName) > maxNameChars:
		return invalidValue("The value %s for parameter %s.MetricName is invalid.", d.MetricName, path)
	case d.Unit != "" && !slices.Contains(standardUnits, d.Unit):
		return invalidValue("The parameter %s.Unit must be one of CloudWatch's units; it is %s.", path, d.Unit)
	case d.StorageResolution != nil && *d.StorageResolution != 1 && *d.StorageResolution != 60:
		return invalidValue("The parameter %s.StorageResolution must be 1 or 60.", path)
	}
	return checkDimensions(d.Dimensions, path)
}

func checkDimensions(dims []dimension, path string) error {
	if len(dims) > quota.MetricMaxDimensions {
		return invalidValue("The collection %s.Dimensions must not have a size greater than %d.", path, quota.MetricMaxDimensions)
	}
	for i, d := range dims {
		switch {
		case d.Name == "":
			return missing(fmt.Sprintf("%s.Dimensions.member.%d.Name", path, i+1))
		case d.Value == "":
			return missing(fmt.Sprintf("%s.Dimensions.member.%d.Value", path, i+1))
		case len(d.Name) > maxNameChars || len(d.Value) > maxDimValue:
			return invalidValue("The value of parameter %s.Dimensions.member.%d is too long.", path, i+1)
		}
	}
	return nil
}

// distribution is the datum's samples, given in exactly one of three ways.
func (d *metricDatum) distribution(path string) (distribution, error) {
	given := 0
	for _, way := range []bool{d.Value != nil, d.StatisticValues != nil, len(d.Values) > 0} {
		if way {
			given++
		}
	}
	switch {
	case given == 0:
		return distribution{}, missing(path + ".Value")
	case given > 1:
		return distribution{}, invalidCombination("The parameters %[1]s.Value, %[1]s.Values and %[1]s.StatisticValues are mutually exclusive and you have specified more than one.", path)
	case d.Value != nil:
		return countedValues([]float64{*d.Value}, nil, path)
	case d.StatisticValues != nil:
		return d.StatisticValues.distribution(path + ".StatisticValues")
	}
	return countedValues(d.Values, d.Counts, path)
}

// countedValues is of values and how often each was seen, once where counts is
// empty.
func countedValues(values, counts []float64, path string) (distribution, error) {
	var d distribution
	switch {
	case len(values) > quota.MetricMaxValues:
		return d, invalidValue("The collection %s.Values must not have a size greater than %d.", path, quota.MetricMaxValues)
	case len(counts) > 0 && len(counts) != len(values):
		return d, invalidValue("The parameters %[1]s.Values and %[1]s.Counts must have the same size.", path)
	}
	for i, v := range values {
		count := 1.0
		if len(counts) > 0 {
			count = counts[i]
		}
		if !inRange(v) || !inRange(count) || count < 0 {
			return d, invalidValue("The value %v for parameter %s.Values is invalid.", v, path)
		}
		if count > 0 {
			d.add(v, count)
		}
	}
	return d, nil
}

// inRange is false of NaN and the infinities too.
func inRange(v float64) bool { return math.Abs(v) <= largestValue }

func (v *statisticValues) distribution(path string) (distribution, error) {
	var d distribution
	for _, field := range []struct {
		name  string
		value *float64
	}{{"SampleCount", v.SampleCount}, {"Sum", v.Sum}, {"Minimum", v.Minimum}, {"Maximum", v.Maximum}} {
		switch {
		case field.value == nil:
			return d, missing(path + "." + field.name)
		case !inRange(*field.value):
			return d, invalidValue("The value %v for parameter %s.%s is invalid.", *field.value, path, field.name)
		}
	}
	set := statisticSet{*v.SampleCount, *v.Sum, *v.Minimum, *v.Maximum}
	if set.SampleCount <= 0 || set.Minimum > set.Maximum {
		return d, invalidValue("The parameter %s must have a positive SampleCount and a Minimum not above its Maximum.", path)
	}
	d.addSet(set)
	return d, nil
}
