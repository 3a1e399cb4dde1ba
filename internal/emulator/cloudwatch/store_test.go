package cloudwatch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noon is the moment the tests' clocks show unless they say otherwise.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clockAt(at time.Time) func() time.Time { return func() time.Time { return at } }

// read is one metric's figure by seconds after noon.
func read(s *Store, m metric, stat string, from, to, period int) map[int]float64 {
	at := func(seconds int) *timestamp {
		ts := timestampAt(noon.Add(time.Duration(seconds) * time.Second))
		return &ts
	}
	w, err := newWindow(at(from), at(to), int64(period))
	if err != nil {
		panic(err)
	}
	got := map[int]float64{}
	points := s.readStat(&metricStat{Metric: m, Period: int64(period), Stat: stat}, w)
	for i, at := range points.at {
		got[int(at-noon.Unix())] = points.values[i]
	}
	return got
}

func TestStatistics(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	record := s.Series("AWS/Lambda", "Duration", "Milliseconds", "FunctionName", "f")
	// Two samples in the first second, 30 three times in the fourth, one in the
	// second minute.
	record(noon, 10, 1)
	record(noon.Add(999*time.Millisecond), 20, 1)
	record(noon.Add(3*time.Second), 30, 3)
	record(noon.Add(61*time.Second), 50, 1)
	m := newMetric("AWS/Lambda", "Duration", "FunctionName", "f")

	for _, c := range []struct {
		stat             string
		from, to, period int
		want             map[int]float64
	}{
		{"SampleCount", 0, 120, 1, map[int]float64{0: 2, 3: 3, 61: 1}},
		{"SampleCount", 0, 120, 60, map[int]float64{0: 5, 60: 1}},
		{"Sum", 0, 120, 1, map[int]float64{0: 30, 3: 90, 61: 50}},
		{"Sum", 0, 120, 5, map[int]float64{0: 120, 60: 50}},
		{"Sum", 0, 120, 60, map[int]float64{0: 120, 60: 50}},
		{"Sum", 0, 120, 120, map[int]float64{0: 170}},
		{"Average", 0, 120, 60, map[int]float64{0: 24, 60: 50}}, // (10+20+3*30)/5
		{"Minimum", 0, 120, 60, map[int]float64{0: 10, 60: 50}},
		{"Maximum", 0, 120, 60, map[int]float64{0: 30, 60: 50}},
		{"p100", 0, 120, 60, map[int]float64{0: 30, 60: 50}},
		{"p99.9", 60, 120, 60, map[int]float64{60: 50}},
		// The start is rounded down to the minute, at less than a minute to the period.
		{"Sum", 59, 120, 60, map[int]float64{0: 120, 60: 50}},
		{"Sum", 4, 120, 5, map[int]float64{0: 120, 60: 50}},
		{"Sum", 4, 120, 1, map[int]float64{61: 50}},
		// The end is exclusive: by second at 1, by minute's start at 60.
		{"Sum", 0, 3, 1, map[int]float64{0: 30}},
		{"Sum", 0, 60, 60, map[int]float64{0: 120}},
	} {
		if diff := cmp.Diff(c.want, read(s, m, c.stat, c.from, c.to, c.period)); diff != "" {
			t.Errorf("%s over [%d, %d) by %d s: %s", c.stat, c.from, c.to, c.period, diff)
		}
	}
}

func TestMetricsAreFoundByExactDimensions(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	s.Series("N", "M", "Count", "A", "1", "B", "2")(noon, 5, 1)
	for _, c := range []struct {
		m    metric
		want map[int]float64
	}{
		{newMetric("N", "M", "A", "1", "B", "2"), map[int]float64{0: 5}},
		{newMetric("N", "M", "B", "2", "A", "1"), map[int]float64{0: 5}},
		{newMetric("N", "M", "A", "1"), map[int]float64{}},
		{newMetric("N", "M"), map[int]float64{}},
		{newMetric("N", "m", "A", "1", "B", "2"), map[int]float64{}},
	} {
		if diff := cmp.Diff(c.want, read(s, c.m, "Sum", 0, 60, 60)); diff != "" {
			t.Errorf("%+v: %s", c.m, diff)
		}
	}
}

func TestUnitsAreKeptApartAndReadTogether(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	s.Series("N", "M", "Seconds")(noon, 1, 1)
	s.Series("N", "M", "Milliseconds")(noon, 500, 1)
	if diff := cmp.Diff(map[int]float64{0: 501}, read(s, newMetric("N", "M"), "Sum", 0, 60, 1)); diff != "" {
		t.Error(diff)
	}
	slots := s.slots(newMetric("N", "M"), "Seconds", window{noon.Unix(), noon.Unix() + 60, 60})
	if got := slots[noon.Unix()].Sum; got != 1 {
		t.Errorf("Seconds alone sum to %v, want 1", got)
	}
}

func TestLatePointsCountInTheirSecond(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	record := s.Series("AWS/Lambda", "Errors", "Count")
	for _, second := range []int{0, 90, 30, 0, 90, 59} {
		record(noon.Add(time.Duration(second)*time.Second), 1, 1)
	}
	m := newMetric("AWS/Lambda", "Errors")
	if diff := cmp.Diff(map[int]float64{0: 2, 30: 1, 59: 1, 90: 2}, read(s, m, "Sum", 0, 120, 1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]float64{0: 4, 60: 2}, read(s, m, "Sum", 0, 120, 60)); diff != "" {
		t.Error(diff)
	}
}

