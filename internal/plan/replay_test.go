package plan

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReplayStep(t *testing.T) {
	ms := func(n ...int) []time.Duration {
		var all []time.Duration
		for _, m := range n {
			all = append(all, time.Duration(m)*time.Millisecond)
		}
		return all
	}
	for _, c := range []struct {
		moments []time.Duration
		length  time.Duration
		peak    float64
	}{
		{ms(0), time.Second, 1},
		{ms(0, 0, 0), time.Second, 3},
		{ms(0, 400, 999, 1000, 2500), 3 * time.Second, 3}, // 0, 400, 999 or 400, 999, 1000
		{ms(0, 5000), 6 * time.Second, 1},
	} {
		s := ReplayStep("replay:at", c.moments)
		schedule := NewSchedule([]Step{s})
		if s.Duration != c.length || s.Peak() != c.peak || schedule.Slots() != uint64(len(c.moments)) {
			t.Errorf("%v: %v, peak %g, %d slots", c.moments, s.Duration, s.Peak(), schedule.Slots())
		}
		for i, want := range c.moments {
			if got := schedule.Due(0, uint64(i)); got != want {
				t.Errorf("%v: slot %d due at %v", c.moments, i, got)
			}
		}
	}
}

// What comes back from JSON has its moments again; other steps stay.
func TestReplayed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moments := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "ns"))
		}), 1, 50).Draw(t, "moments")
		slices.Sort(moments)
		before := ReplayStep("replay:at", moments)
		stripped := before
		stripped.Shape = &Shape{Text: "replay:at"}
		after := Replayed([]Step{stripped}, moments)[0]
		if after.Rate != before.Rate || after.Duration != before.Duration || after.Records() != float64(len(moments)) {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
	if steps := StepsAt([]float64{5}, time.Minute); Replayed(steps, nil)[0] != steps[0] {
		t.Error("a step without moments changed")
	}
}
