package push

import (
	"math"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
	"pgregory.net/rapid"

	"weir/internal/quota"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// samples makes samples of three metrics under tags.
type samples struct {
	registry               *metrics.Registry
	counter, gauge, timing *metrics.Metric
}

func newSamples() samples {
	r := metrics.NewRegistry()
	return samples{
		r, r.MustNewMetric("records", metrics.Counter),
		r.MustNewMetric("age", metrics.Gauge, metrics.Time), r.MustNewMetric("put", metrics.Trend, metrics.Time),
	}
}

func (s samples) of(m *metrics.Metric, at time.Time, value float64, tags ...string) metrics.Sample {
	set := s.registry.RootTagSet()
	for i := 0; i < len(tags); i += 2 {
		set = set.With(tags[i], tags[i+1])
	}
	return metrics.Sample{TimeSeries: metrics.TimeSeries{Metric: m, Tags: set}, Time: at, Value: value}
}

func TestWindows(t *testing.T) {
	s := newSamples()
	sums := newSummaries(time.Minute, newBounds(defaultTags, 10))
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	for _, sample := range []metrics.Sample{
		s.of(s.counter, at(time.Second), 500, "test", "spike", "url", "a"),
		s.of(s.counter, at(59*time.Second), 20, "test", "spike", "url", "b"), // the same series: url is not kept
		s.of(s.counter, at(2*time.Second), 7, "test", "smoke"),
		s.of(s.counter, at(60*time.Second), 3, "test", "spike"), // the next minute's
		s.of(s.gauge, at(30*time.Second), 900),
		s.of(s.gauge, at(20*time.Second), 950), // came later, was earlier
		s.of(s.gauge, at(40*time.Second), math.NaN()),
	} {
		sums.add(sample)
	}
	if got := sums.take(at(59 * time.Second)); len(got) != 0 {
		t.Errorf("%d windows before the minute is over", len(got))
	}
	first := sums.take(at(time.Minute))
	if len(first) != 3 || len(sums.windows) != 1 || sums.invalid != 1 {
		t.Fatalf("%d windows, %d left, %d invalid; want 3, 1, 1", len(first), len(sums.windows), sums.invalid)
	}
	age, smoke, spike := first[0], first[1], first[2] // by key
	if age.last != 900 || age.min != 900 || age.max != 950 {
		t.Errorf("age: last %g in [%g, %g], want 900 in [900, 950]", age.last, age.min, age.max)
	}
	if smoke.sum != 7 || spike.sum != 520 || spike.count != 2 {
		t.Errorf("records: smoke %g, spike %g in %d; want 7, 520 in 2", smoke.sum, spike.sum, spike.count)
	}
	// What comes late makes a further window of its minute.
	sums.add(s.of(s.counter, at(58*time.Second), 5, "test", "spike"))
	if late := sums.take(at(time.Minute)); len(late) != 1 || late[0].sum != 5 || !late[0].from.Equal(noon) {
		t.Errorf("late: %+v", late)
	}
}

// Beyond the bound, samples keep their sum but lose their tags' values.
func TestBounds(t *testing.T) {
	s := newSamples()
	sums := newSummaries(time.Minute, newBounds([]string{"test"}, 2))
	for _, name := range []string{"a", "b", "c", "d", "a"} {
		sums.add(s.of(s.counter, noon, 10, "test", name))
	}
	got := map[string]float64{}
	for _, w := range sums.take(noon.Add(time.Minute)) {
		got[w.tags[0].value] = w.sum
	}
	if got["a"] != 20 || got["b"] != 10 || got[otherValue] != 20 || len(got) != 3 || sums.folded != 2 {
		t.Errorf("%v, %d folded; want a 20, b 10, other 20, and 2", got, sums.folded)
	}
}

// Whatever is sampled: number and sum of a sketch are exact, and each value is
// within 1 % of those it stands for.
func TestSketch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 1, 300).Draw(t, "values")
		s := sketch{}
		var sum, magnitude float64
		for _, v := range given {
			s.add(v)
			sum, magnitude = sum+v, magnitude+math.Abs(v)
		}
		var n int64
		var got float64
		for i, v := range s.values() {
			n, got = n+v.count, got+v.value*float64(v.count)
			if i > 0 && s.values()[i-1].value > v.value {
				t.Fatal("values fall")
			}
		}
		if n != int64(len(given)) || math.Abs(got-sum) > 1e-9*magnitude {
			t.Fatalf("%d values of sum %g; want %d of %g", n, got, len(given), sum)
		}
		for _, v := range given {
			b := s[bucketOf(v)]
			if mean := b.sum / float64(b.count); math.Abs(mean-v) > 0.0101*math.Abs(v)+2*smallest {
				t.Fatalf("%g became %g", v, mean)
			}
		}
	})
}

// Whatever is sampled: every call is within PutMetricData's limits, and nothing
// is lost on the way.
func TestCalls(t *testing.T) {
	s := newSamples()
	rapid.Check(t, func(t *rapid.T) {
		sums := newSummaries(time.Second, newBounds(defaultTags, 2000))
		names := rapid.IntRange(1, 1500).Draw(t, "series")
		spread := rapid.IntRange(1, 400).Draw(t, "values of each")
		if names*spread > 5000 {
			spread = 5000/names + 1
		}
		name := rapid.StringOfN(rapid.RuneFrom([]rune("aä")), 1, 2000, -1).Draw(t, "value of a tag")
		for i := range names {
			tags := []string{"test", name, "scenario", string(rune('0' + i%10)), "cause", string(rune(0x4e00 + i))}
			sums.add(s.of(s.counter, noon, 1, tags...))
			for j := range spread {
				sums.add(s.of(s.timing, noon, math.Pow(1.02, float64(j)), tags...))
			}
		}
		var carried int64
		for _, c := range calls(sums.take(noon.Add(time.Second)), time.Second) {
			bytes := 0
			for _, d := range c.data {
				bytes += datumBytes(d)
				if len(d.Values) > quota.MetricMaxValues || len(d.Values) != len(d.Counts) || len(d.Dimensions) > quota.MetricMaxDimensions {
					t.Fatalf("datum of %d values, %d counts, %d dimensions", len(d.Values), len(d.Counts), len(d.Dimensions))
				}
			}
			if len(c.data) > quota.PutMetricDataMaxDatums || bytes > quota.PutMetricDataMaxBytes {
				t.Fatalf("call of %d data, %d bytes", len(c.data), bytes)
			}
			carried += c.samples
		}
		if want := int64(names * (1 + spread)); carried != want {
			t.Fatalf("%d samples in calls, want %d", carried, want)
		}
	})
}
