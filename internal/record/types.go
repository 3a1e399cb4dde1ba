// Package record is the run directory: the record of what happened in one
// execution of a test. Everything after the load (verdicts, reports,
// comparisons) reads only this. It holds what is written to disk and nothing
// else; it never holds credentials.
//
//	run.json         Run: what was asked, what was found, how it ended
//	series.ndjson    Point a line: one second on the time axis
//	steps.json       StepResult per step: counters and histograms
//	ledger.json      ledger.Report
//	verdict.json, report.html, report.md, junit.xml   made from the above, again at any time
//	k6.log           what the k6 child said
//
// run.json, steps.json and ledger.json are replaced whole and atomically;
// series.ndjson only grows. A run killed at any instant can still be read: its
// status stays "running", which a reader takes for cut short.
package record

import (
	"time"

	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/stats"
)

// Format is the version of the run directory's layout.
const Format = 1

// Status says how a run ended.
type Status string

// Statuses of a run.
const (
	Running     Status = "running"     // under way, or cut short by kill -9 or a power cut
	Complete    Status = "complete"    // load, drain and account were finished
	Interrupted Status = "interrupted" // Ctrl-C: what there was is kept
	Failed      Status = "failed"      // weir could not go on: see Reason
)

// Run is run.json.
type Run struct {
	Format  int       `json:"format"`
	ID      string    `json:"id"`   // the directory's name
	Test    plan.Test `json:"test"` // as it was carried out, defaults filled in
	Status  Status    `json:"status"`
	Reason  string    `json:"reason,omitzero"` // why it failed or was cut short
	Started time.Time `json:"started"`
	// LoadStart is the instant that the schedule's offsets count from.
	LoadStart time.Time `json:"load_start,omitzero"`
	LoadEnd   time.Time `json:"load_end,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	PID       int       `json:"pid"`
	RunToken  uint32    `json:"run_token"` // the run's 24 bits in ledger tokens
	Version   string    `json:"version"`
	Command   []string  `json:"command"`
	Pipeline  Pipeline  `json:"pipeline"`
	Host      Host      `json:"host"`
	Steps     []Step    `json:"steps"`
	// Notes are said beside the verdicts: what was estimated, left out or unusual.
	Notes []string `json:"notes,omitzero"`
	// Faults were ordered for the run (--fault), as they were written.
	Faults []string `json:"faults,omitzero"`
	// Sizes are the records sent by size of their data in bytes, exact up to
	// 4 096 bytes and rounded up by at most 1/32 above, in rising order.
	Sizes []Size `json:"sizes,omitzero"`
	// K6Exceptions counts iterations that threw; K6Exit is the child's exit code.
	K6Exceptions int64 `json:"k6_exceptions"`
	K6Exit       int   `json:"k6_exit"`
	// TimeScale below 1 shortened the steps: a rehearsal. 0 is 1.
	TimeScale float64 `json:"time_scale,omitzero"`
	// Encodings are how calls were written where that was left to the generator,
	// and why; of a test asked for in one there are none.
	Encodings []Encoding `json:"encodings,omitzero"`
	// Thresholds are the script's as evaluated by weir (--bounded); k6's own
	// evaluation is in K6Exit alone.
	Thresholds []Threshold `json:"thresholds,omitzero"`
	// Watched says that the load was somebody else's: Steps has the one window
	// that was looked at, and there is no account.
	Watched bool     `json:"watched,omitzero"`
	Reading Reading  `json:"reading,omitzero"`
	Reports *Reports `json:"reports,omitempty"` // nil: no REPORT line was read
	Clock   *Clock   `json:"clock,omitempty"`   // nil: not measured; of an embedded pipeline there is one clock
	// Runners are those that made the load together; none where one did.
	Runners []Runner `json:"runners,omitzero"`
}

// Encoding is how calls were written, and why.
type Encoding struct {
	Chosen string `json:"chosen"` // json or cbor
	Reason string `json:"reason"`
}

// Threshold is the outcome of one of a script's thresholds.
type Threshold struct {
	Metric string  `json:"metric"`
	Source string  `json:"source"` // the expression
	Value  float64 `json:"value"`
	Passed bool    `json:"passed"`
	Reason string  `json:"reason,omitzero"` // why there is no value: it is unknown
}

// Size counts the records of one size.
type Size struct {
	Bytes   int   `json:"bytes"`
	Records int64 `json:"records"`
}

// Simulated is the Kind of a Pipeline that there was none of: the run happened
// in virtual time, and nothing in it was measured.
const Simulated = "simulated"

// Pipeline is the thing under test as it was found, not as it was asked for.
type Pipeline struct {
	Kind     string `json:"kind"`             // "embedded", "aws" or Simulated
	Profile  string `json:"profile,omitzero"` // of the embedded pipeline: "aws" or "instant"
	Region   string `json:"region"`
	Endpoint string `json:"endpoint,omitzero"`
	// Resolution of the vended metrics in this record, seconds.
	ResolutionS int `json:"resolution_s"`

	Stream         string `json:"stream"`
	StreamMode     string `json:"stream_mode"` // PROVISIONED, ON_DEMAND
	Shards         int    `json:"shards"`      // open ones
	RetentionHours int    `json:"retention_hours"`
	// ShardLimitFactor multiplies AWS's limits of a shard in the embedded
	// pipeline; 0 is 1.
	ShardLimitFactor float64 `json:"shard_limit_factor,omitzero"`
	MaxRecordBytes   int     `json:"max_record_bytes"`
	// ShardMetrics are the shard-level metrics that are switched on (enhanced
	// monitoring).
	ShardMetrics []string `json:"shard_metrics,omitempty"`

	Function         string        `json:"function,omitzero"`
	FunctionTimeout  time.Duration `json:"function_timeout_ns,omitzero"`
	FunctionMemoryMB int           `json:"function_memory_mb,omitzero"`
	FunctionRuntime  string        `json:"function_runtime,omitzero"`
	Concurrency      int           `json:"reserved_concurrency,omitzero"` // 0: none reserved

	Mapping           string        `json:"mapping,omitzero"` // its UUID
	BatchSize         int           `json:"batch_size,omitzero"`
	BatchingWindow    time.Duration `json:"batching_window_ns,omitzero"`
	Parallelization   int           `json:"parallelization_factor,omitzero"`
	RetryAttempts     int           `json:"maximum_retry_attempts,omitzero"` // -1: until the record expires
	Bisect            bool          `json:"bisect_batch_on_function_error,omitzero"`
	MaxRecordAge      time.Duration `json:"maximum_record_age_ns,omitzero"`  // 0: until the record expires
	OnFailure         string        `json:"on_failure_destination,omitzero"` // ARN
	MappingEventCount bool          `json:"mapping_event_count"`             // EventCount metrics are on
	Probe             bool          `json:"probe"`                           // ledger lines were seen
}

// Host is the machine that made the load.
type Host struct {
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	CPUs      int    `json:"cpus"`
	GoVersion string `json:"go_version"`
	Hostname  string `json:"hostname,omitzero"`
}

// Step is one step as carried out.
type Step struct {
	Index  int       `json:"index"`
	Rate   float64   `json:"rate"`            // records per second; the mean with Shape
	Shape  string    `json:"shape,omitempty"` // how the rate moved, as the user wrote it; empty: not at all
	Judged bool      `json:"judged"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	First  uint64    `json:"first_slot"` // half-open range of slots
	EndEx  uint64    `json:"end_slot"`
	// Warmup at the step's beginning is left out of its judged window at least;
	// judging may find that the pipeline took longer to settle.
	Warmup time.Duration `json:"warmup_ns"`
}

