package plan

import (
	"strings"
	"testing"
	"time"
)

func TestTargetsWith(t *testing.T) {
	got, err := DefaultTargets.With([]string{
		"iterator_age=90s", "lambda_duration=80%", "lambda_errors=0.5%", "throttles=12", "throughput_match=2%", "record_latency=1500ms",
	})
	want := Targets{
		IteratorAge: 90 * time.Second, DurationShare: 0.8, ErrorRate: 0.005, Throttles: 12, MatchTolerance: 0.02, RecordLatency: 1500 * time.Millisecond,
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = DefaultTargets.With([]string{"record_latency=5s", "record_latency=3s"})
	want = DefaultTargets
	want.RecordLatency = 3 * time.Second
	if err != nil || got != want {
		t.Errorf("of two settings of one target the last holds: got %+v, %v", got, err)
	}
}

func TestTargetsWithNonsense(t *testing.T) {
	for text, why := range map[string]string{
		"":                     `"" is no target: there are iterator_age, lambda_duration, `,
		"latency=5s":           `"latency" is no target`,
		"iterator_age":         "a length above 0 is needed, as in iterator_age=5s",
		"iterator_age=5":       "a length above 0 is needed",
		"record_latency=-1s":   "a length above 0 is needed",
		"record_latency=0s":    "a length above 0 is needed",
		"lambda_errors=0.01":   "a share of 0% to 100% is needed, as in lambda_errors=1%",
		"lambda_errors=NaN%":   "a share of 0% to 100% is needed",
		"lambda_duration=101%": "a share of 0% to 100% is needed",
		"throttles=-1":         "a whole number is needed",
		"throttles=1.5":        "a whole number is needed, as in throttles=100",
	} {
		got, err := DefaultTargets.With([]string{text})
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want %q", text, err, why)
		}
		if got != DefaultTargets {
			t.Errorf("%q changed the targets to %+v", text, got)
		}
	}
}
