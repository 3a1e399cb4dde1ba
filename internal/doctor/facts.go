// Package doctor says what will bite a Kinesis + Lambda pipeline, and the
// account it is tested from, before any load: from the configuration as found
// to findings with their remedy. It is pure; package inspect reads the account.
package doctor

import (
	"time"

	"weir/internal/quota"
)

// Facts are what was found of a pipeline. What could not be read is in
// Unreadable, and its part is nil: no finding is made about it.
type Facts struct {
	Pipeline string `json:"pipeline"` // "embedded" or "aws"
	Account  string `json:"account"`
	Caller   string `json:"caller"` // ARN
	Region   string `json:"region"`
	Endpoint string `json:"endpoint,omitempty"` // empty: AWS's own

	// ClockAhead is how far this machine's clock is ahead of AWS's, to about a
	// second; nil: not known.
	ClockAhead *time.Duration `json:"clock_ahead_ns,omitempty"`
	Network    Network        `json:"network"`

	Stream   *Stream   `json:"stream,omitempty"`
	Function *Function `json:"function,omitempty"`
	Mapping  *Mapping  `json:"mapping,omitempty"`
	Log      *Log      `json:"log,omitempty"`
	Quotas   Quotas    `json:"quotas"`

	Permissions []Permission `json:"permissions"`
	Unreadable  []Unreadable `json:"unreadable,omitempty"`

	Load Load `json:"load"`
}

// Load is what the pipeline is to carry, as far as the user says.
type Load struct {
	Rate        float64 `json:"rate,omitempty"` // records per second; 0: not said
	RecordBytes int     `json:"record_bytes"`
	// HotShare is the share of the records that the most frequent partition key
	// has; 0: keys are spread evenly.
	HotShare float64 `json:"hot_share,omitempty"`
	// PerBatch and PerRecord are the time of an invocation, hand-over included.
	PerBatch  time.Duration `json:"per_batch_ns"`
	PerRecord time.Duration `json:"per_record_ns"`
	// Measured: PerBatch is CloudWatch's average. Given: the user says both.
	// Neither: they are assumed.
	Measured bool `json:"measured"`
	Given    bool `json:"given"`
}

// Stream is the stream as DescribeStreamSummary has it.
type Stream struct {
	Name           string   `json:"name"`
	Status         string   `json:"status"`
	OnDemand       bool     `json:"on_demand"`
	Shards         int      `json:"shards"` // open
	RetentionHours int      `json:"retention_hours"`
	MaxRecordBytes int      `json:"max_record_bytes"`
	Encryption     string   `json:"encryption"`    // NONE or KMS
	Key            string   `json:"key,omitempty"` // of KMS
	ShardMetrics   []string `json:"shard_metrics"` // enhanced monitoring; empty: off
	Readers        int      `json:"readers"`       // mappings that poll it, this one included
	FanOut         int      `json:"fan_out"`       // registered consumers
	// Overdue is for how long the stream should have been gone: it is of weir
	// env's, and its time to live is over; 0: it isn't.
	Overdue time.Duration `json:"overdue_ns,omitempty"`
}

// Function is the function as GetFunctionConfiguration has it.
type Function struct {
	Name         string        `json:"name"`
	State        string        `json:"state"`
	Timeout      time.Duration `json:"timeout_ns"`
	MemoryMB     int           `json:"memory_mb"`
	Reserved     *int          `json:"reserved_concurrency,omitempty"`
	Architecture string        `json:"architecture"`
	Runtime      string        `json:"runtime"`
	InVPC        bool          `json:"in_vpc"`
	ProbeLanes   bool          `json:"probe_lanes"` // WEIR_PROBE_LANES=1
	// LongestRun is CloudWatch's Maximum of Duration of the last three hours; 0:
	// no invocation.
	LongestRun time.Duration `json:"longest_run_ns,omitempty"`
}

// Mapping is the event source mapping from the stream to the function.
type Mapping struct {
	UUID             string        `json:"uuid"`
	State            string        `json:"state"`
	LastResult       string        `json:"last_result"`
	BatchSize        int           `json:"batch_size"`
	Window           time.Duration `json:"window_ns"`
	Parallelization  int           `json:"parallelization"`
	RetryAttempts    int           `json:"retry_attempts"` // -1: until the record expires
	MaxRecordAge     time.Duration `json:"max_record_age_ns"`
	Bisect           bool          `json:"bisect"`
	ReportsFailures  bool          `json:"reports_item_failures"`
	OnFailure        string        `json:"on_failure,omitempty"` // ARN
	StartingPosition string        `json:"starting_position"`
	Filters          int           `json:"filters"`
	EventCount       bool          `json:"event_count"`
	Tumbling         time.Duration `json:"tumbling_window_ns,omitempty"`
	FanOut           bool          `json:"fan_out"`
}

// Log is the function's log group.
type Log struct {
	Exists        bool `json:"exists"`
	RetentionDays int  `json:"retention_days"` // 0: kept for ever
	Lines         bool `json:"lines"`          // there are log lines of the last hours
	Probe         bool `json:"probe"`          // among them lines of weir's probe
}

// Quotas are the account's limits in the region; 0: not known.
type Quotas struct {
	Shards          int `json:"shards"`
	OpenShards      int `json:"open_shards"`
	OnDemandStreams int `json:"on_demand_streams"`
	OnDemandLimit   int `json:"on_demand_limit"`
	Concurrency     int `json:"concurrency"`
	Unreserved      int `json:"unreserved_concurrency"`
}

// Network is the way of this machine's put calls.
type Network string

// Ways to the stream's endpoint.
const (
	NetworkUnknown  Network = "unknown"
	NetworkLoopback Network = "loopback"
	NetworkPrivate  Network = "VPC endpoint"    // the endpoint's name has a private address
	NetworkPublic   Network = "public endpoint" // the internet, or NAT from a private subnet
)

// Unreadable is a part that could not be read.
type Unreadable struct {
	Part  string `json:"part"`
	Error string `json:"error"`
	// Missing says that AWS answered that there is no such thing.
	Missing bool `json:"missing"`
}

// lanes are the batches that the mapping hands over at once.
func (f *Facts) lanes() int { return f.Stream.Shards * max(f.Mapping.Parallelization, 1) }

// AssumedPerBatch and AssumedPerRecord stand for an invocation's time where
// nothing is known: those of the embedded pipeline's function.
const (
	AssumedPerBatch  = 5 * time.Millisecond
	AssumedPerRecord = 10 * time.Microsecond
)

// eventRecordBytes is what a record adds to the event besides its data: JSON
// with a short key and ARNs, 543 B of a Kinesis event as measured 2026-11-22.
const eventRecordBytes = 543

// eventBytes is a record's size in the JSON event: data in base64, and its
// place.
func eventBytes(record int) int { return (record+2)/3*4 + eventRecordBytes }

// recordsPerEvent is how many records of that size one invocation can be given.
func recordsPerEvent(record int) int { return quota.InvocationPayloadBytes / eventBytes(record) }
