// Package probe tells weir what became of every record that a Lambda function
// was given. It wraps the function's handler and writes one line to standard
// output per invocation, which Lambda puts into the function's log: which
// records were processed, how old they were by then, and whether their order
// held. From these lines weir closes the account of a load test, and
// CloudWatch makes the metrics RecordProcessingLatency, RecordsReceived and
// RecordsProcessed (namespace KinesisLoadTest).
//
//	func main() {
//		lambda.Start(probe.Handler(handle))
//	}
//
//	func handle(ctx context.Context, e events.KinesisEvent) error { … }
//
// A handler that reports batch item failures is wrapped by
// [HandlerWithResponse].
//
// # What it needs
//
// Nothing but the log: no permission, no network, no layer. Records are known
// by the ledger token that weir puts into each (see package token), in
// whatever format surrounds it; records without one are named by their place in
// the stream. The handler must leave the records' data as it was given: the
// probe reads it when the handler has returned.
//
// # What it costs
//
// Of the order of 100 µs and 2 KB of log for a batch of 500 records, after the
// handler has returned, and within the invocation's duration. Leave it in place
// in production or take it out: records without a token cost a few bytes of log
// each.
//
// # When lanes are needed
//
// If the event source mapping's parallelization factor is above 1, batches of
// one shard overlap, and order can be judged by partition key only. Set the
// function's environment variable WEIR_PROBE_LANES to 1, or use [Lanes]: lines
// then carry the span of every key lane, about 50 bytes of log each.
//
// # Failures
//
// The records of an invocation whose handler returned an error or panicked
// count as attempted, not as processed. An invocation that timed out or was
// killed writes no line.
package probe
