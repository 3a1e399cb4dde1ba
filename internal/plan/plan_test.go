package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSchedule(t *testing.T) {
	s := NewSchedule(StepsAt([]float64{10, 100}, 8*time.Second))
	// 10/s · 8 s = 80 slots, 100/s · 8 s = 800 slots.
	if got := s.Slots(); got != 880 {
		t.Errorf("slots = %d, want 880", got)
	}
	if got := s.Duration(); got != 16*time.Second {
		t.Errorf("duration = %v, want 16s", got)
	}
	for _, c := range []struct {
		slot uint64
		step int
		due  time.Duration
	}{
		{0, 0, 100 * time.Millisecond},               // 1/10 s
		{79, 0, 8 * time.Second},                     // 80/10 s
		{80, 1, 8*time.Second + 10*time.Millisecond}, // 8 s + 1/100 s
		{879, 1, 16 * time.Second},
	} {
		if k := s.StepOf(c.slot); k != c.step {
			t.Errorf("step of slot %d = %d, want %d", c.slot, k, c.step)
		}
		if due := s.Due(c.step, c.slot); due != c.due {
			t.Errorf("due of slot %d = %v, want %v", c.slot, due, c.due)
		}
	}
}

// Due times never go back and stay inside their step, whatever the rates.
func TestScheduleIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := rapid.SliceOfN(rapid.Float64Range(0.5, 5000), 1, 5).Draw(t, "rates")
		s := NewSchedule(StepsAt(rates, 3*time.Second))
		last := time.Duration(-1)
		for k := range rates {
			first, end, start := s.StepRange(k)
			for i := first; i < end; i++ {
				due := s.Due(k, i)
				if due < last || due < start {
					t.Fatalf("slot %d due %v after %v, step starts %v", i, due, last, start)
				}
				last = due
			}
		}
	})
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int{
		"100": 100, "300B": 300, "1KB": 1024, "1kb": 1024, "0.5KB": 512, "10MiB": 10 << 20, " 5 KB ": 5120,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KB", "-1", "five", "1GB", "NaN", "9999999MB"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", text, got)
		}
	}
}

