package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is one order: what goes wrong, where, and when after the faults' clock
// began.
type Fault struct {
	Kind string
	// Where is an operation ("PutRecords") or a service (one of Services); of the
	// kinds of a shard its number in the stream. Empty is the kind's own default.
	Where string
	// Share of the calls or records that are struck, above 0 and up to 1.
	Share float64
	// Count of records, batches, invocations, environments or shards; of FailNth
	// the call's number from 1.
	Count int
	// Delay of the kind Delay.
	Delay Distribution
	// Side of PauseShard: Reads, Writes or, empty, both.
	Side string
	// At is when it begins, and Length how long it lasts; 0 is to the end, and of
	// a fault that happens once it means nothing.
	At, Length time.Duration
}

// The two sides of PauseShard.
const (
	Reads  = "reads"
	Writes = "writes"
)

// Services are the names that stand for all operations of one. Calls that a
// pipeline makes inside itself belong to none.
var Services = []string{Kinesis, Lambda, CloudWatch, Logs, STS}

// Names of services.
const (
	Kinesis    = "kinesis"
	Lambda     = "lambda"
	CloudWatch = "cloudwatch"
	Logs       = "logs"
	STS        = "sts"
)

// Moment reports whether the fault happens once, at its time, and somebody has
// to make it happen; the others strike calls, records and reads as they come.
func (f Fault) Moment() bool {
	k, _ := kindNamed(f.Kind)
	return k.moment && k.place != atCall
}

// OfRecords reports whether the fault strikes single records or reads of a shard.
func (f Fault) OfRecords() bool {
	return f.Kind == PauseShard || f.Kind == Throttle && f.Where == ""
}

// Operation is the operation that the fault names, if it does.
func (f Fault) Operation() (name string, named bool) {
	k, _ := kindNamed(f.Kind)
	return f.Where, k.place == atCall && f.Where != "" && !slices.Contains(Services, f.Where)
}

// String is the fault as Parse reads it.
func (f Fault) String() string {
	k, _ := kindNamed(f.Kind)
	var s strings.Builder
	s.WriteString(f.Kind)
	if f.Where != "" {
		s.WriteString(":" + f.Where)
	}
	if v := f.value(k); v != "" {
		s.WriteString("=" + v)
	}
	fmt.Fprintf(&s, "@%v", f.At)
	if f.Length > 0 && !k.moment {
		fmt.Fprintf(&s, "+%v", f.Length)
	}
	return s.String()
}

func (f Fault) value(k Kind) string {
	switch k.value {
	case valueCount:
		if f.Count == 1 {
			return ""
		}
		return strconv.Itoa(f.Count)
	case valueNumber:
		return strconv.Itoa(f.Count)
	case valueShare:
		if f.Share == 1 {
			return ""
		}
		return strconv.FormatFloat(f.Share, 'g', -1, 64)
	case valueLength:
		return f.Length.String()
	case valueDelay:
		return f.Delay.String()
	default:
		return f.Side
	}
}
