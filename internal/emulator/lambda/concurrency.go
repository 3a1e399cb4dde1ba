package lambda

import (
	"time"

	"weir/internal/quota"
)

// ThrottleReason is the Reason of a TooManyRequestsException; empty: not throttled.
type ThrottleReason string

// The reasons. Which of them AWS gives when a function grows too fast is not
// documented; ours is the one about its rate.
const (
	AccountLimit  ThrottleReason = "ConcurrentInvocationLimitExceeded"
	ReservedLimit ThrottleReason = "ReservedFunctionConcurrentInvocationLimitExceeded"
	ScalingRate   ThrottleReason = "FunctionInvocationRateLimitExceeded"
)

// minUnreserved is what reservations must leave to functions without one
// (lambda/latest/dg/configuration-concurrency, read 2026-11-22).
const minUnreserved = 100

// Concurrency counts concurrent executions against the account's limit and the
// functions' reservations, and limits how fast each function grows. Not safe
// for concurrent use.
type Concurrency struct {
	limit      int
	reserved   int // of it, by all functions
	total      int
	unreserved int // executions of functions without a reservation
	functions  map[string]*functionConcurrency
}

type functionConcurrency struct {
	inUse    int
	reserved int // -1: none
	growth   float64
	refilled time.Duration
}

// NewConcurrency is an account that runs limit executions at once.
func NewConcurrency(limit int) *Concurrency {
	return &Concurrency{limit: limit, functions: map[string]*functionConcurrency{}}
}

// Add makes the function known at now, without a reservation. What still runs
// of a removed one of that name stays counted.
func (c *Concurrency) Add(function string, now time.Duration) {
	if c.functions[function] != nil {
		return
	}
	c.functions[function] = &functionConcurrency{reserved: -1, growth: quota.ConcurrencyPer10Seconds, refilled: now}
}

// Remove ends the function's reservation, if it has one.
func (c *Concurrency) Remove(function string) {
	if f := c.functions[function]; f.reserved >= 0 {
		c.reserved -= f.reserved
		f.reserved = -1
		c.unreserved += f.inUse
	}
}

// Acquire starts one execution of the function, or says why it may not start.
func (c *Concurrency) Acquire(function string) ThrottleReason {
	f := c.functions[function]
	if f.reserved >= 0 {
		if f.inUse >= f.reserved {
			return ReservedLimit
		}
	} else {
		if c.unreserved >= c.Unreserved() {
			return AccountLimit
		}
		c.unreserved++
	}
	f.inUse++
	c.total++
	return ""
}

// Release ends one execution.
func (c *Concurrency) Release(function string) {
	f := c.functions[function]
	if f.reserved < 0 {
		c.unreserved--
	}
	f.inUse--
	c.total--
}

// Grow takes one new environment from what the function may add at now: 1 000
// in ten seconds, refilled continuously and not saved up.
func (c *Concurrency) Grow(function string, now time.Duration) ThrottleReason {
	f := c.functions[function]
	refill := (now - f.refilled).Seconds() * quota.ConcurrencyPer10Seconds / 10
	f.growth = min(f.growth+refill, quota.ConcurrencyPer10Seconds)
	f.refilled = now
	if f.growth < 1 {
		return ScalingRate
	}
	f.growth--
	return ""
}

// Reserve sets the function's reserved concurrency: its limit, and taken from
// what the others share. It refuses, with
// a *wire.Error, to leave the others less than 100.
func (c *Concurrency) Reserve(function string, n int) error {
	f := c.functions[function]
	if left := c.Unreserved() + max(f.reserved, 0) - n; n > 0 && left < minUnreserved {
		return invalid("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", minUnreserved)
	}
	if f.reserved < 0 {
		c.unreserved -= f.inUse
	}
	c.reserved += n - max(f.reserved, 0)
	f.reserved = n
	return nil
}

// Reserved is the function's reservation, if it has one.
func (c *Concurrency) Reserved(function string) (int, bool) {
	n := c.functions[function].reserved
	return max(n, 0), n >= 0
}

// Unreserved is the part of the limit that no function has reserved.
func (c *Concurrency) Unreserved() int { return c.limit - c.reserved }

// InUse is the number of executions under way: of the function, and in all.
func (c *Concurrency) InUse(function string) (ofFunction, total int) {
	return c.functions[function].inUse, c.total
}
