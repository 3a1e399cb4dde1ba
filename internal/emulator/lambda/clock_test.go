package lambda

import (
	"testing"
	"time"
)

// A record that came 5 s ago is 5 s old, whatever somebody did to the clock
// since the start, and keeps its very time of day where nobody did anything: a
// tumbling window is told by it.
func TestRecordsKeepTheirAgeWhenTheClockIsSet(t *testing.T) {
	const now = 1000 * time.Second
	for _, c := range []struct {
		set, want time.Duration // want: since the record came
	}{
		{0, 5 * time.Second},
		{400 * time.Millisecond, 4600 * time.Millisecond}, // read a moment apart, slewed: not set
		{time.Hour, 5 * time.Second},
		{-time.Hour + 300*time.Millisecond, 4700 * time.Millisecond}, // within a second
	} {
		timeOfDay := now + c.set
		came := unset(timeOfDay-5*time.Second, timeOfDay, now)
		if got := now - came; got != c.want {
			t.Errorf("clock set by %v: %v old, want %v", c.set, got, c.want)
		}
	}
}
