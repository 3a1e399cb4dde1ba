package record

import (
	"fmt"
	"time"

	"weir/internal/stats"
)

// Reports is what the function's REPORT lines came to, each invocation once.
type Reports struct {
	Lines      int64 `json:"lines"`
	Failed     int64 `json:"failed"` // lines with a status other than success
	ColdStarts int64 `json:"cold_starts"`
	// Billed is the sum of the billed durations, cold starts included.
	Billed      time.Duration    `json:"billed_ns"`
	MaxMemoryMB float64          `json:"max_memory_mb,omitzero"` // 0: no line says
	Duration    *stats.Histogram `json:"duration,omitempty"`
	Init        *stats.Histogram `json:"init,omitempty"` // of cold starts
	// CutShort says why lines were left unread; empty: none were.
	CutShort string `json:"cut_short,omitempty"`
}

// Complete reports whether the lines tell of every invocation, by CloudWatch's
// count of them, give or take one in a hundred.
func (r *Reports) Complete(invocations float64) bool {
	return r != nil && r.Lines > 0 && r.CutShort == "" && Agree(float64(r.Lines), invocations)
}

// Agree reports whether two counts of one thing are the same but for what lies
// at the edges of a window: one in a hundred.
func Agree(a, b float64) bool { return max(a, b)-min(a, b) <= max(a, b)/100 }

// Reading is what it took to read metrics and logs.
type Reading struct {
	MetricCalls int64 `json:"metric_calls"` // GetMetricData, each page
	Metrics     int64 `json:"metrics"`      // asked for in them: what is charged
	LogCalls    int64 `json:"log_calls"`    // FilterLogEvents, each page
	LogLines    int64 `json:"log_lines"`
	LogBytes    int64 `json:"log_bytes"` // of these lines
}

// Clock is how far AWS's clock was ahead of the clock of the machine that made
// the load: the truth lies within Bound of Offset.
type Clock struct {
	Offset  time.Duration `json:"offset_ns"` // negative: behind
	Bound   time.Duration `json:"bound_ns"`
	Answers int64         `json:"answers"` // that it was measured by
	// Jumps is how often a later answer could not be true of the same offset: a
	// clock was set, and the offset is of the time since.
	Jumps int `json:"jumps,omitzero"`
}

// ClockSaid says, for latencies between machines, what the difference of their
// clocks adds to them.
func (r *Run) ClockSaid() string {
	switch {
	case r.Pipeline.Kind == "embedded":
		return "clock offset 0: load and pipeline share one clock"
	case r.Clock == nil:
		return "clock offset to AWS not measured"
	}
	return fmt.Sprintf("AWS's clock is %v from this machine's, give or take %v: not corrected for",
		signed(r.Clock.Offset), r.Clock.Bound.Round(time.Millisecond))
}

func signed(d time.Duration) string {
	if d = d.Round(time.Millisecond); d >= 0 {
		return "+" + d.String()
	}
	return d.String()
}
