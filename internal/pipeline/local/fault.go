package local

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong in the embedded pipeline at a moment
// after the load began.
type Fault struct {
	Kind  string
	Value time.Duration // of a stall
	Count int           // of the others
	At    time.Duration
}

// Kinds of faults.
const (
	Stall        = "stall"         // the endpoint answers nothing for a while
	DropRecord   = "drop-record"   // a record is acknowledged and stored nowhere
	DeliverTwice = "deliver-twice" // a batch that succeeded is delivered once more
	KillFunction = "kill-function" // an environment dies in the middle of a batch
)

var faultKinds = []string{Stall, DropRecord, DeliverTwice, KillFunction}

// ParseFault reads KIND[=VALUE]@TIME: "stall=3s@10s", "drop-record@5s",
// "kill-function=2@5s".
func ParseFault(text string) (Fault, error) {
	what, at, ok := strings.Cut(text, "@")
	kind, value, hasValue := strings.Cut(what, "=")
	f := Fault{Kind: kind, Count: 1}
	if !ok || !slices.Contains(faultKinds, kind) {
		return Fault{}, fmt.Errorf("%q is not a fault: write KIND[=VALUE]@TIME with KIND one of %s, for example stall=3s@10s", text, strings.Join(faultKinds, ", "))
	}
	var err error
	if f.At, err = time.ParseDuration(at); err != nil || f.At < 0 {
		return Fault{}, fmt.Errorf("fault %q: %q is not a time after the start of the load, for example 10s", text, at)
	}
	switch {
	case kind == Stall:
		if f.Value, err = time.ParseDuration(value); err != nil || f.Value <= 0 {
			return Fault{}, fmt.Errorf("fault %q: a stall needs a length, for example stall=3s@10s", text)
		}
	case hasValue:
		if f.Count, err = strconv.Atoi(value); err != nil || f.Count < 1 {
			return Fault{}, fmt.Errorf("fault %q: %q is not a count, for example %s=2@5s", text, value, kind)
		}
	}
	return f, nil
}

// BeginFaults starts the faults' clock: the load's first record is due now.
func (p *Pipeline) BeginFaults(now time.Time) {
	for _, f := range p.options.Faults {
		p.timers = append(p.timers, time.AfterFunc(f.At-time.Since(now), func() { p.inject(f) }))
	}
}

func (p *Pipeline) inject(f Fault) {
	switch f.Kind {
	case Stall:
		p.kinesis.Stall(time.Now().Add(f.Value))
	case DropRecord:
		p.kinesis.DropRecords(f.Count)
	case DeliverTwice:
		p.lambda.DeliverTwice(f.Count)
	case KillFunction:
		p.lambda.KillNext(f.Count)
	}
}