// StepResult is what one step's records met, by histogram.
type StepResult struct {
	Index int `json:"index"`
	// Latencies of processed records by the end of their invocation.
	FromDue    *stats.Histogram `json:"e2e_from_due"`
	FromSent   *stats.Histogram `json:"e2e_from_sent"`
	FromArrive *stats.Histogram `json:"e2e_from_arrival"`
	// Put is the duration of calls, PutFromDue of records from due to the answer.
	Put        *stats.Histogram `json:"put"`
	PutFromDue *stats.Histogram `json:"put_from_due"`
	// Lateness is start of the call minus the due time of its last record.
	Lateness *stats.Histogram `json:"lateness"`
	// Shards are the records put to each shard, by its name; Keys are those put
	// under the most used partition keys, nil where none came again.
	Shards map[string]ShardLoad `json:"shards,omitempty"`
	Keys   stats.Frequent       `json:"keys,omitempty"`
}

// ShardLoad is what one shard did with the records put to it.
type ShardLoad struct {
	Accepted  int64 `json:"accepted"`
	Throttled int64 `json:"throttled,omitzero"`
}

// Put is how many records were put to the shard.
func (l ShardLoad) Put() int64 { return l.Accepted + l.Throttled }

// Point is one second (or, for series of a coarser resolution, the start of
// one period) on the time axis. A series without a value at a moment has no
// key there: missing is not zero.
type Point struct {
	T int64              `json:"t"` // Unix seconds, start of the second
	V map[string]float64 `json:"v"` // by series name: see package metrics
	// N are the series whose values are names, such as that of the hottest shard.
	N map[string]string `json:"n,omitzero"`
}

// Data is a run read back.
type Data struct {
	Dir    string
	Run    Run
	Series []Point // by time, one per second, points of one second merged
	Steps  []StepResult
	Ledger ledger.Report
}
