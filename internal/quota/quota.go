// Package quota holds AWS's documented limits as named constants, so that the
// embedded pipeline, the payload rules and the advice cannot disagree.
//
// Pages are paths under docs.aws.amazon.com, read 2026-11-22.
package quota

import "time"

// Kinesis Data Streams (streams/latest/dev/service-sizes-and-limits).
const (
	ShardWriteBytesPerSecond   = 1 << 20 // 1 MiB a second into one shard
	ShardWriteRecordsPerSecond = 1000
	ShardReadBytesPerSecond    = 2 << 20
	ShardReadCallsPerSecond    = 5 // GetRecords calls

	PutRecordsMaxRecords = 500
	PutRecordsMaxBytes   = 10 << 20 // data and partition keys of one request

	GetRecordsMaxRecords = 10000
	GetRecordsMaxBytes   = 10 << 20

	MaxPartitionKeyChars   = 256
	DefaultMaxRecordBytes  = 1024 << 10 // MaxRecordSizeInKiB 1024 at a stream's birth
	LargestRecordBytes     = 10240 << 10
	IteratorLifetime       = 5 * time.Minute
	DefaultRetentionHours  = 24
	MaxRetentionHours      = 8760
	MaxShardsPerStream     = 10000
	MaxStreamNameChars     = 128
	CreateStreamPerSecond  = 5
	DefaultShardsPerRegion = 20000 // us-east-1, us-west-2, eu-west-1

	OnDemandStreamsPerRegion = 50
	// The most that an on-demand stream scales to: in us-east-1, us-west-2 and
	// eu-west-1, and elsewhere.
	OnDemandWriteBytesPerSecondLargest = 10 << 30
	OnDemandWriteBytesPerSecond        = 200 << 20
	StreamModeChangesPerDay            = 2

	MaxConsumersPerStream  = 20              // registered for enhanced fan-out; 50 with On-demand Advantage
	ConsumersBeingMade     = 5               // CREATING at once in one stream (API_RegisterStreamConsumer)
	SubscriptionLifetime   = 5 * time.Minute // of one SubscribeToShard call (API_SubscribeToShard)
	SubscriptionSettleTime = 5 * time.Second // before another call may take over (API_SubscribeToShard)

	MaxTags          = 50 // of one stream or consumer (API_TagResource)
	MaxTagKeyChars   = 128
	MaxTagValueChars = 256
	MaxARNChars      = 2048
)

// Lambda and its event source mapping for Kinesis
// (lambda/latest/dg/services-kinesis-parameters, gettingstarted-limits).
const (
	InvocationPayloadBytes = 6 << 20 // the JSON event of one synchronous invocation

	MinBatchSize     = 1
	MaxBatchSize     = 10000
	DefaultBatchSize = 100

	MaxBatchingWindow       = 300 * time.Second
	MaxParallelization      = 10
	MinRecordAge            = 60 * time.Second
	MaxRecordAge            = 604800 * time.Second
	MaxRetryAttempts        = 10000
	MaxFilters              = 5    // of one mapping (invocation-eventfiltering; Lambda raises it to 10 on request)
	FilterPatternBytes      = 4096 // API_Filter
	MaxTumblingWindow       = 900 * time.Second
	WindowStateBytes        = 1 << 20     // state of one tumbling window (services-kinesis-windows)
	PollInterval            = time.Second // base poll of one shard by the standard iterator
	DefaultFunctionTimeout  = 3 * time.Second
	MaxFunctionTimeout      = 900 * time.Second
	InitTimeout             = 10 * time.Second
	CodeZipBytes            = 50 << 20  // zipped, in a request (gettingstarted-limits)
	CodeUnzippedBytes       = 250 << 20 // with all layers
	DefaultConcurrency      = 1000      // concurrent executions in one region
	ConcurrencyPer10Seconds = 1000      // environments one function may add in ten seconds
	MinMemoryMB             = 128
	MaxMemoryMB             = 10240
)

// CloudWatch (AmazonCloudWatch/latest/APIReference, API_PutMetricData, API_GetMetricData).
const (
	PutMetricDataMaxDatums   = 1000
	PutMetricDataMaxBytes    = 1 << 20
	MetricMaxValues          = 150
	MetricMaxDimensions      = 30
	GetMetricDataMaxQueries  = 500
	GetMetricDataMaxPoints   = 100800
	HighResolutionRetention  = 3 * time.Hour
	MinuteResolutionLifetime = 15 * 24 * time.Hour
)

// CloudWatch Logs and the embedded metric format
// (AmazonCloudWatchLogs/latest/APIReference, API_PutLogEvents,
// API_FilterLogEvents; CloudWatch_Embedded_Metric_Format_Specification).
const (
	PutLogEventsMaxBytes     = 1 << 20 // messages and LogEventOverheadBytes each
	PutLogEventsMaxEvents    = 10000
	PutLogEventsMaxSpan      = 24 * time.Hour
	LogEventOverheadBytes    = 26
	LogEventMaxAge           = 14 * 24 * time.Hour
	LogEventMaxLead          = 2 * time.Hour
	FilterLogEventsMaxEvents = 10000 // of one answer
	FilterLogEventsMaxBytes  = 1 << 20

	EMFMaxBytes       = 1 << 20
	EMFMaxDefinitions = 100 // metrics of one directive
	EMFMaxValues      = 100 // of one metric in one document
)
