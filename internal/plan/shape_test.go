package plan

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func oneShape(tb testing.TB, text string, length time.Duration) Step {
	tb.Helper()
	steps, err := ShapedSteps(text, length)
	if err != nil {
		tb.Fatal(err)
	}
	if len(steps) != 1 {
		tb.Fatalf("%s: %d steps", text, len(steps))
	}
	return steps[0]
}

func TestShapesOfferTheirIntegral(t *testing.T) {
	rates := filepath.Join(t.TempDir(), "rates.csv")
	if err := os.WriteFile(rates, []byte("time,rate\n0,10\n2,0\n5,20\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range hourly {
		sum += v
	}
	for _, c := range []struct {
		text    string
		length  time.Duration
		records float64
		peak    float64
	}{
		{"constant:50", 10 * time.Second, 500, 50},
		{"ramp:50..500", 10 * time.Second, 2750, 500}, // (50+500)/2 · 10
		{"ramp:500..0", 10 * time.Second, 2500, 500},
		{"spike:50..500/2s", 10 * time.Second, 1400, 500}, // 8 · 50 + 2 · 500
		{"spike:50..500/2s@0s", 10 * time.Second, 1400, 500},
		{"sine:500±300/10s", 20 * time.Second, 10000, 800},                // whole periods: the mean
		{"sine:500+-300/20s", 10 * time.Second, 5000 + 6000/math.Pi, 800}, // half a period: 300 · 20/2π · 2 more
		{"onoff:1000/0/2s/3s", 12 * time.Second, 6000, 1000},              // on from 0, 5, 10: 3 · 2 s
		{"onoff:1000/10/2s/3s", 11 * time.Second, 5060, 1000},             // 5 s on, 6 s off
		{"csv:" + rates, 10 * time.Second, 120, 20},                       // 2 · 10 + 3 · 0 + 5 · 20
		{"csv:" + rates, time.Second, 10, 10},                             // cut
		{"diurnal:2000", 24 * time.Second, 2000 * sum, 2000},              // trapezoids on a circle: the sum
		{"diurnal:2000/week", 168 * time.Second, 2000 * sum * 6.28, 2000}, // Σ daily = 6.28
		{"ramp:0..0.5", 10 * time.Second, 2.5, 0.5},                       // ⌊2.5⌋ slots
		{"constant:1.5k", 2 * time.Second, 3000, 1500},
	} {
		s := oneShape(t, c.text, c.length)
		if got := s.Records(); math.Abs(got-c.records) > 1e-6*c.records || s.Peak() != c.peak {
			t.Errorf("%s: %.3f records, peak %g; want %.3f, %g", c.text, got, s.Peak(), c.records, c.peak)
		}
		if got, want := NewSchedule([]Step{s}).Slots(), uint64(c.records+1e-6); got != want {
			t.Errorf("%s: %d slots, want %d", c.text, got, want)
		}
		if math.Abs(s.Rate*c.length.Seconds()-c.records) > 1e-6*c.records {
			t.Errorf("%s: mean rate %g", c.text, s.Rate)
		}
	}
}

func TestShapedDueTimes(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		text   string
		length time.Duration
		due    map[uint64]time.Duration // by slot
	}{
		// t²/2 · 2 = n: t = √n
		{"ramp:0..20", 10 * s, map[uint64]time.Duration{0: s, 3: 2 * s, 15: 4 * s, 99: 10 * s}},
		// 20t - t² = n: the 19th after one second, the 100th at the end
		{"ramp:20..0", 10 * s, map[uint64]time.Duration{18: s, 99: 10 * s}},
		// The 2nd record is the last of the first second; the 3rd waits for the second on-time, from 5 s on.
		{"onoff:2/0/1s/4s", 20 * s, map[uint64]time.Duration{0: s / 2, 1: s, 2: 5*s + s/2, 3: 6 * s, 7: 16 * s}},
		// 4 s at 1, 2 s at 10, 4 s at 1.
		{"spike:1..10/2s", 10 * s, map[uint64]time.Duration{3: 4 * s, 4: 4100 * time.Millisecond, 23: 6 * s, 24: 7 * s}},
		// A whole period holds 10 · 4 records; half of one 20 + 10 · 4/2π · 2 = 32.7.
		{"sine:10±5/4s", 8 * s, map[uint64]time.Duration{39: 4 * s, 79: 8 * s}},
	} {
		schedule := NewSchedule([]Step{oneShape(t, c.text, c.length)})
		for slot, want := range c.due {
			if got := schedule.Due(0, slot); (got-want).Abs() > 100*time.Microsecond && c.text[0] == 's' || c.text[0] != 's' && (got-want).Abs() > time.Microsecond {
				t.Errorf("%s: slot %d due at %v, want %v", c.text, slot, got, want)
			}
		}
	}
}

