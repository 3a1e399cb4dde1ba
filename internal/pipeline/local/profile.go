package local

import (
	"fmt"
	"time"

	"weir/internal/emulator/lambda"
	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// Profile is the embedded pipeline's timing. It is a model: what it adds
// stands here, is printed by `weir local --help`, and every report of a local
// run says which profile was used.
type Profile struct {
	Name string
	// PutLatency and GetLatency are the service's time for one put or get call.
	PutLatency, GetLatency wire.Latency
	// PushLatency is from a put to a mapping with enhanced fan-out.
	PushLatency wire.Latency
	// InvokeLatency is the hand-over of a batch to a warm environment.
	InvokeLatency wire.Latency
	// ColdStart is the init of a built-in function's environment; a real process
	// takes the time it takes.
	ColdStart wire.Latency
	// PollInterval is the mapping's base poll of a shard; 0 polls again at once.
	PollInterval time.Duration
	// ControlRates holds Kinesis's control operations to their calls a second.
	ControlRates bool
	// ErrorBackoff and ThrottleBackoff are the waits before a failed or a
	// throttled batch is tried again. AWS publishes neither.
	ErrorBackoff, ThrottleBackoff time.Duration
	MaxBackoff                    time.Duration // of both, which double up to it
}

// Setting is one line of a profile for a reader: what, how much, and why.
type Setting struct{ Name, Value, Source string }

// AWSProfile has AWS's documented intervals and limits, and latencies that are
// assumed where no figure is published.
var AWSProfile = Profile{
	Name:            "aws",
	PutLatency:      wire.Latency{Median: 8 * time.Millisecond, P99: 40 * time.Millisecond},
	GetLatency:      wire.Latency{Median: 6 * time.Millisecond, P99: 30 * time.Millisecond},
	PushLatency:     wire.Latency{Median: 70 * time.Millisecond, P99: 150 * time.Millisecond},
	InvokeLatency:   wire.Latency{Median: 2 * time.Millisecond, P99: 10 * time.Millisecond},
	ColdStart:       wire.Latency{Median: 49 * time.Millisecond, P99: 120 * time.Millisecond},
	PollInterval:    quota.PollInterval,
	ControlRates:    true,
	ErrorBackoff:    lambda.DefaultErrorBackoff,
	ThrottleBackoff: lambda.DefaultThrottleBackoff,
	MaxBackoff:      lambda.DefaultMaxBackoff,
}

// InstantProfile adds no latency and polls as often as the shard's read limit
// lets it; every limit stays.
var InstantProfile = Profile{
	Name:            "instant",
	PollInterval:    readInterval,
	ErrorBackoff:    10 * time.Millisecond,
	ThrottleBackoff: 50 * time.Millisecond,
	MaxBackoff:      lambda.DefaultMaxBackoff,
}

// readInterval is the time between two reads of a shard that never meets its
// limit of five a second.
const readInterval = time.Second/quota.ShardReadCallsPerSecond + 10*time.Millisecond

// Settings lists the profile's figures with their sources.
func (p Profile) Settings() []Setting {
	latency := func(l wire.Latency) string {
		if l == (wire.Latency{}) {
			return "none added"
		}
		return fmt.Sprintf("median %v, p99 %v", l.Median, l.P99)
	}
	const assumed = "assumed: AWS publishes none"
	control := "no limit"
	if p.ControlRates {
		control = "5 CreateStream, 10 DescribeStream … a second"
	}
	settings := []Setting{
		{"put latency", latency(p.PutLatency), assumed},
		{"get latency", latency(p.GetLatency), assumed},
		{"push latency", latency(p.PushLatency), "average 70 ms: streams/latest/dev/enhanced-consumers; p99 assumed"},
		{"invoke latency", latency(p.InvokeLatency), assumed},
		{"cold start", latency(p.ColdStart), "median of a Go zip, maxday/lambda-perf 2026-08-22; p99 assumed"},
		{"poll of a shard every", p.PollInterval.String(), "documented base rate: lambda/latest/dg/with-kinesis"},
		{"retry of a failed batch after", p.backoff(p.ErrorBackoff), "fits an answer recorded from AWS: 8 attempts in 60 s"},
		{"retry of a throttled batch after", p.backoff(p.ThrottleBackoff), assumed},
		{"control operations", control, "documented: kinesis/latest/APIReference, each operation"},
	}
	if p.Name == InstantProfile.Name {
		for i := range settings {
			settings[i].Source = "no time is added; AWS's limits stay"
		}
	}
	return settings
}

// backoff says how the wait from first on grows.
func (p Profile) backoff(first time.Duration) string {
	return fmt.Sprintf("%v, doubling to %v", first, p.MaxBackoff)
}
