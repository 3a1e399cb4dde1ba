package judge

import (
	"slices"

	"weir/internal/metrics"
)

// read are the series that verdicts come from.
var read = []string{
	metrics.Offered, metrics.Accepted, metrics.Rejected, metrics.Throttled, metrics.Indeterminate, metrics.NotSent, metrics.SentBytes,
	metrics.IncomingRecords, metrics.WriteThrottled, metrics.ReadThrottled, metrics.IteratorAge, metrics.GetRecordsCount,
	metrics.Polled, metrics.FilteredOut, metrics.DeadLettered, metrics.Dropped, metrics.Invocations, metrics.Errors, metrics.Throttles, metrics.LambdaAgeMax,
	metrics.DurationAvg, metrics.DurationMax, metrics.DurationP50, metrics.DurationP99, metrics.MaxMemoryUsed,
	metrics.Processed, metrics.Backlog, metrics.E2EP50, metrics.E2EP99, metrics.RecordLatencyP99, metrics.ChildRSS,
}

// Reads reports whether a verdict may come from a series: Judge says the same
// of a run without any other.
func Reads(series string) bool { return slices.Contains(read, series) }
