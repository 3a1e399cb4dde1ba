package line

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBuckets(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		index  int
		middle time.Duration
	}{
		{-time.Second, 0, 0},
		{999 * time.Nanosecond, 0, 0},
		{127 * time.Microsecond, 127, 127 * time.Microsecond},
		{255 * time.Microsecond, 255, 255 * time.Microsecond},
		{256 * time.Microsecond, 256, 257 * time.Microsecond}, // [256, 258)
		{257 * time.Microsecond, 256, 257 * time.Microsecond},
		{258 * time.Microsecond, 257, 259 * time.Microsecond},
		// 1 000 000 has 20 binary digits: octave 12, 1e6 >> 12 = 244, index
		// 12·128 + 244; it holds [244 · 4096, 245 · 4096), middle 999 424 + 2 048.
		{time.Second, 1780, 1_001_472 * time.Microsecond},
	} {
		if got := bucketOf(c.d); got != c.index {
			t.Errorf("bucketOf(%v) = %d, want %d", c.d, got, c.index)
		}
		if got := middle(c.index); got != c.middle {
			t.Errorf("middle(%d) = %v, want %v", c.index, got, c.middle)
		}
	}
}

func drawHist(t *rapid.T) Hist {
	var h Hist
	for _, d := range rapid.SliceOfN(rapid.Int64Range(-1e9, math.MaxInt64), 0, 60).Draw(t, "durations") {
		h.RecordN(time.Duration(d), rapid.Int64Range(1, 1000).Draw(t, "n"))
	}
	return h
}

func TestHistPrecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "d"))
		var h Hist
		h.Record(d)
		got := h.Max()
		// A bucket of width w from low ≥ 128·w: half of it is at most 1/256; and
		// what is below a microsecond is cut.
		if off := math.Abs(float64(got - d)); off > float64(d)/256+1000 {
			t.Fatalf("%v is counted as %v", d, got)
		}
	})
}

func TestHistCounts(t *testing.T) {
	var h, other Hist
	h.Record(2 * time.Microsecond)
	h.RecordN(5*time.Microsecond, 3)
	h.RecordN(time.Hour, 0)
	h.RecordN(time.Hour, -1)
	other.RecordN(5*time.Microsecond, 10)
	other.Record(3 * time.Microsecond)
	h.Merge(&other)
	h.Merge(nil)

	type pair struct {
		D time.Duration
		N int64
	}
	var got []pair
	h.Each(func(d time.Duration, n int64) { got = append(got, pair{d, n}) })
	want := []pair{{2 * time.Microsecond, 1}, {3 * time.Microsecond, 1}, {5 * time.Microsecond, 13}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if h.Count() != 15 || h.Max() != 5*time.Microsecond {
		t.Errorf("Count, Max = %d, %v; want 15, 5µs", h.Count(), h.Max())
	}
	var empty Hist
	if empty.Count() != 0 || empty.Max() != 0 {
		t.Errorf("of nothing: Count, Max = %d, %v", empty.Count(), empty.Max())
	}
}

// Counted at once or one by one is the same.
func TestHistOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var durations []time.Duration
		var want Hist
		for _, ms := range rapid.SliceOf(rapid.IntRange(-1, 300)).Draw(t, "ms") {
			d := time.Duration(ms) * time.Millisecond
			durations = append(durations, d)
			want.Record(d)
		}
		if diff := cmp.Diff(want, HistOf(durations), inside); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestHistRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawHist(t)
		got, err := decodeHist(want.encode())
		if diff := cmp.Diff(want, got, inside); err != nil || diff != "" {
			t.Fatalf("err = %v (-want +got):\n%s", err, diff)
		}
	})
}
