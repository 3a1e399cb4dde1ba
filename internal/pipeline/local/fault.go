package local

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
)

// Operations of services whose requests name them by a path or in a form.
const (
	invokeOperation   = "Invoke"
	identityOperation = "GetCallerIdentity"
)

// ParseFault reads a fault as fault.Parse does, and refuses an operation that
// the pipeline doesn't have.
func ParseFault(text string) (fault.Fault, error) {
	f, err := fault.Parse(text)
	if err != nil {
		return f, err
	}
	if operation, named := f.Operation(); named && !hasOperation(operation) {
		return f, fmt.Errorf("fault %q: the embedded pipeline has no operation %s", text, operation)
	}
	return f, nil
}

func hasOperation(name string) bool {
	return slices.Contains(kinesis.Operations(), name) || slices.Contains(cloudwatch.Operations(), name) ||
		name == invokeOperation || name == identityOperation
}

// BeginFaults starts the clock of the faults in Options: the load's first record
// is due now.
func (p *Pipeline) BeginFaults(now time.Time) {
	for _, f := range p.options.Faults {
		_, _ = p.Inject(f, now) // more than a schedule holds are no use
	}
}

// Inject orders a fault whose clock began at began, and returns its id. It
// fails where too many are ordered already.
func (p *Pipeline) Inject(f fault.Fault, began time.Time) (id int, err error) {
	if id, err = p.faults.Add(f, began); err != nil {
		return 0, fmt.Errorf("order fault %s: %w", f, err)
	}
	if f.OfRecords() {
		p.kinesis.Suffer(p.faults)
	}
	if !f.Moment() {
		return id, nil
	}
	p.timersMu.Lock()
	defer p.timersMu.Unlock()
	p.timers = append(p.timers, time.AfterFunc(time.Until(began.Add(f.At)), func() { p.carryOut(id, f) }))
	return id, nil
}

// Order is Inject of a fault's text, its clock beginning now.
func (p *Pipeline) Order(text string) (id int, err error) {
	f, err := ParseFault(text)
	if err != nil {
		return 0, err
	}
	return p.Inject(f, time.Now())
}

// Faults are the faults as they stand, in the order in which they were ordered.
func (p *Pipeline) Faults() []fault.Status { return p.faults.List(time.Now()) }

// End takes a fault away; false where there is none of the id. What has happened
// stays: a shard that was split, say.
func (p *Pipeline) End(id int) bool { return p.faults.End(id) }

// EndAll takes all faults away.
func (p *Pipeline) EndAll() { p.faults.EndAll() }

// carryOut makes a fault of a moment happen, unless it was ended before.
func (p *Pipeline) carryOut(id int, f fault.Fault) {
	if !p.faults.Strike(id) {
		return
	}
	struck, err := f.Count, error(nil)
	switch f.Kind {
	case fault.SplitShard, fault.MergeShards, fault.UpdateShardCount:
		struck, err = p.reshard(f)
	case fault.DropRecord:
		p.kinesis.DropRecords(f.Count)
	case fault.DeliverTwice:
		p.lambda.DeliverTwice(f.Count)
	case fault.KillFunction:
		p.lambda.KillNext(f.Count)
	case fault.KillEnvironment:
		struck = p.lambda.KillEnvironments(f.Count)
	}
	p.faults.Struck(id, struck, err)
}

// reshard changes the shards of the pipeline's own stream.
func (p *Pipeline) reshard(f fault.Fault) (struck int, err error) {
	shard, _ := strconv.Atoi(f.Where) // parsed
	switch f.Kind {
	case fault.SplitShard:
		err = p.kinesis.Split(p.options.Stream, shard)
	case fault.MergeShards:
		err = p.kinesis.Merge(p.options.Stream, shard)
	default:
		err = p.kinesis.Scale(p.options.Stream, f.Count)
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}
