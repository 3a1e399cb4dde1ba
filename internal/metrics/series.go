// Package metrics is the catalogue: every metric weir knows, with its name,
// unit, statistic, source, formula and target. Dashboards, documents, report
// sections and judgements derive from it.
package metrics

// Names of the series in a run's record. Those of AWS's metrics are the
// catalogue's; the value of a second is the metric's statistic over it.
const (
	// The generator's, per second, in records unless said.
	Offered       = "offered"
	Accepted      = "accepted"
	Rejected      = "rejected"
	Throttled     = "throttled" // of the rejected, those over the shard's limit
	Indeterminate = "indeterminate"
	NotSent       = "not_sent"
	SentBytes     = "sent_bytes"
	Calls         = "put_calls"
	Tries         = "put_tries"   // each put of a record
	Retries       = "put_retries" // those of them that were not its first
	PutP50        = "put_p50_ms"
	PutP99        = "put_p99_ms"
	PutMax        = "put_max_ms"
	LatenessP99   = "lateness_p99_ms"
	LatenessMax   = "lateness_max_ms"
	InFlightCalls = "calls_in_flight"
	// Of the shard that was put most to in the second, throttled records
	// included, and of the most used partition key: names and shares.
	HotShard          = "hot_shard" // a name
	HotShardShare     = "hot_shard_share_pct"
	HotShardThrottled = "hot_shard_throttled"
	HotKey            = "hot_key" // a name
	HotKeyShare       = "hot_key_share_pct"
	K6Iterations      = "k6_iterations"
	K6Dropped         = "k6_dropped_iterations"
	K6VUs             = "k6_vus"

	// The function's side, from ledger lines, by the second in which the
	// invocation ended.
	Processed  = "processed"
	E2EP50     = "e2e_p50_ms" // from due
	E2EP95     = "e2e_p95_ms"
	E2EP99     = "e2e_p99_ms"
	E2EMax     = "e2e_max_ms"
	ArriveP99  = "from_arrival_p99_ms"
	Backlog    = "backlog" // accepted - processed so far, at the end of the second
	BatchMean  = "batch_mean"
	ChildRSS   = "generator_rss_bytes"
	ChildCPU   = "generator_cpu" // cores
	ParentRSS  = "weir_rss_bytes"
	ParentCPU  = "weir_cpu"
	ChildHeap  = "generator_heap_bytes"
	ChildGCms  = "generator_gc_pause_ms"
	Goroutines = "generator_goroutines"
	Sockets    = "generator_sockets" // open ones

	// CloudWatch's.
	IncomingRecords  = "kinesis_incoming_records"
	IncomingBytes    = "kinesis_incoming_bytes"
	IteratorAge      = "kinesis_iterator_age_max_ms"
	WriteThrottled   = "kinesis_write_throughput_exceeded"
	ReadThrottled    = "kinesis_read_throughput_exceeded"
	PutThrottledRecs = "kinesis_put_records_throttled"
	PutFailedRecs    = "kinesis_put_records_failed"
	PutSuccess       = "kinesis_put_records_success"
	PutLatencyAvg    = "kinesis_put_records_latency_avg_ms"
	PutLatencyMax    = "kinesis_put_records_latency_max_ms"
	PutCalls         = "kinesis_put_records_calls"
	PutOneSuccess    = "kinesis_put_record_success" // of PutRecord
	PutOneLatencyAvg = "kinesis_put_record_latency_avg_ms"
	PutOneLatencyMax = "kinesis_put_record_latency_max_ms"
	PutOneCalls      = "kinesis_put_record_calls"
	GetLatencyAvg    = "kinesis_get_records_latency_avg_ms"
	GetLatencyMax    = "kinesis_get_records_latency_max_ms"
	GetCalls         = "kinesis_get_records_calls"
	GetRecordsCount  = "kinesis_get_records_records"
	Invocations      = "lambda_invocations"
	Errors           = "lambda_errors"
	Throttles        = "lambda_throttles"
	DurationMax      = "lambda_duration_max_ms"
	DurationAvg      = "lambda_duration_avg_ms"
	DurationP50      = "lambda_duration_p50_ms"
	DurationP95      = "lambda_duration_p95_ms"
	DurationP99      = "lambda_duration_p99_ms"
	Concurrent       = "lambda_concurrent_executions_max"
	LambdaAgeMax     = "lambda_iterator_age_max_ms"
	LambdaAgeAvg     = "lambda_iterator_age_avg_ms"
	ColdStarts       = "lambda_cold_starts"
	InitMax          = "lambda_init_max_ms"
	MaxMemoryUsed    = "lambda_max_memory_used_mb"
	Polled           = "esm_polled"
	Invoked          = "esm_invoked"
	FilteredOut      = "esm_filtered_out"
	FailedInvoke     = "esm_failed_invoke"
	Dropped          = "esm_dropped"
	DeadLettered     = "esm_on_failure_delivered"
	RecordLatencyP99 = "record_processing_latency_p99_ms" // EMF RecordProcessingLatency
	RecordLatencyMax = "record_processing_latency_max_ms"
	ProbeReceived    = "probe_records_received" // EMF RecordsReceived

	// Of single shards, where enhanced monitoring is on: a shard's id follows.
	ShardIncoming  = "shard_incoming_records_"
	ShardThrottled = "shard_write_throughput_exceeded_"
	ShardAge       = "shard_iterator_age_max_ms_"
)
