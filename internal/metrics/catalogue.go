package metrics

// Groups of the catalogue.
const (
	GroupKinesis  = "kinesis"
	GroupLambda   = "lambda"
	GroupPipeline = "pipeline"
	GroupCost     = "cost"
	GroupK6       = "k6"
)

// Sources of a metric.
const (
	SourceCloudWatch = "CloudWatch" // vended by AWS
	SourceProbe      = "probe"      // the probe's log lines and embedded metric format
	SourceLogs       = "logs"       // the function's REPORT lines
	SourceComputed   = "computed"   // from other metrics of the catalogue
	SourceGenerator  = "generator"  // the k6 process
)

// Metric is one entry of the catalogue.
type Metric struct {
	ID        string // K1…, L1…, E1…, C1…, G1…
	Group     string // one of the Group constants
	Name      string // as its source calls it
	Namespace string // CloudWatch's, or "k6", or "weir" for computed ones
	Statistic string // the one to read first; several are separated by commas
	Unit      string
	Source    string // one of the Source constants
	Series    string // its main series in a record, empty where it is not kept by the second
	Formula   string // how the figure is made of the source's
	Target    string // its objective by default, or "none"
	Why       string // what it tells
	Remedy    string // what to do when it is bad
	// Dimensions name the metric in CloudWatch, nil for the k6 ones.
	Dimensions []string
	Critical   bool // one of those behind the critical targets
}

var (
	byStream   = []string{"StreamName"}
	byFunction = []string{"FunctionName"}
	byMapping  = []string{"EventSourceMappingUUID"}
	byBoth     = []string{"StreamName", "FunctionName"}
)

