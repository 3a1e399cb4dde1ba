// Package frame is what the load generator reports of itself each second: the
// one thing that passes from the k6 child to its parent.
package frame

import (
	"math/bits"
	"time"

	"weir/internal/ledger"
	"weir/internal/stats"
)

// Frame is the report of one interval, about a second, or the last one.
type Frame struct {
	T time.Time `json:"t"` // end of the interval
	// Started is when the schedule's clock started; zero before that, and in a
	// script that brings its own schedule.
	Started time.Time `json:"started,omitzero"`
	Final   bool      `json:"final,omitzero"`
	// OfferedTo is the number of slots due so far.
	OfferedTo uint64      `json:"offered_to"`
	InFlight  int         `json:"in_flight"` // calls under way
	Steps     []StepFrame `json:"steps,omitzero"`
	Foreign   []Foreign   `json:"foreign,omitzero"`
	Health    Health      `json:"health"`
	// K6 holds k6's own metrics of the interval by name.
	K6 map[string]Sample `json:"k6,omitzero"`
	// TrendValues is the number of values of the interval that k6 keeps for ever
	// where its thresholds or its summary are on.
	TrendValues int64 `json:"trend_values,omitzero"`
	// Thresholds are the script's, evaluated by us; in the final frame only.
	Thresholds []Threshold `json:"thresholds,omitzero"`
	// Exceptions counts iterations that threw.
	Exceptions int64 `json:"exceptions,omitzero"`
	// Notices are what the generator was told by where it runs, or is to tell a
	// person at once.
	Notices []string `json:"notices,omitzero"`
	// Elsewhere are targets that a script puts into beside the run's own: those
	// records are not the run's.
	Elsewhere []string `json:"elsewhere,omitzero"`
	// Encodings are what endpoints were found to take, of calls whose encoding
	// nobody chose.
	Encodings []Encoding `json:"encodings,omitzero"`
	// Stopped says that k6's outputs have stopped. Such a frame comes last, after
	// the Final one, and says nothing but Outputs.
	Stopped bool     `json:"stopped,omitzero"`
	Outputs []Output `json:"outputs,omitzero"`
}

// Encoding is how calls are written, and why.
type Encoding struct {
	Chosen string `json:"chosen"` // json or cbor
	Reason string `json:"reason"`
}

// Output is what one of k6's outputs said of itself in k6's log.
type Output struct {
	Name     string `json:"name"`
	Report   string `json:"report,omitzero"`   // its last word, if it has one
	Problems int64  `json:"problems,omitzero"` // warnings and errors
	First    string `json:"first,omitzero"`    // of them
}

// StepFrame is what one step's records met in the interval.
type StepFrame struct {
	Step          int              `json:"step"`
	Accepted      int64            `json:"accepted,omitzero"`
	NotSent       int64            `json:"not_sent,omitzero"`
	Indeterminate int64            `json:"indeterminate,omitzero"`
	Rejected      map[string]int64 `json:"rejected,omitzero"` // by cause
	Bytes         int64            `json:"bytes,omitzero"`    // data of the records sent
	Calls         int64            `json:"calls,omitzero"`
	// Tries counts each put of a record, Retries those of them that were not
	// its first.
	Tries   int64 `json:"tries,omitzero"`
	Retries int64 `json:"retries,omitzero"`
	// Sizes counts the records sent by size of their data: see SizeClass.
	Sizes map[int]int64 `json:"sizes,omitzero"`
	// Put is the duration of calls; PutFromDue is of records, from due to the
	// answer; Lateness is of calls, start minus due.
	Put        *stats.Histogram `json:"put,omitzero"`
	PutFromDue *stats.Histogram `json:"put_from_due,omitzero"`
	Lateness   *stats.Histogram `json:"lateness,omitzero"`
	Fates      []FateRange      `json:"fates,omitzero"`
	// Shards are those that answers named, Keys the most used partition keys,
	// the first in front; nil where keys do not come again.
	Shards []ShardLoad `json:"shards,omitzero"`
	Keys   []KeyLoad   `json:"keys,omitzero"`
}

// ShardLoad is what one shard did with the records put to it.
type ShardLoad struct {
	ID        string `json:"id"`
	Accepted  int64  `json:"accepted,omitzero"`
	Throttled int64  `json:"throttled,omitzero"`
}

// KeyLoad is how many records were put under one partition key.
type KeyLoad struct {
	Key     string `json:"key"`
	Records int64  `json:"records"`
}

// SizeClass is the size under which a record of that many bytes is counted:
// its own up to 4 096 bytes, above that rounded up by at most 1/32, so that
// whatever sizes there are, the classes are few.
func SizeClass(bytes int) int {
	const exact = 4096
	if bytes <= exact {
		return bytes
	}
	unit := 1 << (bits.Len(uint(bytes)) - 6) // a 32nd of the power of two below
	return (bytes + unit - 1) / unit * unit
}

// FateRange is the fate of a half-open range of slots.
type FateRange struct {
	Fate  ledger.Fate `json:"fate"`
	Cause string      `json:"cause,omitzero"`
	From  uint64      `json:"from"`
	To    uint64      `json:"to"`
}

// Foreign is an accepted record that carries no token.
type Foreign struct {
	Seq       uint64 `json:"seq"`
	ID        uint64 `json:"id"` // line.StreamID of its place in the stream
	StreamSeq string `json:"stream_seq"`
}

// Health is the generator's own state.
type Health struct {
	RSSBytes   int64         `json:"rss"`
	HeapBytes  int64         `json:"heap"`
	CPU        time.Duration `json:"cpu_ns"`      // used since the process started
	GCPause    time.Duration `json:"gc_pause_ns"` // total since the process started
	Goroutines int           `json:"goroutines"`
	Sockets    int           `json:"sockets,omitzero"` // open ones; 0: this system doesn't say
}

// Threshold is the outcome of one of a script's thresholds.
type Threshold struct {
	Metric string  `json:"metric"` // with its tags, as the script has it
	Source string  `json:"source"` // the expression
	Value  float64 `json:"value"`  // what was compared; 0 with a Reason
	Passed bool    `json:"passed"`
	Reason string  `json:"reason,omitzero"` // why there is no value
}

// Sample is one of k6's metrics over the interval.
type Sample struct {
	Count int64   `json:"count"`
	Sum   float64 `json:"sum"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
	Last  float64 `json:"last"`
}
