package fault

import (
	"testing"
	"time"
)

// What becomes of points and log events, moment by moment.
func TestFeeds(t *testing.T) {
	s := ordered(t, "drop-points:PolledEventCount@10s+5s", "late-points=2s@12s+5s", "repeat-points:Errors@10s", "repeat-lines@20s", "late-lines=3s@21s")
	for _, tt := range []struct {
		now    float64
		metric string // empty: a log event
		want   Feed
	}{
		{9, "PolledEventCount", Feed{}},
		{10, "PolledEventCount", Feed{Drop: true}},
		{10, "InvokedEventCount", Feed{}},
		{11, "Errors", Feed{Repeat: true}},
		{12, "Errors", Feed{Repeat: true, Wait: 2 * time.Second}},
		{14.9, "PolledEventCount", Feed{Drop: true, Wait: 2 * time.Second}},
		{15, "PolledEventCount", Feed{Wait: 2 * time.Second}},
		{17, "PolledEventCount", Feed{}},
		{19, "", Feed{}},
		{20, "", Feed{Repeat: true}},
		{21, "", Feed{Repeat: true, Wait: 3 * time.Second}},
	} {
		got := s.Line(at(tt.now))
		if tt.metric != "" {
			got = s.Point(tt.metric, "StreamName s", at(tt.now), at(tt.now))
		}
		if got != tt.want {
			t.Errorf("at %g, %q: %+v, want %+v", tt.now, tt.metric, got, tt.want)
		}
	}
}

// All values of one second of a metric have one fate, another second or metric
// has its own, and the same seed gives the same fates.
func TestPointsOfASecondHaveOneFate(t *testing.T) {
	first, second := ordered(t, "drop-points=0.5@0s"), ordered(t, "drop-points=0.5@0s")
	dropped := 0
	for i := range 1000 {
		fate := first.Point("Errors", "f", at(float64(i)), at(2000))
		if fate.Drop {
			dropped++
		}
		for _, again := range []Feed{
			first.Point("Errors", "f", at(float64(i)+0.9), at(2001)), second.Point("Errors", "f", at(float64(i)), at(2000)),
		} {
			if again != fate {
				t.Fatalf("second %d: %+v, then %+v", i, fate, again)
			}
		}
	}
	// Of 1 000 draws at 0.5 the standard deviation is 16.
	if dropped < 420 || dropped > 580 {
		t.Errorf("%d of 1 000 seconds dropped, want about 500", dropped)
	}
	if got := first.List(at(3000))[0].Struck; got != 2*dropped {
		t.Errorf("struck %d, want %d", got, 2*dropped)
	}
}
