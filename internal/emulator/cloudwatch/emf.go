package cloudwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/quota"
)

// emfMetadata is the member _aws of a log event in the embedded metric format
// (CloudWatch_Embedded_Metric_Format_Specification, read 2026-11-22).
type emfMetadata struct {
	Timestamp         *int64 // Unix milliseconds
	CloudWatchMetrics []emfDirective
}

type emfDirective struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []emfDefinition
}

type emfDefinition struct {
	Name              string
	Unit              string
	StorageResolution int64 // 1, or 60, which is also the default
}

// extractMetrics puts the metrics of a log event into the store if the event is
// an EMF document. As in CloudWatch, what is wrong with one is counted in
// AWS/Logs by group and doesn't concern the writer.
func (l *Logs) extractMetrics(group, message string) {
	if !strings.HasPrefix(message, "{") || !strings.Contains(message, `"_aws"`) {
		return
	}
	now := l.options.Now()
	points, err := parseEMF(message, now)
	for _, p := range points {
		if !l.options.Store.put(p) {
			err = errors.Join(err, errors.New("the store holds as many metrics as it may"))
		}
	}
	if err != nil {
		name := "EMFValidationErrors"
		if errors.Is(err, errNotJSON) {
			name = "EMFParsingErrors"
		}
		l.options.Store.Series("AWS/Logs", name, "Count", "LogGroupName", group)(now, 1, 1)
	}
}

var errNotJSON = errors.New("the event is not JSON")

// parseEMF is the points of a document; no points and no error: it holds no
// metrics. What is valid is returned beside the first thing that isn't.
func parseEMF(message string, now time.Time) ([]point, error) {
	if len(message) > quota.EMFMaxBytes {
		return nil, fmt.Errorf("the event is larger than %d bytes", quota.EMFMaxBytes)
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(message), &members) != nil {
		return nil, errNotJSON
	}
	if members["_aws"] == nil {
		return nil, nil
	}
	var meta emfMetadata
	if err := json.Unmarshal(members["_aws"], &meta); err != nil {
		return nil, fmt.Errorf("read _aws: %w", err)
	}
	if len(meta.CloudWatchMetrics) == 0 {
		return nil, nil
	}
	if meta.Timestamp == nil {
		return nil, errors.New("_aws.Timestamp is missing")
	}
	at := time.UnixMilli(*meta.Timestamp)
	if at.Before(now.Add(-oldestDatum)) || at.After(now.Add(newestDatum)) {
		return nil, errors.New("_aws.Timestamp is over two weeks ago or two hours ahead")
	}
	var points []point
	var first error
	for _, directive := range meta.CloudWatchMetrics {
		some, err := directive.points(members, at)
		points = append(points, some...)
		if first == nil {
			first = err
		}
	}
	return points, first
}

// points is every metric of the directive under every one of its dimension
// sets; without sets, under no dimension.
func (d *emfDirective) points(members map[string]json.RawMessage, at time.Time) ([]point, error) {
	if err := checkNamespace(d.Namespace); err != nil {
		return nil, err
	}
	if len(d.Metrics) > quota.EMFMaxDefinitions {
		return nil, fmt.Errorf("a directive defines more than %d metrics", quota.EMFMaxDefinitions)
	}
	sets, first := dimensionSets(d.Dimensions, members)
	var points []point
	for _, definition := range d.Metrics {
		values, err := definition.values(members)
		if err != nil {
			first = err
			continue
		}
		for _, dims := range sets {
			points = append(points, point{
				metric: metric{d.Namespace, definition.Name, dims}, unit: definition.Unit, at: at,
				values: values, highResolution: definition.StorageResolution == 1,
			})
		}
	}
	return points, first
}

// dimensionSets are the valid sets with their values, which are texts among the
// document's root members.
func dimensionSets(keys [][]string, members map[string]json.RawMessage) (sets [][]dimension, err error) {
	if len(keys) == 0 {
		return [][]dimension{nil}, nil
	}
	for _, set := range keys {
		var dims []dimension
		for _, key := range set {
			var value string
			if json.Unmarshal(members[key], &value) != nil {
				return sets, fmt.Errorf("dimension %s is not a text of the document", key)
			}
			dims = append(dims, dimension{key, value})
		}
		if err := checkDimensions(dims, "DimensionSet"); err != nil {
			return sets, err
		}
		sets = append(sets, dims)
	}
	return sets, nil
}

// values reads the definition's target, a number or an array of numbers.
func (m *emfDefinition) values(members map[string]json.RawMessage) (distribution, error) {
	var d distribution
	switch {
	case m.Name == "" || len(m.Name) > maxNameChars:
		return d, errors.New("a metric has no valid name")
	case m.Unit != "" && !slices.Contains(standardUnits, m.Unit):
		return d, fmt.Errorf("metric %s has an unknown unit", m.Name)
	case m.StorageResolution != 0 && m.StorageResolution != 1 && m.StorageResolution != 60:
		return d, fmt.Errorf("metric %s has a storage resolution other than 1 and 60", m.Name)
	}
	target := members[m.Name]
	var values []float64
	if json.Unmarshal(target, &values) != nil {
		var value *float64
		if json.Unmarshal(target, &value) != nil || value == nil {
			return d, fmt.Errorf("metric %s is not a number of the document", m.Name)
		}
		values = []float64{*value}
	}
	if len(values) > quota.EMFMaxValues {
		return d, fmt.Errorf("metric %s has more than %d values", m.Name, quota.EMFMaxValues)
	}
	return countedValues(values, nil, m.Name)
}
