package capacity

import (
	"strings"
	"testing"
	"time"

	"weir/internal/record"
)

// data is a simulated run as it would be read back.
func data(t *testing.T, sc Scenario) *record.Data {
	t.Helper()
	d := &record.Data{Run: record.Run{Test: sc.Test, Pipeline: sc.Pipeline, LoadStart: sc.Start}}
	o, err := Simulate(sc, func(p record.Point) error {
		d.Series = append(d.Series, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Run.Steps, d.Run.LoadEnd, d.Steps, d.Ledger = o.Steps, o.LoadEnd, o.Results, o.Ledger
	return d
}

// rising has several rates, so that batches differ in size.
func rising() Scenario {
	sc := scenario(40, 20*time.Second)
	steps := sc.Test.Steps
	for _, rate := range []float64{120, 240} {
		step := steps[0]
		step.Rate = rate
		steps = append(steps, step)
	}
	sc.Test.Steps = steps
	return sc
}

// A fit finds the timing of a run that the model itself made, starting from
// another one.
func TestFitFindsTheTimingOfItsOwnModel(t *testing.T) {
	sc := rising()
	sc.Timing.PerBatch, sc.Timing.PerRecord, sc.Timing.PollInterval = 20*time.Millisecond, 300*time.Microsecond, 800*time.Millisecond
	d := data(t, sc)
	fit, err := FitTiming(d, scenario(1, time.Second).Timing)
	if err != nil {
		t.Fatal(err)
	}
	got := fit.Timing
	near(t, "time per batch", got.PerBatch.Seconds(), sc.Timing.PerBatch.Seconds(), 0.02)
	near(t, "time per record", got.PerRecord.Seconds(), sc.Timing.PerRecord.Seconds(), 0.02)
	near(t, "put latency", got.Put.Median.Seconds(), sc.Timing.Put.Median.Seconds(), 0.05)
	near(t, "read latency", got.Get.Median.Seconds(), sc.Timing.Get.Median.Seconds(), 0.1)
	near(t, "poll interval", got.PollInterval.Seconds(), sc.Timing.PollInterval.Seconds(), 0.05)
	if len(fit.Kept) > 0 {
		t.Errorf("not fitted: %v", fit.Kept)
	}
	again := sc
	again.Timing, again.Test.Seed = got, 7
	for _, deviation := range Deviations(Figures(data(t, again)), Figures(d)) {
		if e := deviation.Error; e != nil && (*e > 0.05 || *e < -0.05) {
			t.Errorf("%s: %g, in the run %g", deviation.Name, deviation.Model, deviation.Value)
		}
	}
}

// A run polled once a second is not said to be polled every 1.01 s.
func TestFitKeepsAnIntervalWithinItsError(t *testing.T) {
	sc := rising()
	sc.Timing.PollInterval = time.Second
	d := data(t, sc)
	for _, c := range []struct{ from, want time.Duration }{
		{time.Second, time.Second},
		{1020 * time.Millisecond, 1020 * time.Millisecond},
	} {
		from := sc.Timing
		from.PollInterval = c.from
		fit, err := FitTiming(d, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := fit.Timing.PollInterval; got != c.want || !strings.Contains(strings.Join(fit.Kept, "; "), "can't be told from it") {
			t.Errorf("from %v: %v, kept %q", c.from, got, fit.Kept)
		}
	}
}

func TestFitKeepsWhatTheRunDoesNotShow(t *testing.T) {
	sc := scenario(200, 10*time.Second)
	sc.Pipeline.BatchingWindow = 2 * time.Second
	fit, err := FitTiming(data(t, sc), sc.Timing)
	if err != nil {
		t.Fatal(err)
	}
	if fit.Timing.PollInterval != sc.Timing.PollInterval || !strings.Contains(strings.Join(fit.Kept, "; "), "batching window") {
		t.Errorf("poll interval %v, kept %q", fit.Timing.PollInterval, fit.Kept)
	}
	if _, err := FitTiming(&record.Data{}, sc.Timing); err == nil {
		t.Error("a run without calls was fitted")
	}
}

func TestFitSaysWhatIsOutside(t *testing.T) {
	fit := Fit{Batch: [2]float64{1, 100}, Rate: [2]float64{10, 50}, Bytes: 507}
	within := scenario(200, time.Second) // 50/s and shard, 507 bytes
	if factor, said := fit.Outside(within); factor != 1 || said != nil {
		t.Errorf("within the range: %g, %q", factor, said)
	}
	if factor, said := fit.Outside(scenario(800, time.Second)); factor != 4 || len(said) != 1 {
		t.Errorf("four times the rate: %g, %q", factor, said)
	}
}

func TestDeviations(t *testing.T) {
	figures := func(age, latency float64) []Figure {
		return []Figure{{Name: "age", Value: age, Slack: 1000}, {Name: "latency", Value: latency}}
	}
	got := Deviations(figures(900, 110), figures(0, 100))
	if got[0].Error != nil {
		t.Errorf("an age within its slack of 0 has an error of %g", *got[0].Error)
	}
	if e := got[1].Error; e == nil || *e < 0.0999 || *e > 0.1001 {
		t.Errorf("110 of 100: %v, want 10 %%", e)
	}
	if e := Deviations(figures(3000, 1), figures(0, 1))[0].Error; e == nil || *e != 3 {
		t.Errorf("an age of 3 s in place of 0: %v, want three times the slack", e)
	}
}