// Catalogue is every metric weir knows: ten of the stream, eight of the
// function, seven of the pipeline end to end, four of cost, four of the load
// generator. AWS's names, units and meaningful statistics are of
// docs.aws.amazon.com streams/latest/dev/monitoring-with-cloudwatch and
// lambda/latest/dg/monitoring-metrics-types, read 2026-11-22. It is read-only.
var Catalogue = []Metric{
	{
		ID: "K1", Group: GroupKinesis, Name: "GetRecords.IteratorAgeMilliseconds", Namespace: KinesisNamespace,
		Statistic: "Maximum", Unit: "Milliseconds", Source: SourceCloudWatch, Series: IteratorAge, Dimensions: byStream,
		Formula: "age of the last record read, 0 when the reader has caught up", Target: "< 1000", Critical: true,
		Why:    "says how far the consumer is behind the stream; a rising age means records arrive faster than they are processed",
		Remedy: "see whether the function is slow (L1), failing (L2) or throttled (L3); else raise ParallelizationFactor or BatchSize, then add shards",
	},
	{
		ID: "K2", Group: GroupKinesis, Name: "IncomingRecords", Namespace: KinesisNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: IncomingRecords, Dimensions: byStream,
		Formula: "rate = Sum / period; utilisation = rate / (1000 x shards)", Target: "none",
		Why:    "records the stream accepted: the load as the pipeline saw it",
		Remedy: "compare it with what the producers say they sent; near 1000 a second and shard, add shards",
	},
	{
		ID: "K3", Group: GroupKinesis, Name: "IncomingBytes", Namespace: KinesisNamespace,
		Statistic: "Sum", Unit: "Bytes", Source: SourceCloudWatch, Series: IncomingBytes, Dimensions: byStream,
		Formula: "rate = Sum / period; utilisation = rate / (1 MiB x shards)", Target: "none",
		Why:    "with large records the byte limit of a shard is met before the record limit",
		Remedy: "near 1 MiB/s and shard, add shards, or compress or shrink the records",
	},
	{
		ID: "K4", Group: GroupKinesis, Name: "WriteProvisionedThroughputExceeded", Namespace: KinesisNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: WriteThrottled, Dimensions: byStream,
		Formula: "records refused by PutRecord and PutRecords over a shard's write limit", Target: "= 0", Critical: true,
		Why:    "the stream has too few shards for the load, or the partition keys crowd on one of them",
		Remedy: "spread the partition keys, retry only the refused records with back-off, add shards or go on-demand",
	},
	{
		ID: "K5", Group: GroupKinesis, Name: "ReadProvisionedThroughputExceeded", Namespace: KinesisNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: ReadThrottled, Dimensions: byStream,
		Formula: "GetRecords calls refused over a shard's read limit", Target: "= 0", Critical: true,
		Why:    "consumers share 2 MiB/s and five calls a second of a shard; beyond that the function is fed late",
		Remedy: "give a second consumer enhanced fan-out, or let it read less often",
	},
	{
		ID: "K6", Group: GroupKinesis, Name: "PutRecords.ThrottledRecords + PutRecords.FailedRecords", Namespace: KinesisNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: PutThrottledRecs, Dimensions: byStream,
		Formula: "Sum of both", Target: "= 0",
		Why:    "a partial failure of PutRecords is HTTP 200: only these two see it",
		Remedy: "make the producer read FailedRecordCount and put the failed records again; then as for K4",
	},
	{
		ID: "K7", Group: GroupKinesis, Name: "PutRecord.Success, PutRecords.Success", Namespace: KinesisNamespace,
		Statistic: "Average", Unit: "None", Source: SourceCloudWatch, Series: PutSuccess, Dimensions: byStream,
		Formula: "Average x 100 for per cent of calls", Target: "none",
		Why:    "calls that succeeded; a PutRecords call counts when at least one of its records did",
		Remedy: "read the calls' error codes: throttling as for K4, others in the AWS Health Dashboard",
	},
	{
		ID: "K8", Group: GroupKinesis, Name: "PutRecords.Latency, PutRecord.Latency", Namespace: KinesisNamespace,
		Statistic: "Average, Maximum", Unit: "Milliseconds", Source: SourceCloudWatch, Series: PutLatencyAvg, Dimensions: byStream,
		Formula: "time of the call inside the service", Target: "none",
		Why:    "the difference from the generator's own figure is network and queueing",
		Remedy: "when only the generator's figure is high, look at the network and its connections; when this one is, at the call's size",
	},
	{
		ID: "K9", Group: GroupKinesis, Name: "GetRecords.Latency", Namespace: KinesisNamespace,
		Statistic: "Average, Maximum", Unit: "Milliseconds", Source: SourceCloudWatch, Series: GetLatencyAvg, Dimensions: byStream,
		Formula: "time of the call inside the service", Target: "none",
		Why:    "slow reads delay every record behind them",
		Remedy: "compare with K10: large reads take longer; enhanced fan-out pushes records instead",
	},
	{
		ID: "K10", Group: GroupKinesis, Name: "GetRecords.Records", Namespace: KinesisNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: GetRecordsCount, Dimensions: byStream,
		Formula: "records handed out to all consumers, repeated reads included", Target: "none",
		Why:    "what left the stream; at shard level its name is OutgoingRecords",
		Remedy: "far above K2, count the consumers and the function's retries; below it, the reader is behind (K1)",
	},
	{
		ID: "L1", Group: GroupLambda, Name: "Duration", Namespace: LambdaNamespace,
		Statistic: "Maximum, p50, p95, p99, Average", Unit: "Milliseconds", Source: SourceCloudWatch, Series: DurationMax, Dimensions: byFunction,
		Formula: "share = Maximum / timeout; the cold start is not part of it", Target: "< 50 % of the timeout", Critical: true,
		Why:    "a function near its timeout turns a slow moment into failed batches",
		Remedy: "profile the slowest batches; lower BatchSize, raise the memory (and with it the CPU), or raise the timeout",
	},
	{
		ID: "L2", Group: GroupLambda, Name: "Errors", Namespace: LambdaNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: Errors, Dimensions: byFunction,
		Formula: "rate = Errors / Invocations", Target: "< 0.1 %", Critical: true,
		Why:    "a failed batch blocks its shard until it succeeds or expires; partial failures the function reports are not errors",
		Remedy: "read the function's log; set ReportBatchItemFailures, BisectBatchOnFunctionError, a retry limit and an on-failure destination",
	},
	{
		ID: "L3", Group: GroupLambda, Name: "Throttles", Namespace: LambdaNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: Throttles, Dimensions: byFunction,
		Formula: "invocations refused for want of concurrency", Target: "= 0", Critical: true,
		Why:    "in neither Invocations nor Errors; the mapping retries them and the iterator age grows",
		Remedy: "reserve concurrency of shards x ParallelizationFactor for the function, or have the account's limit raised",
	},
	{
		ID: "L4", Group: GroupLambda, Name: "Invocations", Namespace: LambdaNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: Invocations, Dimensions: byFunction,
		Formula: "invocations with errors included, throttled ones not", Target: "none",
		Why:    "what is billed; the divisor of the error rate",
		Remedy: "zero under load means that the mapping is disabled or cannot invoke: look at its State and LastProcessingResult",
	},
	{
		ID: "L5", Group: GroupLambda, Name: "ConcurrentExecutions", Namespace: LambdaNamespace,
		Statistic: "Maximum", Unit: "Count", Source: SourceCloudWatch, Series: Concurrent, Dimensions: byFunction,
		Formula: "against shards x ParallelizationFactor and the account's limit", Target: "none",
		Why:    "at its ceiling, only more shards or a higher parallelization factor help",
		Remedy: "at shards x ParallelizationFactor, raise one of them; at the account's limit, have that raised",
	},
	{
		ID: "L6", Group: GroupLambda, Name: "IteratorAge", Namespace: LambdaNamespace,
		Statistic: "Maximum, Average", Unit: "Milliseconds", Source: SourceCloudWatch, Series: LambdaAgeMax, Dimensions: byFunction,
		Formula: "age of the last record of the event when it was sent to the function", Target: "none",
		Why:    "a record's true wait; sits near one poll interval plus the batching window even in health",
		Remedy: "above its floor, lower MaximumBatchingWindowInSeconds, or treat it as K1",
	},
	{
		ID: "L7", Group: GroupLambda, Name: "Init Duration", Namespace: "REPORT line",
		Statistic: "p95; count / Invocations", Unit: "Milliseconds", Source: SourceLogs, Series: InitMax, Dimensions: byFunction,
		Formula: "cold-start rate = lines with Init Duration / Invocations", Target: "none",
		Why:    "cold starts are outside Duration and show only here",
		Remedy: "make the package and its initialisation smaller, or provision concurrency",
	},
	{
		ID: "L8", Group: GroupLambda, Name: "Max Memory Used", Namespace: "REPORT line",
		Statistic: "Maximum", Unit: "Megabytes", Source: SourceLogs, Series: MaxMemoryUsed, Dimensions: byFunction,
		Formula: "share = Max Memory Used / Memory Size", Target: "none",
		Why:    "a function at its memory limit is killed, and its batch retried",
		Remedy: "raise MemorySize, or take smaller batches",
	},
	{
		ID: "E1", Group: GroupPipeline, Name: "RecordProcessingLatency", Namespace: ProbeNamespace,
		Statistic: "p99, p95, Maximum", Unit: "Milliseconds", Source: SourceProbe, Series: E2EP99, Dimensions: byBoth,
		Formula: "end of the invocation minus due; from arrival in the stream beside it", Target: "p99 < 2000", Critical: true,
		Why:    "what a user of the pipeline waits; counted from due, so a stalled sender cannot hide it",
		Remedy: "compare with L6 and L1 to see whether records wait before the function or in it, and treat that one",
	},
	{
		ID: "E2", Group: GroupPipeline, Name: "Throughput match", Namespace: "weir",
		Statistic: "Sum / Sum", Unit: "None", Source: SourceComputed, Series: Polled, Dimensions: []string{"EventSourceMappingUUID", "StreamName"},
		Formula: "PolledEventCount / IncomingRecords over the run and its drain", Target: "= 1 within 0.1 %", Critical: true,
		Why:    "the mapping read what the stream took; above 1 where counts repeat",
		Remedy: "below 1 after the drain, look at K1 and the mapping's State; above 1, look at E6 for duplicates",
	},
	{
		ID: "E3", Group: GroupPipeline, Name: "Backlog", Namespace: "weir",
		Statistic: "Maximum", Unit: "Count", Source: SourceComputed, Series: Backlog, Dimensions: byBoth,
		Formula: "records accepted so far minus those processed, filtered or given up so far", Target: "does not grow within a step",
		Why:    "a rate is sustained only if the backlog does not grow under it",
		Remedy: "lower the rate, or add what is used up: the report of the run names it",
	},
	{
		ID: "E4", Group: GroupPipeline, Name: "Effective batch size", Namespace: "weir",
		Statistic: "Average", Unit: "Count", Source: SourceComputed, Series: BatchMean, Dimensions: []string{"EventSourceMappingUUID", "FunctionName"},
		Formula: "InvokedEventCount / Invocations; fill = that / BatchSize", Target: "none",
		Why:    "small batches pay for many invocations, full ones say the mapping is working through a backlog",
		Remedy: "for full batches raise MaximumBatchingWindowInSeconds; for less delay lower BatchSize",
	},
	{
		ID: "E5", Group: GroupPipeline, Name: "FailedInvokeEventCount, DroppedEventCount, OnFailureDestinationDeliveredEventCount", Namespace: LambdaNamespace,
		Statistic: "Sum", Unit: "Count", Source: SourceCloudWatch, Series: Dropped, Dimensions: byMapping,
		Formula: "Sum of each", Target: "DroppedEventCount = 0",
		Why:    "records the mapping gave up on, and where they went",
		Remedy: "read the on-failure destination; where there is none, set one before the next test",
	},
	{
		ID: "E6", Group: GroupPipeline, Name: "Loss and duplicates", Namespace: "weir",
		Statistic: "Sum", Unit: "Count", Source: SourceComputed, Series: Processed, Dimensions: byBoth,
		Formula: "lost = accepted - distinct records seen; duplicates = seen - distinct", Target: "lost = 0",
		Why:    "the ledger: delivery is at least once, so a duplicate is no failure and a lost record is one",
		Remedy: "take the names of lost records from the ledger and look for them in the function's log; make the function idempotent for duplicates",
	},
	{
		ID: "E7", Group: GroupPipeline, Name: "Drain time", Namespace: "weir",
		Statistic: "Maximum", Unit: "Seconds", Source: SourceComputed, Series: Backlog, Dimensions: byBoth,
		Formula: "end of the load to the first period with backlog 0 and the ages under target", Target: "none",
		Why:    "how long the pipeline takes to recover from what it was behind",
		Remedy: "provide more capacity than the steady rate needs: what is left over is what drains a backlog",
	},
	{
		ID: "C1", Group: GroupCost, Name: "Kinesis cost", Namespace: "weir",
		Statistic: "Sum", Unit: "USD", Source: SourceComputed, Dimensions: byStream,
		Formula: "shard-hours and 25 KB payload units (provisioned) or stream-hours and GB (on-demand)", Target: "none",
		Why:    "what the stream costs at this load",
		Remedy: "compare provisioned with on-demand at the measured rate; records just above a multiple of 25 KB pay for another unit",
	},
	{
		ID: "C2", Group: GroupCost, Name: "Lambda cost", Namespace: "weir",
		Statistic: "Sum", Unit: "USD", Source: SourceComputed, Dimensions: byFunction,
		Formula: "requests and GB-seconds of billed time, init included", Target: "none",
		Why:    "what the function costs at this load and batch size",
		Remedy: "fill the batches (E4), choose arm64, and try other memory sizes: more memory may cost less",
	},
	{
		ID: "C3", Group: GroupCost, Name: "Cost per million records", Namespace: "weir",
		Statistic: "Sum / Sum", Unit: "USD", Source: SourceComputed, Dimensions: byBoth,
		Formula: "(C1 + C2 + C4) / records x 1 000 000", Target: "none",
		Why:    "the figure to compare designs by",
		Remedy: "look for the largest of its parts, and treat that one",
	},
	{
		ID: "C4", Group: GroupCost, Name: "Observability cost", Namespace: "weir",
		Statistic: "Sum", Unit: "USD", Source: SourceComputed, Dimensions: byBoth,
		Formula: "custom metrics, GetMetricData, log ingestion, dashboards, alarms", Target: "none",
		Why:    "what watching the pipeline costs; log lines per invocation can exceed the function's price",
		Remedy: "log less per invocation, shorten retention, and drop metrics that nobody reads",
	},
	{
		ID: "G1", Group: GroupK6, Name: "kinesis_records_accepted", Namespace: "k6",
		Statistic: "Sum", Unit: "Count", Source: SourceGenerator, Series: Accepted,
		Formula: "records acknowledged by the stream, per second", Target: ">= 99.9 % of offered",
		Why:    "records, not calls: http_reqs counts calls",
		Remedy: "under what was offered, look at G3 for refusals and at G4 for the generator itself",
	},
	{
		ID: "G2", Group: GroupK6, Name: "kinesis_put_duration", Namespace: "k6",
		Statistic: "p95, p99", Unit: "Milliseconds", Source: SourceGenerator, Series: PutP99,
		Formula: "start of the call to its answer", Target: "none",
		Why:    "how long a producer waits for the stream",
		Remedy: "compare with K8: what is above it is the network's or the generator's own",
	},
	{
		ID: "G3", Group: GroupK6, Name: "kinesis_records_rejected", Namespace: "k6",
		Statistic: "Sum", Unit: "Count", Source: SourceGenerator, Series: Rejected,
		Formula: "records refused, by cause; rate = rejected / offered", Target: "= 0",
		Why:    "http_req_failed alone reads 0 when PutRecords fails in part, because that is HTTP 200",
		Remedy: "by cause: throttling as for K4, other refusals in the log of the generator",
	},
	{
		ID: "G4", Group: GroupK6, Name: "dropped_iterations, kinesis_lateness", Namespace: "k6",
		Statistic: "Sum; p99", Unit: "Count; Milliseconds", Source: SourceGenerator, Series: NotSent,
		Formula: "records not sent, and how late calls started after their due time", Target: "not sent <= 0.1 % of offered, lateness p99 <= 100 ms",
		Why:    "a generator that falls behind measures itself: its step is judged unknown",
		Remedy: "give the generator more CPU or VUs, or spread the load over several machines",
	},
}
