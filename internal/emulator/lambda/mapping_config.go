package lambda

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// Starting positions of a mapping.
const (
	TrimHorizon = "TRIM_HORIZON"
	Latest      = "LATEST"
	AtTimestamp = "AT_TIMESTAMP"
)

// StartingPosition is where a mapping begins to read; At counts with
// AT_TIMESTAMP only.
type StartingPosition struct {
	Type string
	At   time.Time
}

// MappingConfig is an event source mapping. Zero values are Lambda's defaults,
// but for Start, which it requires too.
type MappingConfig struct {
	StreamARN string // or that of a consumer with enhanced fan-out
	Function  string // name or ARN
	Start     StartingPosition

	BatchSize          int
	Window             time.Duration // whole seconds
	Parallelization    int
	RetryAttempts      *int          // nil or -1: without limit
	RecordAge          time.Duration // 0 or negative: without limit
	Bisect             bool
	ReportItemFailures bool
	OnFailure          string        // ARN of the destination; empty: none
	Filters            []string      // patterns of FilterCriteria, one of which a record has to satisfy; empty: no filter
	TumblingWindow     time.Duration // whole seconds; 0: none
	Disabled           bool
}

// destinationARN fits what a Kinesis mapping may deliver to
// (lambda/latest/api/API_OnFailure, read 2026-11-22).
var destinationARN = regexp.MustCompile(`^arn:[a-z0-9-]+:(sqs|sns|s3):[^:]*:[^:]*:.+$`)

func (c MappingConfig) withDefaults() MappingConfig {
	if c.BatchSize == 0 {
		c.BatchSize = quota.DefaultBatchSize
	}
	if c.Parallelization == 0 {
		c.Parallelization = 1
	}
	if c.RetryAttempts == nil {
		c.RetryAttempts = new(-1)
	}
	if c.RecordAge <= 0 {
		c.RecordAge = -time.Second
	}
	return c
}

// validate takes a configuration with its defaults filled in.
func (c MappingConfig) validate() error {
	within := func(name string, value, low, high int) error {
		if value >= low && value <= high {
			return nil
		}
		return invalid("Value '%d' at '%s' failed to satisfy constraint: Member must have a value between %d and %d", value, name, low, high)
	}
	checks := []error{
		within("batchSize", c.BatchSize, quota.MinBatchSize, quota.MaxBatchSize),
		within("parallelizationFactor", c.Parallelization, 1, quota.MaxParallelization),
		within("maximumBatchingWindowInSeconds", int(c.Window/time.Second), 0, int(quota.MaxBatchingWindow/time.Second)),
		within("tumblingWindowInSeconds", int(c.TumblingWindow/time.Second), 0, int(quota.MaxTumblingWindow/time.Second)),
		within("maximumRetryAttempts", *c.RetryAttempts, -1, quota.MaxRetryAttempts),
	}
	if c.RecordAge > 0 {
		checks = append(checks, within("maximumRecordAgeInSeconds", int(c.RecordAge/time.Second), int(quota.MinRecordAge/time.Second), int(quota.MaxRecordAge/time.Second)))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	switch {
	case c.Window%time.Second != 0:
		return invalid("the batching window %v is not a whole number of seconds", c.Window)
	case c.TumblingWindow%time.Second != 0:
		return invalid("the tumbling window %v is not a whole number of seconds", c.TumblingWindow)
	case c.TumblingWindow > 0 && c.Parallelization > 1:
		return invalid("The embedded Lambda has no tumbling windows with a ParallelizationFactor above 1.")
	case c.OnFailure != "" && !destinationARN.MatchString(c.OnFailure):
		return invalid("The on-failure destination %q is not the ARN of a queue, a topic or a bucket.", c.OnFailure)
	case c.Start.Type != TrimHorizon && c.Start.Type != Latest && c.Start.Type != AtTimestamp:
		return invalid("StartingPosition must be TRIM_HORIZON, LATEST or AT_TIMESTAMP")
	case c.Start.Type == AtTimestamp && c.Start.At.IsZero():
		return invalid("StartingPositionTimestamp must not be null with StartingPosition AT_TIMESTAMP")
	}
	return nil
}

// consumer reports whether the event source is a consumer with enhanced fan-out.
func (c MappingConfig) consumer() bool { return strings.Contains(c.StreamARN, consumerPart) }

// options are the configuration as the state machine takes it.
func (s *Server) options(c MappingConfig) MappingOptions {
	return MappingOptions{
		BatchSize: c.BatchSize, Window: c.Window, Parallelization: c.Parallelization,
		RetryAttempts: *c.RetryAttempts, RecordAge: c.RecordAge, Bisect: c.Bisect, OnFailure: c.OnFailure != "",
		Tumbling: c.TumblingWindow, Push: c.consumer(),
		PollInterval: s.cfg.PollInterval, ErrorBackoff: s.cfg.ErrorBackoff, ThrottleBackoff: s.cfg.ThrottleBackoff, MaxBackoff: s.cfg.MaxBackoff,
	}
}

// invalid is Lambda's answer to a parameter that is out of bounds.
func invalid(format string, args ...any) *wire.Error {
	return &wire.Error{Code: "InvalidParameterValueException", Message: fmt.Sprintf(format, args...), Status: 400}
}
