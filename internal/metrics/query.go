package metrics

import (
	"fmt"
	"slices"
)

// Dimensions a query's metric hangs on.
const (
	ByStream         = "StreamName"
	ByFunction       = "FunctionName"
	ByMapping        = "EventSourceMappingUUID"
	ByStreamFunction = "StreamName,FunctionName"
	ByShard          = "StreamName,ShardId"
)

// Namespaces of the metrics.
const (
	KinesisNamespace = "AWS/Kinesis"
	LambdaNamespace  = "AWS/Lambda"
	ProbeNamespace   = "KinesisLoadTest" // of the probe's embedded metric format lines
)

// Query is one series to ask CloudWatch for, by exact name.
type Query struct {
	ID        string // of GetMetricData: ^[a-z][A-Za-z0-9_]*$
	Series    string // name in the record
	Namespace string
	Name      string
	Statistic string
	Dimension string // one of the By constants
	Shard     string // with ByShard
	// Counter says that a missing point may be zero; a missing age, latency or
	// ratio is unknown.
	Counter bool
}

// Queries are what to ask CloudWatch for, one for every AWS series of a
// record. The IDs are the series' names.
func Queries() []Query {
	var all []Query
	add := func(namespace, dimension, name, statistic, series string) {
		all = append(all, Query{
			ID: series, Series: series, Namespace: namespace, Name: name,
			Statistic: statistic, Dimension: dimension, Counter: statistic == "Sum",
		})
	}
	kinesis := func(name, statistic, series string) { add(KinesisNamespace, ByStream, name, statistic, series) }
	kinesis("IncomingRecords", "Sum", IncomingRecords)
	kinesis("IncomingBytes", "Sum", IncomingBytes)
	kinesis("GetRecords.IteratorAgeMilliseconds", "Maximum", IteratorAge)
	kinesis("WriteProvisionedThroughputExceeded", "Sum", WriteThrottled)
	kinesis("ReadProvisionedThroughputExceeded", "Sum", ReadThrottled)
	kinesis("PutRecords.ThrottledRecords", "Sum", PutThrottledRecs)
	kinesis("PutRecords.FailedRecords", "Sum", PutFailedRecs)
	kinesis("PutRecords.Success", "Average", PutSuccess)
	kinesis("PutRecords.Latency", "Average", PutLatencyAvg)
	kinesis("PutRecords.Latency", "Maximum", PutLatencyMax)
	kinesis("PutRecords.Latency", "SampleCount", PutCalls)
	kinesis("PutRecord.Success", "Average", PutOneSuccess)
	kinesis("PutRecord.Latency", "Average", PutOneLatencyAvg)
	kinesis("PutRecord.Latency", "Maximum", PutOneLatencyMax)
	kinesis("PutRecord.Latency", "SampleCount", PutOneCalls)
	kinesis("GetRecords.Latency", "Average", GetLatencyAvg)
	kinesis("GetRecords.Latency", "Maximum", GetLatencyMax)
	kinesis("GetRecords.Latency", "SampleCount", GetCalls)
	kinesis("GetRecords.Records", "Sum", GetRecordsCount)

	lambda := func(name, statistic, series string) { add(LambdaNamespace, ByFunction, name, statistic, series) }
	lambda("Invocations", "Sum", Invocations)
	lambda("Errors", "Sum", Errors)
	lambda("Throttles", "Sum", Throttles)
	lambda("Duration", "Maximum", DurationMax)
	lambda("Duration", "Average", DurationAvg)
	lambda("Duration", "p50", DurationP50)
	lambda("Duration", "p95", DurationP95)
	lambda("Duration", "p99", DurationP99)
	lambda("ConcurrentExecutions", "Maximum", Concurrent)
	lambda("IteratorAge", "Maximum", LambdaAgeMax)
	lambda("IteratorAge", "Average", LambdaAgeAvg)

	mapping := func(name, series string) { add(LambdaNamespace, ByMapping, name, "Sum", series) }
	mapping("PolledEventCount", Polled)
	mapping("InvokedEventCount", Invoked)
	mapping("FilteredOutEventCount", FilteredOut)
	mapping("FailedInvokeEventCount", FailedInvoke)
	mapping("DroppedEventCount", Dropped)
	mapping("OnFailureDestinationDeliveredEventCount", DeadLettered)

	add(ProbeNamespace, ByStreamFunction, "RecordProcessingLatency", "p99", RecordLatencyP99)
	add(ProbeNamespace, ByStreamFunction, "RecordProcessingLatency", "Maximum", RecordLatencyMax)
	add(ProbeNamespace, ByStreamFunction, "RecordsReceived", "Sum", ProbeReceived)
	return all
}

// shardSeries are the shard-level metrics that are asked for where enhanced
// monitoring sends them, with what their series begin with.
var shardSeries = []struct{ name, statistic, prefix string }{
	{"IncomingRecords", "Sum", ShardIncoming},
	{"WriteProvisionedThroughputExceeded", "Sum", ShardThrottled},
	{"IteratorAgeMilliseconds", "Maximum", ShardAge},
}

// ShardQueries are what to ask for of single shards: those metrics of enabled
// that a hot shard shows in.
func ShardQueries(shards, enabled []string) []Query {
	var all []Query
	for _, m := range shardSeries {
		if !slices.Contains(enabled, m.name) {
			continue
		}
		for i, shard := range shards {
			all = append(all, Query{
				ID: fmt.Sprintf("%s_%d", m.prefix, i), Series: m.prefix + shard,
				Namespace: KinesisNamespace, Name: m.name, Statistic: m.statistic,
				Dimension: ByShard, Shard: shard, Counter: m.statistic == "Sum",
			})
		}
	}
	return all
}
