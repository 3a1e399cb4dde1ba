package stats

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

func histogramOf(durations ...time.Duration) *Histogram {
	h := &Histogram{}
	for _, d := range durations {
		h.Record(d)
	}
	return h
}

func encoded(t interface{ Fatal(...any) }, h *Histogram) string {
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHistogramFigures(t *testing.T) {
	h := &Histogram{}
	for i := range 100 { // 1 ms to 100 ms
		h.Record(time.Duration(i+1) * time.Millisecond)
	}
	for _, tt := range []struct {
		name      string
		got, want time.Duration
	}{
		{"p50", h.Quantile(0.5), 50 * time.Millisecond},
		{"p99", h.Quantile(0.99), 99 * time.Millisecond},
		{"p0 is the least", h.Quantile(0), time.Millisecond},
		{"p100", h.Quantile(1), 100 * time.Millisecond},
		{"max", h.Max(), 100 * time.Millisecond},
		{"mean", h.Mean(), 50500 * time.Microsecond}, // 5050 / 100
	} {
		if !within(tt.got, tt.want) {
			t.Errorf("%s = %v, want %v within 0.1 %%", tt.name, tt.got, tt.want)
		}
	}
	if h.Count() != 100 {
		t.Errorf("count %d, want 100", h.Count())
	}
}

// within reports whether got is want within the histogram's precision.
func within(got, want time.Duration) bool {
	return math.Abs(float64(got-want)) <= float64(want)/1000
}

func TestHistogramClamps(t *testing.T) {
	for _, tt := range []struct {
		in, want time.Duration
	}{
		{-time.Second, 0},
		{0, 0},
		{999 * time.Nanosecond, 0}, // whole microseconds
		{time.Microsecond, time.Microsecond},
		{24 * time.Hour, 24 * time.Hour},
		{25 * time.Hour, 24 * time.Hour},
		{math.MaxInt64, 24 * time.Hour},
		{math.MinInt64, 0},
	} {
		h := histogramOf(tt.in)
		if got := h.Max(); h.Count() != 1 || !within(got, tt.want) {
			t.Errorf("%v counts %d times as %v, want once as %v", tt.in, h.Count(), got, tt.want)
		}
	}
}

func TestHistogramRecordN(t *testing.T) {
	h := histogramOf(time.Millisecond)
	h.RecordN(time.Second, 0)
	h.RecordN(time.Second, -5)
	h.RecordN(3*time.Millisecond, 3)
	if h.Count() != 4 || !within(h.Mean(), 2500*time.Microsecond) { // (1 + 3·3) / 4
		t.Errorf("count %d, mean %v, want 4 and 2.5ms", h.Count(), h.Mean())
	}
}

func TestHistogramEmpty(t *testing.T) {
	reset := histogramOf(time.Second)
	reset.Reset()
	var unused Histogram
	unused.Reset()
	for name, h := range map[string]*Histogram{"nil": nil, "zero": {}, "reset": reset, "reset unused": &unused} {
		if h.Count() != 0 || h.Quantile(0.99) != 0 || h.Max() != 0 || h.Mean() != 0 {
			t.Errorf("%s: count %d, p99 %v, max %v, mean %v, want zeros", name, h.Count(), h.Quantile(0.99), h.Max(), h.Mean())
		}
		if got := encoded(t, h); got != "null" {
			t.Errorf("%s: JSON %s, want null", name, got)
		}
		sum := histogramOf(time.Second)
		sum.Merge(h)
		if sum.Count() != 1 {
			t.Errorf("%s: merged into one duration gives %d", name, sum.Count())
		}
	}
	reset.Record(time.Millisecond)
	if reset.Count() != 1 || !within(reset.Max(), time.Millisecond) {
		t.Errorf("after reset: count %d, max %v, want 1 and 1ms", reset.Count(), reset.Max())
	}
}

func TestHistogramQuantileWithinPrecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.SliceOfN(rapid.Int64Range(0, highestTrackable.Microseconds()), 1, 50).Draw(t, "microseconds")
		q := rapid.Float64Range(0.001, 1).Draw(t, "q")
		h := &Histogram{}
		for _, v := range us {
			h.Record(time.Duration(v) * time.Microsecond)
		}
		slices.Sort(us)
		rank := min(max(int(q*float64(len(us))+0.5), 1), len(us)) // nearest rank
		want := time.Duration(us[rank-1]) * time.Microsecond
		if got := h.Quantile(q); got < want || !within(got, want) {
			t.Fatalf("quantile %v = %v, want %v to 0.1 %% above", q, got, want)
		}
	})
}

