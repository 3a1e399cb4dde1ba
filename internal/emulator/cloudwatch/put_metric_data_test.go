package cloudwatch

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
)

func put(t *testing.T, s *Store, data ...metricDatum) {
	t.Helper()
	if _, err := s.putMetricData(&putMetricDataInput{Namespace: "N", MetricData: data}); err != nil {
		t.Fatal(err)
	}
}

func TestPutMetricDataInItsThreeWays(t *testing.T) {
	at := timestampAt(noon.Add(-30 * time.Second)) // 11:59:30
	for _, c := range []struct {
		name  string
		datum metricDatum
		want  statisticSet
		p50   bool
	}{
		{"a value", metricDatum{Value: new(2.5)}, statisticSet{1, 2.5, 2.5, 2.5}, true},
		{"values", metricDatum{Values: []float64{1, 2}}, statisticSet{2, 3, 1, 2}, true},
		// 3 times 1 and 4 times 2: 3 + 8 = 11
		{"values and counts", metricDatum{Values: []float64{1, 2}, Counts: []float64{3, 4}}, statisticSet{7, 11, 1, 2}, true},
		{"a statistic set", metricDatum{StatisticValues: &statisticValues{new(4.), new(10.), new(1.), new(5.)}}, statisticSet{4, 10, 1, 5}, false},
		{"a negative value", metricDatum{Value: new(-1.)}, statisticSet{1, -1, -1, -1}, false},
	} {
		s := NewStore(Options{Now: clockAt(noon)})
		c.datum.MetricName, c.datum.Timestamp = "M", &at
		put(t, s, c.datum)
		got := s.slots(newMetric("N", "M"), "", window{noon.Unix() - 60, noon.Unix(), 60})[noon.Unix()-60]
		if got == nil {
			t.Errorf("%s: no point", c.name)
			continue
		}
		if diff := cmp.Diff(c.want, got.statisticSet); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if _, ok := got.percentile(50); ok != c.p50 {
			t.Errorf("%s: has a percentile: %v, want %v", c.name, ok, c.p50)
		}
	}
}

func TestStorageResolution(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon.Add(time.Minute))})
	at := timestampAt(noon.Add(7 * time.Second))
	put(t, s, metricDatum{MetricName: "fine", Value: new(1.), Timestamp: &at, StorageResolution: new(int64(1))},
		metricDatum{MetricName: "coarse", Value: new(1.), Timestamp: &at})
	if diff := cmp.Diff(map[int]float64{7: 1}, read(s, newMetric("N", "fine"), "Sum", 0, 60, 1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]float64{0: 1}, read(s, newMetric("N", "coarse"), "Sum", 0, 60, 1)); diff != "" {
		t.Error(diff)
	}
}

func TestPutMetricDataRefusesTheWholeRequest(t *testing.T) {
	const value, missing, combination = "InvalidParameterValueException", "MissingRequiredParameterException", "InvalidParameterCombinationException"
	one := []float64{1}
	old, ahead := timestampAt(noon.Add(-14*24*time.Hour-time.Second)), timestampAt(noon.Add(2*time.Hour+time.Second))
	dims := func(n int) []dimension { return slicesOf(n, dimension{"a", "b"}) }
	for _, c := range []struct {
		name  string
		datum metricDatum
		code  string
	}{
		{"no name", metricDatum{Values: one}, missing},
		{"a name of 256", metricDatum{MetricName: strings.Repeat("n", 256), Values: one}, value},
		{"31 dimensions", metricDatum{MetricName: "M", Values: one, Dimensions: dims(31)}, value},
		{"a dimension without value", metricDatum{MetricName: "M", Values: one, Dimensions: []dimension{{"a", ""}}}, missing},
		{"a dimension of 1025", metricDatum{MetricName: "M", Values: one, Dimensions: []dimension{{"a", strings.Repeat("v", 1025)}}}, value},
		{"no value", metricDatum{MetricName: "M"}, missing},
		{"value and values", metricDatum{MetricName: "M", Value: new(1.), Values: one}, combination},
		{"151 values", metricDatum{MetricName: "M", Values: make([]float64, 151)}, value},
		{"counts of another size", metricDatum{MetricName: "M", Values: one, Counts: []float64{1, 2}}, value},
		{"a negative count", metricDatum{MetricName: "M", Values: one, Counts: []float64{-1}}, value},
		{"not a number", metricDatum{MetricName: "M", Value: new(math.NaN())}, value},
		{"infinity", metricDatum{MetricName: "M", Value: new(math.Inf(1))}, value},
		{"beyond 2^360", metricDatum{MetricName: "M", Value: new(math.Ldexp(1.1, 360))}, value},
		{"half a statistic set", metricDatum{MetricName: "M", StatisticValues: &statisticValues{SampleCount: new(1.)}}, missing},
		{"a set upside down", metricDatum{MetricName: "M", StatisticValues: &statisticValues{new(2.), new(3.), new(2.), new(1.)}}, value},
		{"an unknown unit", metricDatum{MetricName: "M", Values: one, Unit: "Furlongs"}, value},
		{"resolution 30", metricDatum{MetricName: "M", Values: one, StorageResolution: new(int64(30))}, value},
		{"over two weeks old", metricDatum{MetricName: "M", Values: one, Timestamp: &old}, value},
		{"over two hours ahead", metricDatum{MetricName: "M", Values: one, Timestamp: &ahead}, value},
	} {
		s := NewStore(Options{Now: clockAt(noon)})
		good := metricDatum{MetricName: "good", Value: new(1.)}
		_, err := s.putMetricData(&putMetricDataInput{Namespace: "N", MetricData: []metricDatum{good, c.datum}})
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != c.code {
			t.Errorf("%s: error %v, want %s", c.name, err, c.code)
		}
		if len(s.metrics) != 0 {
			t.Errorf("%s: a part of the request was kept", c.name)
		}
	}
}

func slicesOf[T any](n int, v T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

func TestPutMetricDataBounds(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon), MaxMetrics: 1})
	datum := metricDatum{MetricName: "M", Value: new(1.)}
	for _, c := range []struct {
		name string
		in   putMetricDataInput
		code string
	}{
		{"no namespace", putMetricDataInput{MetricData: slicesOf(1, datum)}, "MissingRequiredParameterException"},
		{"a colon first", putMetricDataInput{Namespace: ":N", MetricData: slicesOf(1, datum)}, "InvalidParameterValueException"},
		{"no data", putMetricDataInput{Namespace: "N"}, "MissingRequiredParameterException"},
		{"1000 data", putMetricDataInput{Namespace: "N", MetricData: slicesOf(1000, datum)}, ""},
		{"1001 data", putMetricDataInput{Namespace: "N", MetricData: slicesOf(1001, datum)}, "InvalidParameterValueException"},
		{"one metric too many", putMetricDataInput{Namespace: "N2", MetricData: slicesOf(1, datum)}, "LimitExceededFault"},
	} {
		_, err := s.putMetricData(&c.in)
		e, _ := errors.AsType[*wire.Error](err)
		if c.code == "" && err != nil || c.code != "" && (e == nil || e.Code != c.code) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.code)
		}
	}
}