func TestParsePayload(t *testing.T) {
	for text, want := range map[string]Payload{
		"500":              {Bytes: 500},
		"1KB..2KB":         {Bytes: 1536, Sizes: Sizes{Min: 1024, Max: 2048}},
		"300 .. 301":       {Bytes: 300, Sizes: Sizes{Min: 300, Max: 301}},
		"normal:500±100":   {Bytes: 500, Sizes: Sizes{Min: 100, Max: 900, Deviation: 100}},
		"normal:1KB+-256B": {Bytes: 1024, Sizes: Sizes{Min: 0, Max: 2048, Deviation: 256}}, // 1024 - 4·256 = 0
	} {
		if got, err := ParsePayload(text); err != nil || got != want {
			t.Errorf("ParsePayload(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"big":            `"big" is not a size`,
		"900..300":       `"900..300" ends before it starts`,
		"300..":          `"" is not a size`,
		"normal:500":     "has no deviation",
		"normal:500±0":   "a deviation of at least 1",
		"normal:x±5":     `"x" is not a size`,
		"normal:300±few": `"few" is not a size`,
	} {
		if got, err := ParsePayload(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePayload(%q) = %+v, %v; want %q", text, got, err, want)
		}
	}
}

func TestParseRates(t *testing.T) {
	got, err := ParseRates("10, 100,1.5k, 2000/s")
	if err != nil || len(got) != 4 || got[2] != 1500 || got[3] != 2000 {
		t.Errorf("ParseRates = %v, %v", got, err)
	}
	for _, text := range []string{"", "0", "-5", "fast", "10,,20", "inf"} {
		if got, err := ParseRates(text); err == nil {
			t.Errorf("ParseRates(%q) = %v, want an error", text, got)
		}
	}
}

func TestNamed(t *testing.T) {
	test, err := Named("baseline-500b")
	if err != nil || test.Payload.Bytes != 500 || len(test.Steps) != 7 {
		t.Errorf("baseline-500b = %+v, %v", test, err)
	}
	if _, err := Named("baseline-500"); err == nil || !strings.Contains(err.Error(), "baseline-500b") {
		t.Errorf("unknown test: %v, want the names that exist", err)
	}
	for _, test := range Catalogue() {
		if err := test.Validate(); err != nil {
			t.Errorf("%s: %v", test.Name, err)
		}
	}
}

func TestCatalogueLasts(t *testing.T) {
	for name, want := range map[string]time.Duration{
		"baseline-500b": 7 * 30 * time.Second,
		"sustained":     30 * time.Minute,
		"variable":      time.Hour,         // 24·90 s + 5·(10 s + 50 s) + 7·2 min + 5 min = 36 + 5 + 14 + 5 min
		"stress":        6 * time.Minute,   // 12 · 30 s
		"spike":         580 * time.Second, // 2 min + (10 + 30 + 60) s + 3·2 min
		"endurance":     24 * time.Hour,
		"smoke":         time.Minute,
	} {
		test, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := NewSchedule(test.Steps).Duration(); got != want {
			t.Errorf("%s lasts %v, want %v", name, got, want)
		}
	}
}

func TestStepsWith(t *testing.T) {
	test := Test{Steps: []Step{{Rate: 50, Duration: time.Minute, Judged: true}, {Rate: 500, Duration: time.Second}}}
	for _, tt := range []struct {
		name   string
		rates  []float64
		length time.Duration
		want   []Step
	}{
		{"its own", nil, 0, test.Steps},
		{"of a length", nil, 9 * time.Second, []Step{{Rate: 50, Duration: 9 * time.Second, Judged: true}, {Rate: 500, Duration: 9 * time.Second}}},
		{"at rates", []float64{7}, 0, []Step{{Rate: 7, Duration: time.Minute, Judged: true}}},
		{"both", []float64{7, 8}, time.Hour, []Step{{Rate: 7, Duration: time.Hour, Judged: true}, {Rate: 8, Duration: time.Hour, Judged: true}}},
	} {
		if diff := cmp.Diff(tt.want, test.StepsWith(tt.rates, tt.length)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if test.Steps[0].Duration != time.Minute {
		t.Error("the test's own steps were changed")
	}
}

func TestPayloadText(t *testing.T) {
	for want, p := range map[string]Payload{
		"500-byte records":            {Bytes: 500},
		"records of 300 to 900 bytes": {Bytes: 600, Sizes: Sizes{Min: 300, Max: 900}},
		"records of 500±100 bytes":    {Bytes: 500, Sizes: Sizes{Min: 100, Max: 900, Deviation: 100}},
		"lines of a.ndjson":           {File: "a.ndjson"},
		"records of template b.json":  {Template: "b.json"},
	} {
		if got := p.String(); got != want {
			t.Errorf("%#v is %q, want %q", p, got, want)
		}
	}
}

func TestKeysText(t *testing.T) {
	for text, want := range map[string]Keys{"7": {Pool: 7}, "zipf:1.1": {Spec: "zipf:1.1"}, "uniform:7": {Spec: "uniform:7"}} {
		if got := KeysOf(text); got != want || got.String() != text {
			t.Errorf("%q is %#v, and that is %q; want %#v", text, got, got, want)
		}
	}
	test, _ := Named("baseline-500b")
	test.Keys = Keys{Spec: "unique"}
	if err := test.Validate(); err != nil {
		t.Errorf("without a pool: %v", err)
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for want, change := range map[string]func(*Test){
		"no steps":       func(t *Test) { t.Steps = nil },
		"step 1: rate":   func(t *Test) { t.Steps[0].Rate = -1 },
		"step 2: length": func(t *Test) { t.Steps[1].Duration = time.Millisecond },
		"not one record": func(t *Test) { t.Steps[0] = Step{Rate: 0.1, Duration: time.Second} },
		"put batch 501":  func(t *Test) { t.Put.MaxRecords = 501 },
		"in flight 0":    func(t *Test) { t.Put.MaxInFlight = 0 },
		"key pool":       func(t *Test) { t.Keys.Pool = 0 },
		"timeout 0s":     func(t *Test) { t.Put.Timeout = 0 },
		"exclude":        func(t *Test) { t.Payload = Payload{File: "a.ndjson", Template: "b.json"} },
	} {
		test, _ := Named("baseline-500b")
		change(&test)
		if err := test.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