// shapeText draws a shape of any kind for a step of that length.
func shapeText(t *rapid.T, length time.Duration) string {
	rate := func(name string) float64 { return rapid.Float64Range(0.5, 3000).Draw(t, name) }
	lasts := func(name string, most time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(1, most.Milliseconds()).Draw(t, name)) * time.Millisecond
	}
	switch rapid.SampledFrom([]string{"constant", "ramp", "spike", "sine", "onoff", "diurnal"}).Draw(t, "kind") {
	case "constant":
		return fmt.Sprintf("constant:%f", rate("rate"))
	case "ramp":
		return fmt.Sprintf("ramp:%f..%f", rate("from"), rapid.SampledFrom([]float64{0, 0.1, 4000}).Draw(t, "to"))
	case "spike":
		return fmt.Sprintf("spike:%f..%f/%v", rate("base"), rate("peak"), lasts("width", length))
	case "sine":
		mean := rate("mean")
		return fmt.Sprintf("sine:%f±%f/%v", mean, mean*rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "swing"), lasts("period", 2*length))
	case "onoff":
		return fmt.Sprintf("onoff:%f/%f/%v/%v", rate("on"), rapid.SampledFrom([]float64{0, 0.7}).Draw(t, "off"), lasts("on for", length), lasts("off for", length))
	}
	return fmt.Sprintf("diurnal:%f%s", rate("peak"), rapid.SampledFrom([]string{"", "/week"}).Draw(t, "span"))
}

// Whatever the shape: due times never go back and stay in their step, and any
// window holds as many slots as its integral, give or take one.
func TestShapesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 3 * time.Second
		text := shapeText(t, length)
		steps, err := ShapedSteps(text, length)
		if err != nil {
			t.Fatal(err)
		}
		schedule := NewSchedule(append([]Step{{Rate: 10, Duration: time.Second}}, steps...))
		first, end, start := schedule.StepRange(1)
		last := start
		from := time.Duration(rapid.Int64Range(0, int64(length)).Draw(t, "from"))
		to := time.Duration(rapid.Int64Range(int64(from), int64(length)).Draw(t, "to"))
		in := 0
		for i := first; i < end; i++ {
			due := schedule.Due(1, i)
			if due < last || due > start+length {
				t.Fatalf("%s: slot %d due at %v after %v", text, i, due, last)
			}
			if last = due; due > start+from && due <= start+to {
				in++
			}
		}
		c := curveOf(steps[0])
		// A nanosecond at 6000/s is 6 millionths of a record.
		if want := c.records(to) - c.records(from); math.Abs(float64(in)-want) > 1+1e-4 {
			t.Fatalf("%s: %d slots from %v to %v, integral %f", text, in, from, to, want)
		}
		if n := schedule.FirstAfter(1, to); n < end && schedule.Due(1, n) < start+to-time.Microsecond {
			t.Fatalf("%s: slot %d, due at %v, is not after %v", text, n, schedule.Due(1, n), start+to)
		}
	})
}

func TestShapedStepsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"wave:5":            `"wave:5" is no shape: write constant:500, ramp:`,
		"":                  `"" is no shape`,
		"ramp:50":           `ramp: "50" is not two rates`,
		"ramp:a..5":         `ramp: "a" is not a rate`,
		"ramp:-1..5":        `ramp: "-1" is not a rate`,
		"spike:1..2":        `spike: "" is not a length of 1ms or more: write for example 10s`,
		"spike:1..2/11s":    `spike: a spike of 11s from 0s on does not fit into a step of 10s`,
		"spike:1..2/2s@9s":  `spike: a spike of 2s from 9s on does not fit into a step of 10s`,
		"spike:1..2/2s@x":   `spike: "x" is not a time after the step's start`,
		"sine:500/10m":      `sine: "500/10m" has no amplitude or no period`,
		"sine:500±501/10m":  `sine: amplitude 501 is above the mean 500`,
		"sine:500±5/0s":     `sine: "0s" is not a length`,
		"onoff:1/2/3s":      `onoff: "1/2/3s" has not two rates and two lengths`,
		"diurnal:5/month":   `diurnal: "month" is not day or week`,
		"constant:1,sine:2": `sine: "2" has no amplitude`,
		"csv:none.csv":      `csv: read rates: open none.csv`,
	} {
		if _, err := ShapedSteps(text, 10*time.Second); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func TestReadRates(t *testing.T) {
	const s = time.Second
	for text, want := range map[string][]ratePoint{
		"0,10\n60,20\n": {{0, 10}, {60 * s, 20}},
		"\n# day one\ntime , rate\n 0 , 10\n1m,1.5k": {{0, 10}, {60 * s, 1500}},
		"0.5,0\n1,1\n": {{s / 2, 0}, {s, 1}},
		"2026-11-22T12:00:00Z,1\n2026-11-22T13:00:00+01:00,2": nil, // the same moment
	} {
		got, err := readRates(strings.NewReader(text))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(ratePoint{})); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"":                       "1:1: no rates",
		"time,rate\n":            "1:1: no rates",
		"0,10\n5,fast\n":         `2:3: "fast" is not a rate`,
		"0,10\nlater,5\n":        `2:1: "later" is not a time`,
		"0,10\n0,5\n":            "2:1: time 0 is not after",
		"0,10\n1,5,6\n":          "2:1: 3 cells instead of a time and a rate",
		"0,10\n\"1,5\n":          `2:6: extraneous or missing " in quoted-field`,
		"at,10\n":                `1:1: "at" is not a time`,
		strings.Repeat("x\n", 1): "1:1: 1 cells",
	} {
		if _, err := readRates(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

// FuzzReadRates: whatever is taken rises in time and makes a schedule.
func FuzzReadRates(f *testing.F) {
	f.Add("0,10\n60,20\n")
	f.Add("time,rate\n2026-11-22T12:00:00Z,1\n1m,2")
	f.Add("\"0\",1e9\n0.1,0")
	f.Fuzz(func(t *testing.T, text string) {
		points, err := readRates(strings.NewReader(text))
		for i, p := range points {
			if p.rate < 0 || i > 0 && p.at <= points[i-1].at {
				t.Errorf("point %d of %q: %+v", i, text, p)
			}
		}
		if (err == nil) != (len(points) > 0) {
			t.Errorf("%q: %d points, error %v", text, len(points), err)
		}
	})
}

func BenchmarkDue(b *testing.B) {
	for _, text := range []string{"constant:2000", "ramp:50..5000", "diurnal:2000/week", "sine:500±300/10m"} {
		b.Run(text, func(b *testing.B) {
			steps, err := ShapedSteps(text, 24*time.Hour)
			if err != nil {
				b.Fatal(err)
			}
			s := NewSchedule(steps)
			var i uint64
			b.ReportAllocs()
			for b.Loop() {
				s.Due(0, i%s.Slots())
				i += 7919
			}
		})
	}
}
