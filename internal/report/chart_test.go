package report

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAxes(t *testing.T) {
	for _, tt := range []struct {
		name string
		got  axis
		want []float64
	}{
		{"2 000", linearAxis(2000), []float64{0, 500, 1000, 1500, 2000}},
		{"1 050", linearAxis(1050), []float64{0, 250, 500, 750, 1000, 1250}},
		{"130 to 2 100", logAxis(130, 2100), []float64{100, 200, 500, 1000, 2000, 5000}},
		{"3 to 2 100", logAxis(3, 2100), []float64{10, 100, 1000}}, // from 2 to 5 000
		{"one decade", logAxis(100, 100), []float64{100, 200}},
	} {
		if diff := cmp.Diff(tt.want, tt.got.ticks); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestAxisProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		high := rapid.Float64Range(1e-6, 1e12).Draw(t, "high")
		a := linearAxis(high)
		if a.high < high || a.high > 2*high || len(a.ticks) < 2 || len(a.ticks) > 8 {
			t.Fatalf("axis to %v for %v with %d ticks", a.high, high, len(a.ticks))
		}
		if at := a.at(high); at < 0 || at > 1 {
			t.Fatalf("%v stands at %v", high, at)
		}
	})
}

func TestTimeTicks(t *testing.T) {
	for _, tt := range []struct {
		to   float64
		want string
	}{
		{42, "0 10 s 20 s 30 s 40 s"},
		{600, "0 2 min 4 min 6 min 8 min 10 min"},
		{86400, "0 4 h 8 h 12 h 16 h 20 h 24 h"},
	} {
		var labels []string
		for _, s := range timeTicks(0, tt.to) {
			labels = append(labels, timeLabel(s))
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("to %v s: %s, want %s", tt.to, got, tt.want)
		}
	}
}

// A day of seconds is gathered: a peak keeps its height, a mean its sum.
func TestThin(t *testing.T) {
	day := make([]sample, 86400)
	for i := range day {
		day[i] = sample{float64(i), float64(i % 2)} // 0, 1, 0, 1, …
	}
	day[5000].v = 99
	peaks, means := thin(day, peak), thin(day, mean)
	if len(peaks) > mostSamples || len(means) > mostSamples {
		t.Fatalf("%d and %d samples", len(peaks), len(means))
	}
	// A bucket is 86400 / 600 = 144 s: second 5000 lies in bucket 34.
	if peaks[34].v != 99 || peaks[35].v != 1 {
		t.Errorf("peaks %v, %v", peaks[34].v, peaks[35].v)
	}
	if got := means[35].v; math.Abs(got-0.5) > 1e-9 {
		t.Errorf("mean %v, want 0.5", got)
	}
}

func TestCurvesBreakAtGaps(t *testing.T) {
	c := chart{to: 10, loadEnd: 10, curves: []curve{{class: "blue", samples: []sample{{0, 1}, {1, 1}, {2, 1}, {7, 1}, {10, 1}}}}}
	// Three samples a second apart are one stretch; 7 and 10 are dots.
	if n := strings.Count(string(c.SVG()), `class="curve blue"`); n != 3 {
		t.Errorf("%d stretches, want 3", n)
	}
}

func TestWrap(t *testing.T) {
	got := Wrap("one two three 1 000 ms four", "  ", 9)
	if diff := cmp.Diff([]string{"  one two", "  three", "  1 000 ms", "  four"}, got); diff != "" {
		t.Error(diff)
	}
}
