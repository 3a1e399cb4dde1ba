package capacity

import (
	"time"

	"weir/internal/emulator/kinesis"
	"weir/internal/ledger"
	"weir/internal/record"
)

// throughputExceeded is the cause of a record over its shard's limit, as the
// producer names it.
const throughputExceeded = "ProvisionedThroughputExceededException"

// stepAccount is what became of a step's records.
type stepAccount struct {
	ledger.Account
	delivered int64 // distinct records

	put, putFromDue, fromDue, fromSent, fromArrival *durations
	calls                                           int64
	shards                                          []shardCount
}

func newStepAccount(shards int) *stepAccount {
	return &stepAccount{
		Account: ledger.Account{Rejected: map[string]int64{}, Reordered: new(int64(0))},
		put:     newDurations(), putFromDue: newDurations(), fromDue: newDurations(), fromSent: newDurations(), fromArrival: newDurations(),
		shards: make([]shardCount, shards),
	}
}

// unsettled is how many accepted records are still under way.
func (a *stepAccount) unsettled() int64 {
	return a.Accepted - a.Processed - a.DeadLettered - a.Expired - a.Lost
}

// close ends the account: what is under way stays in flight.
func (a *stepAccount) close() ledger.Account {
	a.InFlight = a.unsettled()
	a.Retried = a.Attempted - a.delivered
	return a.Account
}

// result is the step's histograms. The simulated generator is never late.
// linger is the wait from due to sent of records that were put in stretches.
func (a *stepAccount) result(index int, linger time.Duration) record.StepResult {
	fromSent, fromArrival := a.fromSent.histogram(0), a.fromArrival.histogram(0)
	if a.fromSent.total == 0 {
		fromSent, fromArrival = a.fromDue.histogram(linger), a.fromDue.histogram(linger+a.put.mean())
	}
	late := newDurations()
	late.add(0, int(a.calls))
	r := record.StepResult{
		Index: index, FromDue: a.fromDue.histogram(0), FromSent: fromSent, FromArrive: fromArrival,
		Put: a.put.histogram(0), PutFromDue: a.putFromDue.histogram(0), Lateness: late.histogram(0),
		Shards: map[string]record.ShardLoad{},
	}
	for shard, n := range a.shards {
		if n != (shardCount{}) {
			r.Shards[kinesis.ShardID(shard)] = record.ShardLoad{Accepted: n.accepted, Throttled: n.throttled}
		}
	}
	return r
}

// addAccount adds a step's account to the run's.
func addAccount(sum *ledger.Account, a ledger.Account) {
	for _, f := range []struct {
		to *int64
		n  int64
	}{
		{&sum.Offered, a.Offered},
		{&sum.Accepted, a.Accepted},
		{&sum.Indeterminate, a.Indeterminate},
		{&sum.Attempted, a.Attempted},
		{&sum.Processed, a.Processed},
		{&sum.DeadLettered, a.DeadLettered},
		{&sum.Expired, a.Expired},
		{&sum.InFlight, a.InFlight},
		{&sum.Lost, a.Lost},
		{&sum.Duplicates.Mapping, a.Duplicates.Mapping},
		{&sum.Duplicates.Producer, a.Duplicates.Producer},
		{&sum.PutTries, a.PutTries},
		{&sum.PutRetries, a.PutRetries},
		{&sum.Retried, a.Retried},
	} {
		*f.to += f.n
	}
	for cause, n := range a.Rejected {
		sum.Rejected[cause] += n
	}
}
