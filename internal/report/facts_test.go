package report

import (
	"strings"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

// Ten records: one of 50 bytes, six of 100, three of 900. By nearest rank the
// median is the fifth (100), p75 the eighth (900).
func TestSizesLine(t *testing.T) {
	sizes := []record.Size{{Bytes: 50, Records: 1}, {Bytes: 100, Records: 6}, {Bytes: 900, Records: 3}}
	want := "record bytes min 50, p25 100, median 100, p75 900, p99 900, max 900"
	if got := sizesLine(sizes); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := sizesLine(sizes[:1]); got != "50 bytes each" {
		t.Errorf("one size: %q", got)
	}
	if got := sizesLine(nil); got != "" {
		t.Errorf("no size: %q", got)
	}
}

// A rate that moved has no place in the bracket; what is said of it stands for
// the bracket where there is none.
func TestShapesLine(t *testing.T) {
	steps := []judge.Step{
		{Shape: "ramp:1..9", Sustained: new(true)},
		{Rate: 5, Sustained: new(true)},
		{Shape: "sine:5±1/1m", Sustained: new(false)},
		{Shape: "csv:a.csv"},
	}
	want := "Kept up with ramp:1..9. Did not keep up with sine:5±1/1m. Whether it kept up with csv:a.csv is not known."
	if got := capacityLine(judge.Verdict{Steps: steps}); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := capacityLine(judge.Verdict{Steps: steps, Knee: judge.Knee{Sustained: new(5.0)}}); !strings.HasPrefix(got, "Sustained up to 5 records/s") {
		t.Errorf("beside a bracket: %s", got)
	}
}

func TestClockSpan(t *testing.T) {
	from := time.Date(2026, 12, 31, 23, 59, 58, 0, time.UTC)
	for length, want := range map[time.Duration]string{
		time.Second:     "23:59:58–23:59:59",
		2 * time.Second: "12-31 23:59–01-01 00:00",
		24 * time.Hour:  "12-31 23:59–01-01 23:59",
	} {
		if got := clockSpan([2]time.Time{from, from.Add(length)}); got != want {
			t.Errorf("%v: %q, want %q", length, got, want)
		}
	}
}