func TestHistogramMergeIsExact(t *testing.T) {
	duration := rapid.Map(rapid.Int64Range(-10, 1e11), func(us int64) time.Duration { return time.Duration(us) * time.Microsecond })
	rapid.Check(t, func(t *rapid.T) {
		var whole Histogram
		parts := make([]Histogram, 3)
		for _, d := range rapid.SliceOf(duration).Draw(t, "durations") {
			whole.Record(d)
			parts[rapid.IntRange(0, 2).Draw(t, "part")].Record(d)
		}
		var sum Histogram
		for i := range parts {
			sum.Merge(&parts[i])
		}
		if !same(&sum, &whole) {
			t.Fatalf("merged: %d durations, max %v; recorded whole: %d, max %v", sum.Count(), sum.Max(), whole.Count(), whole.Max())
		}
		var back Histogram
		if err := json.Unmarshal([]byte(encoded(t, &sum)), &back); err != nil || !same(&back, &whole) {
			t.Fatalf("read back: %v, %d durations, want %d", err, back.Count(), whole.Count())
		}
	})
}

// same reports whether both hold the same count in every bucket.
func same(a, b *Histogram) bool {
	if a.Count() == 0 || b.Count() == 0 {
		return a.Count() == b.Count()
	}
	return a.h.Equals(b.h)
}

func TestHistogramInAStruct(t *testing.T) {
	type record struct {
		Put  *Histogram `json:"put"`
		None *Histogram `json:"none"`
	}
	b, err := json.Marshal(record{Put: histogramOf(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	var back record
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.Put.Count() != 1 || back.None.Count() != 0 || !within(back.Put.Max(), time.Second) {
		t.Errorf("read back %d and %d durations, max %v, want 1, 0 and 1s", back.Put.Count(), back.None.Count(), back.Put.Max())
	}
}

// TestHistogramOfAnotherRange reads a histogram that another tool wrote with a
// smaller range, and goes on with it beyond that range.
func TestHistogramOfAnotherRange(t *testing.T) {
	var h Histogram
	if err := json.Unmarshal(foreign(t, 1000, 500), &h); err != nil {
		t.Fatal(err)
	}
	h.Record(time.Hour)
	if h.Count() != 2 || !within(h.Quantile(0.5), 500*time.Microsecond) || !within(h.Max(), time.Hour) {
		t.Errorf("count %d, p50 %v, max %v, want 2, 500µs, 1h", h.Count(), h.Quantile(0.5), h.Max())
	}
}

func TestHistogramUnmarshalErrors(t *testing.T) {
	tooLong := foreign(t, math.MaxInt64/2, 400*time.Hour.Microseconds())
	for _, tt := range []struct{ text, want string }{
		{`7`, "json: cannot unmarshal"},
		{`"no base64!"`, "decode histogram: illegal base64"},
		{`"AAAA"`, "decode histogram: encoded histogram too short"},
		{string(tooLong), "decode histogram: 1 durations above 24h0m0s"},
	} {
		h := histogramOf(time.Second)
		err := json.Unmarshal([]byte(tt.text), h)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%.40s: error %v, want %q", tt.text, err, tt.want)
		}
		if h.Count() != 0 {
			t.Errorf("%.40s: %d durations left, want none", tt.text, h.Count())
		}
	}
}

// foreign is the JSON of a histogram of microseconds up to highest that holds v.
func foreign(t *testing.T, highest, v int64) []byte {
	t.Helper()
	other := hdrhistogram.New(1, highest, 3)
	if err := other.RecordValue(v); err != nil {
		t.Fatal(err)
	}
	text, err := other.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzHistogramUnmarshal(f *testing.F) {
	f.Add([]byte("null"))
	f.Add([]byte(`""`))
	f.Add([]byte(`"AAAA"`))
	f.Add([]byte(encoded(f, histogramOf(0, time.Millisecond, time.Hour))))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Histogram
		if err := json.Unmarshal(b, &h); err != nil {
			return
		}
		var again Histogram
		if err := json.Unmarshal([]byte(encoded(t, &h)), &again); err != nil {
			t.Fatal(err)
		}
		if again.Count() != h.Count() || again.Quantile(0.5) != h.Quantile(0.5) || again.Max() != h.Max() {
			t.Errorf("written and read again: %d durations, want %d", again.Count(), h.Count())
		}
	})
}

func BenchmarkHistogramRecord(b *testing.B) {
	var h Histogram
	for b.Loop() {
		h.Record(123456 * time.Microsecond)
	}
}
