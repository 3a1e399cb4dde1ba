package advice

import (
	"math"
	"time"

	"weir/internal/capacity"
	"weir/internal/price"
)

// Config is a stream, a function and the mapping between them.
type Config struct {
	Mode           price.Mode `json:"mode"`
	Shards         int        `json:"shards"` // of a provisioned stream; of an on-demand one what it must have grown to
	RetentionHours int        `json:"retention_hours"`
	FanOut         bool       `json:"enhanced_fan_out"`

	BatchSize       int  `json:"batch_size"`
	WindowSeconds   int  `json:"batching_window_s"`
	Parallelization int  `json:"parallelization_factor"`
	RetryAttempts   int  `json:"maximum_retry_attempts"` // -1: until the record expires
	Bisect          bool `json:"bisect_batch_on_function_error"`
	MaxAgeSeconds   int  `json:"maximum_record_age_s"` // -1: until the record expires
	OnFailure       bool `json:"on_failure_destination"`

	MemoryMB       int `json:"memory_mb"`
	TimeoutSeconds int `json:"timeout_s"`
	Concurrency    int `json:"reserved_concurrency"` // 0: none
}

func (c Config) timeout() time.Duration { return time.Duration(c.TimeoutSeconds) * time.Second }

// lanes run at once at most, and are the environments the function needs.
func (c Config) lanes() int { return c.Shards * c.Parallelization }

// found is the configuration that was run.
func (m measured) found() Config {
	p := m.pipeline
	c := Config{
		Mode: price.Provisioned, Shards: p.Shards, RetentionHours: p.RetentionHours,
		BatchSize: p.BatchSize, WindowSeconds: int(p.BatchingWindow / time.Second), Parallelization: p.Parallelization,
		RetryAttempts: p.RetryAttempts, Bisect: p.Bisect, MaxAgeSeconds: -1, OnFailure: p.OnFailure != "",
		MemoryMB: p.FunctionMemoryMB, TimeoutSeconds: int(p.FunctionTimeout / time.Second), Concurrency: p.Concurrency,
	}
	if p.MaxRecordAge > 0 {
		c.MaxAgeSeconds = int(p.MaxRecordAge / time.Second)
	}
	if p.StreamMode == "ON_DEMAND" {
		c.Mode = price.OnDemand
	}
	return c
}

// limits is the configuration as package capacity takes it.
func (m measured) limits(c Config) capacity.Config {
	perBatch, perRecord := m.service.split(float64(m.fullBatch(c)))
	return capacity.Config{
		Shards: c.Shards, LimitFactor: m.pipeline.ShardLimitFactor, RecordBytes: m.recordBytes,
		Parallelization: c.Parallelization, BatchSize: c.BatchSize, PerBatch: perBatch, PerRecord: perRecord,
		Concurrency: c.Concurrency, ErrorRate: min(m.errorRate, 0.99), ErrorBackoff: firstBackoff, MaxBackoff: mostBackoff,
	}
}

// firstBackoff is the wait before a failed batch's first retry, which AWS
// doesn't publish: eight attempts were recorded within 60 s, which doubling
// from 250 ms gives; mostBackoff bounds the doubling.
const (
	firstBackoff = 250 * time.Millisecond
	mostBackoff  = time.Minute
)

// bill is a month of the configuration at the rate, with its log and alarms.
func (m measured) bill(c Config) (price.Bill, error) { return m.billOf(c, m.predict(c)) }

// foundBill is a month of the configuration that was run, by the batches and
// times that it had.
func (m measured) foundBill() (price.Bill, error) {
	return m.billOf(m.found(), Predicted{RecordsPerInvocation: m.service.mean, BilledMillis: math.Ceil(m.service.millis)})
}

func (m measured) billOf(c Config, p Predicted) (price.Bill, error) {
	records := m.rate * price.MonthHours * 3600
	stream := price.Stream{
		Mode: c.Mode, Hours: price.MonthHours, Shards: float64(c.Shards), Records: records, RecordBytes: m.recordBytes, Readers: 1,
	}
	function := price.Function{
		MemoryMB: float64(c.MemoryMB), Invocations: records / p.RecordsPerInvocation, BilledMillis: p.BilledMillis,
		LogBytes: price.TypicalSetup.LogBytes,
	}
	if c.FanOut {
		stream.Readers = 0
	}
	quantities := append(stream.Quantities(), function.Quantities()...)
	if c.FanOut {
		quantities = append(quantities, stream.FanOut(1)...)
	}
	quantities = append(quantities, price.Quantity{Item: price.Alarm, Amount: float64(WatchedMetrics(m.alarms(c)))})
	return m.prices.Bill(m.region, quantities...)
}
