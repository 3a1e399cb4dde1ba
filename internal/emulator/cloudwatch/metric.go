package cloudwatch

import (
	"slices"
	"strings"
)

// dimension is one name and value that a metric is filed under.
type dimension struct {
	Name  string
	Value string
}

// metric is a metric's identity. The order of its dimensions means nothing.
type metric struct {
	Namespace  string      `json:",omitempty"`
	MetricName string      `json:",omitempty"`
	Dimensions []dimension `json:",omitempty"`
}

// newMetric takes dimensions as name and value in turn and sorts them.
func newMetric(namespace, name string, dims ...string) metric {
	m := metric{Namespace: namespace, MetricName: name}
	for pair := range slices.Chunk(dims, 2) {
		m.Dimensions = append(m.Dimensions, dimension{pair[0], pair[1]})
	}
	return m.sorted()
}

// sorted is m with its dimensions in order of name.
func (m metric) sorted() metric {
	m.Dimensions = slices.Clone(m.Dimensions)
	slices.SortFunc(m.Dimensions, func(a, b dimension) int { return strings.Compare(a.Name, b.Name) })
	return m
}

// key is equal for metrics that CloudWatch holds to be the same, and orders
// them by namespace, name and dimensions. Its separator can't be in a name:
// CloudWatch takes no control characters.
func (m metric) key() string {
	var b strings.Builder
	b.WriteString(m.Namespace)
	b.WriteByte(0)
	b.WriteString(m.MetricName)
	for _, d := range m.sorted().Dimensions {
		b.WriteByte(0)
		b.WriteString(d.Name)
		b.WriteByte(0)
		b.WriteString(d.Value)
	}
	return b.String()
}

// vended tells whether an AWS service, not a user, emits the metric.
func (m metric) vended() bool { return strings.HasPrefix(m.Namespace, "AWS/") }

// standardUnits are CloudWatch's units (API_MetricDatum, read 2026-11-22).
var standardUnits = []string{
	"Seconds", "Microseconds", "Milliseconds",
	"Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
	"Bits", "Kilobits", "Megabits", "Gigabits", "Terabits",
	"Percent", "Count",
	"Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second",
	"Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second",
	"Count/Second", "None",
}
