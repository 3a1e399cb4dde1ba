package capacity

import (
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/wire"
	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/record"
)

// Scenario is a test on a pipeline, to be carried out in virtual time.
type Scenario struct {
	Test plan.Test // steps, puts and seed; payload and keys are in Records
	// Pipeline is the stream, the function and the mapping. Its names are labels.
	Pipeline  record.Pipeline
	Timing    Timing
	Records   Records
	Bisect    bool // BisectBatchOnFunctionError
	OnFailure bool // batches that are given up go to a destination
	Faults    []fault.Fault
	Start     time.Time     // of the load, in virtual time
	Drain     time.Duration // how long after the load the pipeline may go on at most
	// Producer begins what the producer remembers of all calls, and what it returns
	// a Turn for some records. nil: no record is put twice.
	Producer func() (begin func() Turn)
	// Poisson lets records come at random, as those of many independent senders
	// do, in place of evenly. It costs an event a record.
	Poisson bool
	// CallByCall keeps calls from being put together in stretches where they are
	// many: a Producer that counts those that fail needs it.
	CallByCall bool
}

// NoAnswer is the cause of a failed call that was not answered.
const NoAnswer = ""

// Turn is asked at the end of each call for some records: whether those that it
// failed to put are put again, and after which pause.
type Turn func(CallEnd) (pause time.Duration, again bool)

// CallEnd is the end of a put call as its producer sees it.
type CallEnd struct {
	Cause   string        // of the failure, or of its refused records: an AWS error code or NoAnswer
	Status  int           // the answer's HTTP status; 0 without one
	OK      bool          // answered with success
	Refused bool          // and some of its records were refused, as over their shard's limit
	Calls   int           // made for these records, this one included
	Since   time.Duration // the first of them was sent
	Random  float64       // in [0, 1)
}

// Timing is how long the pipeline's parts take.
type Timing struct {
	Put       wire.Latency `json:"put"`        // of a put call
	Get       wire.Latency `json:"get"`        // of a read
	Invoke    wire.Latency `json:"invoke"`     // hand-over of a batch
	ColdStart wire.Latency `json:"cold_start"` // init of an environment

	PollInterval    time.Duration `json:"poll_interval_ns"`
	ErrorBackoff    time.Duration `json:"error_backoff_ns"`
	ThrottleBackoff time.Duration `json:"throttle_backoff_ns"`
	MaxBackoff      time.Duration `json:"max_backoff_ns"` // 0: lambda.DefaultMaxBackoff

	PerBatch  time.Duration `json:"per_batch_ns"` // of an invocation, cold start aside
	PerRecord time.Duration `json:"per_record_ns"`
	ErrorRate float64       `json:"error_rate"` // share of invocations that fail, at their end
	// Exponential makes an invocation's time vary: exponentially distributed, with
	// the mean that PerBatch and PerRecord give.
	Exponential bool `json:"exponential,omitzero"`
}

// Records says what the records are and which keys they have.
type Records struct {
	Bytes      int // data, the mean
	KeyBytes   int
	EventBytes int // of one record in an invocation's event
	// Key is the partition key of a slot's record, and its explicit hash key or "".
	// nil: keys that fall evenly on the hash keys, and never twice.
	Key func(slot uint64) (partition, hash string)
	// Repeat says that the keys of some slots stand for all: in a test of many
	// records they give the shares by which these are dealt.
	Repeat bool
}

// Outcome is what a simulation leaves for a run's record.
type Outcome struct {
	LoadEnd, Ended time.Time
	Steps          []record.Step
	Results        []record.StepResult
	Ledger         ledger.Report
	Notes          []string
	Events         int64 // that virtual time was driven by
}
