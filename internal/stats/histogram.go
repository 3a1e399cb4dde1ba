// Package stats holds the statistics that weir's statements rest on:
// histograms that merge without loss, and (in files of their own) slopes,
// intervals and comparisons. It is pure: no clock, no I/O.
package stats

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// highestTrackable bounds a recorded duration; longer ones count as this.
const highestTrackable = 24 * time.Hour

// Histogram counts durations in microseconds with three significant digits
// (error at most 0.1 % of the value), from 1 µs to 24 h. Histograms of many
// machines and seconds merge exactly, which percentiles do not. The zero value
// is empty and ready to use; it is not safe for concurrent use.
type Histogram struct {
	h *hdrhistogram.Histogram
}

// Record counts one duration; a negative one counts as 0.
func (h *Histogram) Record(d time.Duration) { h.RecordN(d, 1) }

// RecordN counts a duration n times.
func (h *Histogram) RecordN(d time.Duration, n int64) {
	if n <= 0 {
		return
	}
	h.prepare()
	d = min(max(d, 0), highestTrackable)
	// The value is clamped to the tracked range, the only cause of an error.
	_ = h.h.RecordValues(d.Microseconds(), n)
}

// Merge adds all that other has counted; other may be nil or empty.
func (h *Histogram) Merge(other *Histogram) {
	if other == nil || other.h == nil {
		return
	}
	h.prepare()
	h.h.Merge(other.h) // every Histogram has the same range: nothing is dropped
}

// prepare allocates the counters, about 220 KB.
func (h *Histogram) prepare() {
	if h.h == nil {
		h.h = hdrhistogram.New(1, highestTrackable.Microseconds(), 3)
	}
}

// Count is the number of durations counted.
func (h *Histogram) Count() int64 {
	if h == nil || h.h == nil {
		return 0
	}
	return h.h.TotalCount()
}

// Quantile is the duration at quantile q (0.99 for p99), at most 0.1 % above
// it; 0 when empty: ask Count first.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.h.ValueAtQuantile(q*100)) * time.Microsecond
}

// Max is the longest duration counted, at most 0.1 % above it; 0 when empty.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.h.Max()) * time.Microsecond
}

// Mean is the mean duration, 0 when empty.
func (h *Histogram) Mean() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.h.Mean() * float64(time.Microsecond))
}

// Reset empties the histogram and keeps its memory.
func (h *Histogram) Reset() {
	if h.h != nil {
		h.h.Reset()
	}
}

// MarshalJSON writes the histogram in HdrHistogram's compressed V2 encoding
// (base64 text), readable by any HdrHistogram library; null when empty.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	if h.Count() == 0 {
		return []byte("null"), nil
	}
	text, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, fmt.Errorf("encode histogram: %w", err)
	}
	return json.Marshal(string(text))
}

// UnmarshalJSON reads what MarshalJSON, or another HdrHistogram library, wrote.
// Durations above 24 h are an error.
func (h *Histogram) UnmarshalJSON(b []byte) error {
	h.h = nil
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		return err
	}
	got, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	// The text brings a range and precision of its own; ours must stay the same.
	read := Histogram{}
	read.prepare()
	if dropped := read.h.Merge(got); dropped > 0 {
		return fmt.Errorf("decode histogram: %d durations above %v", dropped, highestTrackable)
	}
	h.h = read.h
	return nil
}