func TestDelayHidesTheNewest(t *testing.T) {
	now := noon
	s := NewStore(Options{Now: func() time.Time { return now }, Delay: 10 * time.Second})
	record := s.Series("N", "M", "Count")
	for second := range 20 {
		record(noon.Add(time.Duration(second)*time.Second), 1, 1)
	}
	m := newMetric("N", "M")
	for _, c := range []struct {
		now  int
		want map[int]float64
	}{
		{9, map[int]float64{}},
		{10, map[int]float64{0: 1}}, // the second 0 only
		{15, map[int]float64{0: 6}}, // 0 to 5
		{100, map[int]float64{0: 20}},
	} {
		now = noon.Add(time.Duration(c.now) * time.Second)
		if diff := cmp.Diff(c.want, read(s, m, "Sum", 0, 60, 60)); diff != "" {
			t.Errorf("at %d s: %s", c.now, diff)
		}
	}
}

func TestLikeAWSServesVendedMetricsByWholeMinutes(t *testing.T) {
	now := noon
	s := NewStore(Options{Now: func() time.Time { return now }, Delay: 30 * time.Second, LikeAWS: true})
	s.Series("AWS/Kinesis", "IncomingRecords", "Count")(noon.Add(5*time.Second), 7, 1)
	vended := newMetric("AWS/Kinesis", "IncomingRecords")
	for _, c := range []struct {
		now, period int
		want        map[int]float64
	}{
		{89, 60, map[int]float64{}},
		{90, 60, map[int]float64{0: 7}}, // the minute is over at 60, shown 30 later
		{90, 1, map[int]float64{0: 7}},  // as a minute's point, not at second 5
	} {
		now = noon.Add(time.Duration(c.now) * time.Second)
		if diff := cmp.Diff(c.want, read(s, vended, "Sum", 0, 60, c.period)); diff != "" {
			t.Errorf("at %d s by %d s: %s", c.now, c.period, diff)
		}
	}
}

func TestSecondsLastThreeHoursAndMinutesFifteenDays(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	record := s.Series("N", "M", "Count")
	record(noon.Add(5*time.Second), 1, 1)
	record(noon.Add(3*time.Hour+time.Minute), 1, 1)
	m := newMetric("N", "M")
	if diff := cmp.Diff(map[int]float64{0: 1}, read(s, m, "Sum", 0, 60, 1)); diff != "" {
		t.Errorf("after three hours the minute's point is left: %s", diff)
	}
	record(noon.Add(15*24*time.Hour+time.Minute), 1, 1)
	record(noon.Add(10*time.Second), 1, 1) // too late to count
	if diff := cmp.Diff(map[int]float64{}, read(s, m, "Sum", 0, 60, 60)); diff != "" {
		t.Errorf("after fifteen days nothing is left: %s", diff)
	}
}

func TestSeriesIsSafeForConcurrentUse(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			record := s.Series("AWS/Kinesis", "IncomingRecords", "Count")
			for i := range 1000 {
				record(noon.Add(time.Duration((i+worker)%120)*time.Second), 1, 1)
				if i%100 == 0 {
					read(s, newMetric("AWS/Kinesis", "IncomingRecords"), "p50", 0, 120, 1)
				}
			}
		})
	}
	wg.Wait()
	total := 0.0
	for _, v := range read(s, newMetric("AWS/Kinesis", "IncomingRecords"), "Sum", 0, 120, 1) {
		total += v
	}
	if total != 8000 {
		t.Errorf("sum %v, want 8 * 1000", total)
	}
}

// What Options.MaxMetrics says of an hour of one metric.
func TestBytesOfASeriesHour(t *testing.T) {
	for _, c := range []struct {
		name        string
		perSecond   int
		value       func(*rand.Rand) float64
		least, most int
	}{
		{"a counter", 4, func(*rand.Rand) float64 { return 1 }, 200e3, 400e3},
		{"a latency", 100, func(r *rand.Rand) float64 { return 5 * math.Exp(r.NormFloat64()) }, 300e3, 1500e3},
	} {
		got := bytesOfHour(c.perSecond, c.value)
		t.Logf("%s: %d bytes a series and hour", c.name, got)
		if got < c.least || got > c.most {
			t.Errorf("%s: %d bytes a series and hour, want %d to %d", c.name, got, c.least, c.most)
		}
	}
}

func bytesOfHour(perSecond int, value func(*rand.Rand) float64) int {
	const copies = 4
	r := rand.New(rand.NewPCG(1, 2))
	s := NewStore(Options{Now: clockAt(noon)})
	before := heapBytes()
	for n := range copies {
		record := s.Series("AWS/Lambda", fmt.Sprint("Duration", n), "Milliseconds")
		for second := range 3600 {
			for range perSecond {
				record(noon.Add(time.Duration(second)*time.Second), value(r), 1)
			}
		}
	}
	used := heapBytes() - before
	runtime.KeepAlive(s)
	return int(used) / copies
}

func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkSeries(b *testing.B) {
	record := NewStore(Options{}).Series("AWS/Lambda", "Duration", "Milliseconds", "FunctionName", "f")
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 1024)
	for i := range values {
		values[i] = 5 + 100*r.Float64()
	}
	for i := 0; b.Loop(); i++ {
		// 1000 points a second, as of a busy function.
		record(noon.Add(time.Duration(i)*time.Millisecond), values[i%len(values)], 1)
	}
}
