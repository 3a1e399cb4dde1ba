package local

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
)

func TestParseProfile(t *testing.T) {
	const text = "aws,put=12ms/60ms,invoke=0s,poll=250ms,throttle-retry=20ms,retry-cap=200ms"
	got, err := ParseProfile(text)
	if err != nil {
		t.Fatal(err)
	}
	want := AWSProfile
	want.Name = text
	want.PutLatency = wire.Latency{Median: 12 * time.Millisecond, P99: 60 * time.Millisecond}
	want.InvokeLatency = wire.Latency{}
	want.PollInterval = 250 * time.Millisecond
	want.ThrottleBackoff, want.MaxBackoff = 20*time.Millisecond, 200*time.Millisecond
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range []Profile{AWSProfile, InstantProfile} {
		if same, err := ParseProfile(p.Name); err != nil || same != p {
			t.Errorf("%s: %+v, %v", p.Name, same, err)
		}
	}
}

func TestParseProfileRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"azure":            `unknown profile "azure": there are aws and instant`,
		"":                 `unknown profile ""`,
		"aws,":             `no timing "": there are cold-start, error-retry`,
		"aws,putt=1ms":     `no timing "putt"`,
		"aws,put":          `put: read the median: time: invalid duration ""`,
		"aws,put=2ms/x":    `put: read the 99th percentile: time: invalid duration "x"`,
		"aws,put=20ms/2ms": "put: 20ms/2ms: needs 0 ≤ median ≤ 99th percentile",
		"aws,poll=0s":      "poll: 0s is not above 0",
		"instant,poll=1":   `poll: time: missing unit in duration "1"`,
	} {
		if _, err := ParseProfile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
