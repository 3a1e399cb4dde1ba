package cloudwatch

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// 1795348800000 is noon.
const emfLine = `{"_aws":{"Timestamp":1795348800000,"CloudWatchMetrics":[{"Namespace":"KinesisLoadTest","Dimensions":[["StreamName","FunctionName"],[]],"Metrics":[{"Name":"RecordProcessingLatency","Unit":"Milliseconds","StorageResolution":1},{"Name":"RecordsReceived","Unit":"Count"}]}]},"StreamName":"s","FunctionName":"f","RunId":"r1","RecordProcessingLatency":[812.5,640.25],"RecordsReceived":2}`

func TestEmbeddedMetricsBecomeMetrics(t *testing.T) {
	l := newTestLogs(0)
	l.Append("g", "s", noon, emfLine)
	l.Append("g", "s", noon, "REPORT RequestId: x")
	l.Append("g", "s", noon, `{"_aws":{"other":1},"x":1}`) // JSON with _aws, no metrics
	store := l.options.Store
	for _, c := range []struct {
		m      metric
		stat   string
		period int
		want   map[int]float64
	}{
		{newMetric("KinesisLoadTest", "RecordProcessingLatency", "StreamName", "s", "FunctionName", "f"), "Sum", 1, map[int]float64{0: 1452.75}},
		{newMetric("KinesisLoadTest", "RecordProcessingLatency", "StreamName", "s", "FunctionName", "f"), "p100", 60, map[int]float64{0: 812.5}},
		{newMetric("KinesisLoadTest", "RecordProcessingLatency"), "SampleCount", 60, map[int]float64{0: 2}},
		{newMetric("KinesisLoadTest", "RecordsReceived", "FunctionName", "f", "StreamName", "s"), "Sum", 60, map[int]float64{0: 2}},
		{newMetric("KinesisLoadTest", "RunId"), "Sum", 60, map[int]float64{}},
		{newMetric("AWS/Logs", "EMFParsingErrors", "LogGroupName", "g"), "Sum", 60, map[int]float64{}},
		{newMetric("AWS/Logs", "EMFValidationErrors", "LogGroupName", "g"), "Sum", 60, map[int]float64{}},
	} {
		if diff := cmp.Diff(c.want, read(store, c.m, c.stat, 0, 60, c.period)); diff != "" {
			t.Errorf("%+v %s: %s", c.m, c.stat, diff)
		}
	}
}

func TestEmbeddedMetricFailuresAreCounted(t *testing.T) {
	document := func(timestamp, metrics, members string) string {
		return fmt.Sprintf(`{"_aws":{%s"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["D"]],"Metrics":[%s]}]},"D":"d"%s}`, timestamp, metrics, members)
	}
	const now, m = `"Timestamp":1795348800000,`, `{"Name":"M"}`
	many := strings.TrimSuffix(strings.Repeat(m+",", 101), ",")
	numbers := "[" + strings.TrimSuffix(strings.Repeat("1,", 101), ",") + "]"
	for _, c := range []struct{ name, line, counted string }{
		{"not JSON", `{"_aws":`, "EMFParsingErrors"},
		{"no timestamp", document("", m, `,"M":1`), "EMFValidationErrors"},
		{"a timestamp of last year", document(`"Timestamp":1763812800000,`, m, `,"M":1`), "EMFValidationErrors"},
		{"no target", document(now, m, ""), "EMFValidationErrors"},
		{"a target that is a text", document(now, m, `,"M":"1"`), "EMFValidationErrors"},
		{"101 definitions", document(now, many, `,"M":1`), "EMFValidationErrors"},
		{"101 numbers", document(now, m, `,"M":`+numbers), "EMFValidationErrors"},
		{"a dimension that is a number", strings.Replace(document(now, m, `,"M":1`), `"d"`, "1", 1), "EMFValidationErrors"},
		{"an unknown unit", document(now, `{"Name":"M","Unit":"x"}`, `,"M":1`), "EMFValidationErrors"},
		{"resolution 5", document(now, `{"Name":"M","StorageResolution":5}`, `,"M":1`), "EMFValidationErrors"},
		{"over a megabyte", document(now, m, `,"M":1,"pad":"`+strings.Repeat("x", 1<<20)+`"`), "EMFValidationErrors"},
	} {
		l := newTestLogs(0)
		l.Append("g", "s", noon, c.line)
		if diff := cmp.Diff(map[int]float64{0: 1}, read(l.options.Store, newMetric("AWS/Logs", c.counted, "LogGroupName", "g"), "Sum", 0, 60, 60)); diff != "" {
			t.Errorf("%s: %s: %s", c.name, c.counted, diff)
		}
		if got := read(l.options.Store, newMetric("N", "M", "D", "d"), "Sum", 0, 60, 60); len(got) != 0 {
			t.Errorf("%s: made points %v", c.name, got)
		}
	}
}

func FuzzEMF(f *testing.F) {
	f.Add(emfLine)
	f.Add(`{"_aws":{"Timestamp":1795348800000,"CloudWatchMetrics":[{}]}}`)
	f.Add(`{"_aws":null}`)
	f.Fuzz(func(t *testing.T, message string) {
		points, err := parseEMF(message, noon)
		if errors.Is(err, errNotJSON) && len(points) > 0 {
			t.Fatal("points of what isn't JSON")
		}
		for _, p := range points {
			if p.metric.MetricName == "" || p.metric.Namespace == "" {
				t.Fatalf("a point without a name: %+v", p)
			}
		}
	})
}
