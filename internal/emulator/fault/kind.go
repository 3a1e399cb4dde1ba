// Package fault is what goes wrong in the embedded pipeline by order: which
// faults there are, how they are written, and which call or record each one
// strikes at a moment. It decides; the services and the pipeline carry out.
package fault

import (
	"slices"
	"strings"
)

// Names of the faults.
const (
	Stall            = "stall"
	Delay            = "delay"
	Throttle         = "throttle"
	Error            = "error"
	Reset            = "reset"
	DropAnswer       = "drop-answer"
	FailNth          = "fail-nth"
	PauseShard       = "pause-shard"
	SplitShard       = "split-shard"
	MergeShards      = "merge-shards"
	UpdateShardCount = "update-shard-count"
	DropRecord       = "drop-record"
	DeliverTwice     = "deliver-twice"
	KillFunction     = "kill-function"
	KillEnvironment  = "kill-environment"
	LatePoints       = "late-points"
	DropPoints       = "drop-points"
	RepeatPoints     = "repeat-points"
	LateLines        = "late-lines"
	DropLines        = "drop-lines"
	RepeatLines      = "repeat-lines"
)

// value is what stands behind a fault's equals sign.
type value int

const (
	valueCount  value = iota // 1 where it is left out
	valueNumber              // a count that must be given
	valueShare               // 1 where it is left out
	valueLength              // of time, from START on
	valueDelay
	valueSide
)

// place is what stands behind a fault's colon.
type place int

const (
	nowhere  place = iota
	atCall         // an operation or a service
	atShard        // a shard's number
	atMetric       // a metric's name
)

// feed is what a fault gets in the way of.
type feed int

const (
	noFeed    feed = iota
	pointFeed      // points of metrics
	lineFeed       // log events
)

// Kind is one sort of fault as a reader needs it.
type Kind struct {
	Name    string
	Does    string // one line
	Example string // parses

	value  value
	place  place
	moment bool // happens once, at START: there is no LENGTH
	feed   feed
}

// Kinds are all faults, in the order in which they are listed.
var Kinds = []Kind{
	{Stall, "calls wait until the stall is over, of all Kinesis calls where none is named", "stall=3s@10s", valueLength, atCall, true, noFeed},
	{Delay, "a call waits before it is carried out: 50ms, 10ms..200ms (uniform), normal:50ms±10ms, lognormal:50ms,200ms (median, p99)", "delay:PutRecords=lognormal:50ms,200ms@10s+20s", valueDelay, atCall, false, noFeed},
	{Throttle, "a share of the records that are put is refused as over the shard's limit; of an operation's calls, where one is named", "throttle=0.3@10s+20s", valueShare, atCall, false, noFeed},
	{Error, "a share of calls answers an internal failure, HTTP status 500", "error=0.2@10s+5s", valueShare, atCall, false, noFeed},
	{Reset, "a share of calls has its connection reset and does nothing", "reset=0.1@10s+5s", valueShare, atCall, false, noFeed},
	{DropAnswer, "a share of calls is carried out and never answered: the connection closes", "drop-answer=0.1@10s+5s", valueShare, atCall, false, noFeed},
	{FailNth, "the N-th call answers an internal failure, HTTP status 500", "fail-nth:PutRecords=3@0s", valueNumber, atCall, true, noFeed},
	{PauseShard, "a shard refuses every record and gives none to reads; =writes and =reads do one of them", "pause-shard:0=reads@10s+5s", valueSide, atShard, false, noFeed},
	{SplitShard, "an open shard is split in the middle", "split-shard:0@10s", valueCount, atShard, true, noFeed},
	{MergeShards, "an open shard is merged with the one above it", "merge-shards:0@10s", valueCount, atShard, true, noFeed},
	{UpdateShardCount, "the stream gets so many open shards", "update-shard-count=8@10s", valueNumber, nowhere, true, noFeed},
	{DropRecord, "records are acknowledged and stored nowhere", "drop-record=2@5s", valueCount, nowhere, true, noFeed},
	{DeliverTwice, "batches that succeeded are delivered once more", "deliver-twice@5s", valueCount, nowhere, true, noFeed},
	{KillFunction, "the next invocations die in the middle of their batch", "kill-function@5s", valueCount, nowhere, true, noFeed},
	{KillEnvironment, "execution environments die: a busy one's invocation fails, an idle one's next is a cold start", "kill-environment=2@5s", valueCount, nowhere, true, noFeed},
	{LatePoints, "points of metrics come later, of all of the stream's and the function's where none is named; with a spread of delays also out of order", "late-points=0s..20s@0s", valueDelay, atMetric, false, pointFeed},
	{DropPoints, "a share of the points of metrics never comes", "drop-points:PolledEventCount=0.2@0s", valueShare, atMetric, false, pointFeed},
	{RepeatPoints, "a share of the points of metrics counts twice", "repeat-points:PolledEventCount=0.2@0s", valueShare, atMetric, false, pointFeed},
	{LateLines, "log events come later; with a spread of delays also out of order", "late-lines=0s..5s@0s", valueDelay, nowhere, false, lineFeed},
	{DropLines, "a share of log events never comes", "drop-lines=0.1@0s", valueShare, nowhere, false, lineFeed},
	{RepeatLines, "a share of log events comes twice", "repeat-lines=0.1@0s", valueShare, nowhere, false, lineFeed},
}

func kindNamed(name string) (Kind, bool) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return Kinds[i], true
}

func names() string {
	var all []string
	for _, k := range Kinds {
		all = append(all, k.Name)
	}
	return strings.Join(all, ", ")
}
