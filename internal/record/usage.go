package record

import (
	"math"

	"weir/internal/metrics"
)

// Usage is what a stream and its function are charged for, as CloudWatch
// counted it. Zero is not known.
type Usage struct {
	Records, Bytes float64 // that the stream took
	Delivered      float64 // records that invocations got, each retry again
	Invocations    float64
	// BilledMillis is the mean Duration of an invocation, rounded up to whole
	// milliseconds as billing rounds each one. Cold starts are not in it.
	BilledMillis float64
}

// Charged reports whether UsageOf reads a series.
func Charged(series string) bool {
	switch series {
	case metrics.IncomingRecords, metrics.IncomingBytes, metrics.Invoked, metrics.Invocations, metrics.DurationAvg:
		return true
	}
	return false
}

// UsageOf adds a series up.
func UsageOf(series []Point) Usage {
	var u Usage
	var timed, millis float64
	for _, p := range series {
		u.Records += p.V[metrics.IncomingRecords]
		u.Bytes += p.V[metrics.IncomingBytes]
		u.Delivered += p.V[metrics.Invoked]
		u.Invocations += p.V[metrics.Invocations]
		if average, ok := p.V[metrics.DurationAvg]; ok {
			timed += p.V[metrics.Invocations]
			millis += p.V[metrics.Invocations] * average
		}
	}
	if timed > 0 {
		u.BilledMillis = math.Ceil(millis / timed)
	}
	return u
}
