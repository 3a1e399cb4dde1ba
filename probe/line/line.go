package line

import (
	"time"

	"weir/probe/token"
)

// Marker is a substring of every ledger line and of no ordinary log line; as a
// quoted term it is the filter pattern for CloudWatch Logs.
const Marker = "weir_ledger_v1"

// Line is the account of one invocation: which records it was given, what
// became of them and how old they were when it was done. An invocation that
// processed only the first part of its batch has two lines, of the same
// RequestID and Start, one for each value of OK.
type Line struct {
	RequestID string
	Function  string
	Stream    string
	Shard     string // shardId-000000000000
	Start     time.Time
	End       time.Time
	OK        bool   // false: the handler returned an error; the records are attempted, not processed
	Error     string // of a failed handler, cut to 200 bytes

	Records int    // records in the batch
	Bytes   int64  // their data, decoded
	First   string // stream sequence number of the first and last record delivered
	Last    string

	// Groups are the records that carry a token, by run, step and producer.
	Groups []Group
	// Foreign are the records without a token, named by StreamID of their shard
	// and sequence number, as delivered.
	Foreign []uint64
	// ForeignAge is the time from arrival to End of the records without token.
	ForeignAge Hist

	// Lanes is there only where the probe was asked for it (Options.Lanes: the
	// mapping's parallelization factor is above 1, so that ranges of batches
	// interleave and order can be judged by key only).
	Lanes []Lane
	// Inversions counts records whose stream sequence number is below that of
	// the record delivered before it in the same lane: the mapping's disorder.
	Inversions int
	// InversionsBefore counts records whose producer sequence is below that of
	// the record before it in the same lane, in stream order: disorder made
	// before the stream (concurrent puts, partial retries). Inside this batch only.
	InversionsBefore int
}

// Group is what one producer of one run and step had in the batch. Its
// histograms count every delivered record, duplicates too.
type Group struct {
	Run        uint32
	Step       uint8
	Producer   uint16
	Seqs       Set  // distinct sequences
	Duplicates int  // tokens seen again in this batch, under another stream sequence number
	FromDue    Hist // due to End
	FromSent   Hist // sent to End
	FromArrive Hist // approximate arrival in the stream to End
}

// Lane is the span of one key lane in the batch.
type Lane struct {
	Run         uint32
	Producer    uint16
	Lane        uint32
	First, Last string // stream sequence numbers of the first and last delivered
}

// Record is one record as the invocation was given it.
type Record struct {
	Shard          string // "shardId-…"
	SequenceNumber string
	Arrival        time.Time
	Data           []byte
}

// Options say what Account leaves out or adds.
type Options struct {
	Lanes bool
}

// TokenOf is the token that data carries, if it carries a valid one.
func TokenOf(data []byte) (token.Token, bool) {
	t, _, ok := token.Find(data)
	return t, ok
}
