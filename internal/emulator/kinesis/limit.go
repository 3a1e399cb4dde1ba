package kinesis

import (
	"math"
	"time"

	"weir/internal/quota"
)

// nano is the resolution of a bucket's level: billionths of a token, so that
// a rate in tokens a second adds a whole number for each nanosecond.
const nano = int64(time.Second)

// maxRate keeps a second's tokens, in nano, inside an int64.
const maxRate = math.MaxInt64 / nano

// bucket is a token bucket that holds one second's tokens at most. Its level
// may go below zero: what is owed is paid back at the bucket's rate.
type bucket struct {
	rate  int64 // tokens a second, and the most it holds
	level int64 // in nano
	at    time.Time
}

// newBucket is a full bucket of perSecond × factor tokens, at least one.
func newBucket(perSecond int64, factor float64) bucket {
	rate := int64(min(max(math.Round(float64(perSecond)*factor), 1), float64(maxRate/2)))
	return bucket{rate: rate, level: rate * nano}
}

// refill adds what has come since the last call; a now before that adds nothing.
func (b *bucket) refill(now time.Time) {
	elapsed := now.Sub(b.at)
	if elapsed <= 0 {
		return
	}
	b.at = now
	b.gain(elapsed)
}

// gain adds the tokens of a time, above 0.
func (b *bucket) gain(elapsed time.Duration) {
	full := b.rate * nano
	if int64(elapsed) > (full-b.level)/b.rate {
		b.level = full
		return
	}
	b.level += int64(elapsed) * b.rate
}

// has reports whether n tokens can be taken. More than a second's tokens can be
// taken from a full bucket only, and leave a debt.
func (b *bucket) has(n int64) bool {
	return b.level >= min(n, b.rate)*nano
}

func (b *bucket) take(n int64) { b.level -= n * nano }

// writeLimiter is a shard's write limit: 1 MiB and 1 000 records a second, each
// a bucket of one second's tokens. A record over 1 MiB passes when the byte
// bucket is full and is then paid off at the shard's rate: the tank that
// streams/latest/dev/large-records (2026-11-22) describes without figures.
type writeLimiter struct {
	records, bytes bucket
}

func newWriteLimiter(factor float64) writeLimiter {
	return writeLimiter{
		records: newBucket(quota.ShardWriteRecordsPerSecond, factor),
		bytes:   newBucket(quota.ShardWriteBytesPerSecond, factor),
	}
}

// take admits one record of size bytes (data and partition key). A refused
// record costs nothing.
func (l *writeLimiter) take(now time.Time, size int) bool {
	l.records.refill(now)
	l.bytes.refill(now)
	return l.admit(size)
}

// admit is take without a refill.
func (l *writeLimiter) admit(size int) bool {
	if !l.records.has(1) || !l.bytes.has(int64(size)) {
		return false
	}
	l.records.take(1)
	l.bytes.take(int64(size))
	return true
}

// readLimiter is a shard's read limit: 5 calls and 2 MiB a second. How much a
// call reads is known only afterwards, so a call passes while no bytes are
// owed. An answer of more than a second's bytes is paid in full, whatever was
// saved: 10 MiB refuse the reads of the next 5 s (API_GetRecords, 2026-11-22).
type readLimiter struct {
	calls, bytes bucket
}

// newReadLimiter takes a factor below 1 for bytes alone: a mapping polls once a
// second, however small the shard.
func newReadLimiter(factor float64) readLimiter {
	return readLimiter{
		calls: newBucket(quota.ShardReadCallsPerSecond, max(factor, 1)),
		bytes: newBucket(quota.ShardReadBytesPerSecond, factor),
	}
}

// take admits one call. A refused call costs nothing.
func (l *readLimiter) take(now time.Time) bool {
	l.calls.refill(now)
	l.bytes.refill(now)
	return l.admit()
}

// admit is take without a refill.
func (l *readLimiter) admit() bool {
	if !l.calls.has(1) || !l.bytes.has(0) {
		return false
	}
	l.calls.take(1)
	return true
}

// charge books what the admitted call read.
func (l *readLimiter) charge(size int64) {
	if size > l.bytes.rate {
		l.bytes.level = 0
	}
	l.bytes.take(size)
}
