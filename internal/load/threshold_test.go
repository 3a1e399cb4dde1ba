package load

import (
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// samplesOf gives a metric of each kind some samples.
func samplesOf(t *testing.T) []metrics.Sample {
	t.Helper()
	registry := metrics.NewRegistry()
	var samples []metrics.Sample
	for _, m := range []struct {
		name   string
		kind   metrics.MetricType
		values []float64
	}{
		{"sent", metrics.Counter, []float64{3, 7}},          // 10 in 5 s: 2 a second
		{"good", metrics.Rate, []float64{1, 1, 0, 1}},       // 3 of 4
		{"depth", metrics.Gauge, []float64{9, 4}},           // the last
		{"took", metrics.Trend, []float64{10, 20, 30, 100}}, // mean 40
		{"drift", metrics.Trend, []float64{-1, 5}},          // below 0
		{"cause", metrics.Counter, []float64{1}},            // tagged below
	} {
		metric, err := registry.NewMetric(m.name, m.kind)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range m.values {
			tags := registry.RootTagSet()
			if m.name == "took" && i == 3 || m.name == "cause" {
				tags = tags.With("step", "last")
			}
			samples = append(samples, metrics.Sample{TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags}, Value: v})
		}
	}
	return samples
}

func TestThresholds(t *testing.T) {
	samples := samplesOf(t)
	for _, tt := range []struct {
		metric, source string
		value          float64
		passed         bool
		reason         string
	}{
		{"sent", "count==10", 10, true, ""},
		{"sent", "rate>2", 2, false, ""},
		{"sent", " rate >= 2 ", 2, true, ""},
		{"good", "rate<0.8", 0.75, true, ""},
		{"depth", "value!=4", 4, false, ""},
		{"took", "avg<=40", 40, true, ""},
		{"took", "min<10", 10, false, ""},
		{"took", "max===100", 100, true, ""},
		{"took", "p(50)<=20.02", 20.015, true, ""}, // the bucket's upper end, 0.1 % above 20 at most
		{"took{step:last}", "min>99", 100, true, ""},
		{`cause{step:"last"}`, "count>0", 1, true, ""},
		{"cause{step:first}", "count<1", 0, true, ""},
		{"never", "count<1", 0, true, ""},
		{"never", "p(95)<1", 0, false, "no data"},
		{"drift", "p(95)<10", 0, false, "1 values are negative"},
		{"drift", "min==-1", -1, true, ""},
		{"sent", "avg<10", 0, false, "avg is no aggregation of a counter"},
	} {
		made, err := newThresholds(map[string]metrics.Thresholds{tt.metric: metrics.NewThresholds([]string{tt.source})})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			made[0].add(s)
		}
		got := made[0].result(5 * time.Second)
		if got.Value != tt.value || got.Passed != tt.passed || !strings.HasPrefix(got.Reason, tt.reason) || (got.Reason == "") != (tt.reason == "") {
			t.Errorf("%s %s: %+v, want %v, passed %v, %q", tt.metric, tt.source, got, tt.value, tt.passed, tt.reason)
		}
	}
}

func TestThresholdsRefused(t *testing.T) {
	abort := metrics.NewThresholds([]string{"count<1"})
	abort.Thresholds[0].AbortOnFail = true
	_, err := newThresholds(map[string]metrics.Thresholds{
		"a": abort, "b": metrics.NewThresholds([]string{"p(101)<1"}), "c": metrics.NewThresholds([]string{"mode<1"}), "d{": metrics.NewThresholds([]string{"max<1"}),
	})
	for _, want := range []string{"threshold a count<1: abortOnFail", "threshold on b", "not from 0 to 100", `"mode<1" is not of the form`, "threshold on d{"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
