package kinesis

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }

func TestWriteLimiter(t *testing.T) {
	type step struct {
		ms, offered, size, passed int
	}
	const mib = 1 << 20
	tests := []struct {
		name   string
		factor float64
		steps  []step
	}{
		{"a second's records at once, then one a millisecond", 1, []step{
			{0, 1001, 10, 1000}, // the bucket holds 1 000
			{1, 2, 10, 1},       // 1 ms × 1 000/s
			{3, 5, 10, 2},
			{1003, 2000, 10, 1000}, // full again after a second
			{9003, 2000, 10, 1000}, // and no fuller after eight
		}},
		{"a second's bytes at once, then 1 MiB a second", 1, []step{
			{0, 5, mib / 4, 4},
			{249, 1, mib / 4, 0}, // 261 095 of 262 144 bytes
			{250, 2, mib / 4, 1},
		}},
		{"a refused record costs nothing and a smaller one may pass", 1, []step{
			{0, 1, mib - 100, 1}, // 100 bytes left
			{0, 3, 101, 0},
			{0, 1, 100, 1},
		}},
		{"a large record needs a full bucket and is paid off", 1, []step{
			{0, 1, 1, 1},
			{0, 1, 2 * mib, 0}, // one byte short of full
			{1, 1, 2 * mib, 1}, // leaves -1 MiB
			{1000, 1, 1, 0},    // 999 ms later: still 1 049 bytes short
			{1002, 1, 1, 1},
		}},
		{"the factor multiplies both limits", 0.5, []step{
			{0, 600, 10, 500},
			{1000, 3, mib / 4, 2},
		}},
		{"time that steps back adds nothing", 1, []step{
			{1000, 1000, 10, 1000},
			{0, 1, 10, 0},
			{1000, 1, 10, 0},
			{1001, 2, 10, 1},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newWriteLimiter(test.factor)
			for _, step := range test.steps {
				passed := 0
				for range step.offered {
					if l.take(at(step.ms), step.size) {
						passed++
					}
				}
				if passed != step.passed {
					t.Errorf("at %d ms %d of %d records of %d bytes passed, want %d", step.ms, passed, step.offered, step.size, step.passed)
				}
			}
		})
	}
}

func TestReadLimiter(t *testing.T) {
	type step struct {
		ms     int
		size   int64 // what the call reads if it passes
		passes bool
	}
	const mib = 1 << 20
	tests := []struct {
		name  string
		steps []step
	}{
		{"five calls a second", []step{
			{0, 0, true},
			{0, 0, true},
			{0, 0, true},
			{0, 0, true},
			{0, 0, true},
			{0, 0, false},
			{199, 0, false},
			{200, 0, true},
			{200, 0, false},
		}},
		{"10 MiB block five seconds", []step{
			{0, 10 * mib, true},
			{1000, 0, false},
			{4999, 0, false},
			{5000, 0, true},
		}},
		{"two consumers of 1 MiB a second each", []step{
			{0, mib, true},
			{0, mib, true},
			{1000, mib, true},
			{1000, mib, true},
			{2000, mib, true},
			{2000, mib, true},
		}},
		{"what is read beyond 2 MiB a second is owed", []step{
			{0, 2 * mib, true},
			{0, mib, true},    // 0 left, nothing owed yet; now 1 MiB owed
			{499, 0, false},   // 2 MiB/s × 499 ms = 1 046 478 of 1 048 576
			{500, mib, true},  // paid
			{1000, mib, true}, // paid again
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newReadLimiter(1)
			for i, step := range test.steps {
				passes := l.take(at(step.ms))
				if passes {
					l.charge(step.size)
				}
				if passes != step.passes {
					t.Errorf("step %d at %d ms: passes = %v, want %v", i+1, step.ms, passes, step.passes)
				}
			}
		})
	}
}

// An unlimited stream is one with a huge factor: it must not overflow.
func TestHugeFactor(t *testing.T) {
	l := newWriteLimiter(1e12)
	for i := range 100_000 {
		if !l.take(at(0), 1<<10) {
			t.Fatalf("record %d was refused", i)
		}
	}
	if !l.take(at(3_600_000), 10<<20) {
		t.Error("a large record an hour later was refused")
	}
}
