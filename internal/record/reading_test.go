package record

import (
	"testing"
	"time"
)

func TestClockSaid(t *testing.T) {
	measured := &Clock{Offset: -12600 * time.Microsecond, Bound: 61 * time.Millisecond, Answers: 10}
	for _, tt := range []struct {
		kind  string
		clock *Clock
		want  string
	}{
		{"embedded", nil, "clock offset 0: load and pipeline share one clock"},
		{"simulated", nil, "clock offset 0: load and pipeline share one clock"},
		{"aws", nil, "clock offset to AWS not measured"},
		{"aws", measured, "AWS's clock is -13ms from this machine's, give or take 61ms: not corrected for"},
		{"aws", &Clock{Offset: 5 * time.Millisecond, Bound: 40 * time.Millisecond}, "AWS's clock is +5ms from this machine's, give or take 40ms: not corrected for"},
	} {
		r := Run{Pipeline: Pipeline{Kind: tt.kind}, Clock: tt.clock}
		if got := r.ClockSaid(); got != tt.want {
			t.Errorf("%s, %+v: %q, want %q", tt.kind, tt.clock, got, tt.want)
		}
	}
}

// One in a hundred lies at the edges of a window.
func TestAgree(t *testing.T) {
	for _, tt := range []struct {
		a, b float64
		want bool
	}{{0, 0, true}, {100, 99, true}, {99, 100, true}, {100, 98, false}, {0, 1, false}, {1000, 990, true}} {
		if got := Agree(tt.a, tt.b); got != tt.want {
			t.Errorf("Agree(%g, %g) = %t", tt.a, tt.b, got)
		}
	}
}
