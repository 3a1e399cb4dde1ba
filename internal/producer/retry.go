package producer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Retry names what is done about records that a call failed to put.
type Retry string

// Retry policies.
const (
	// RetryNone puts every record once: its outcome is the stream's first word.
	RetryNone Retry = "none"
	// RetrySDK repeats calls as AWS's SDK for Go does in its standard mode, by
	// the SDK's own code: at most three attempts of a call that failed as a
	// whole, exponential backoff with jitter, and a token bucket that all calls
	// share. A record that is refused inside a successful answer is not put
	// again, for the SDK doesn't look inside.
	RetrySDK Retry = "sdk"
	// RetryKPL puts again, as the Kinesis Producer Library does, only the
	// records that failed for a reason that can pass, until they were accepted
	// or are older than RecordTTL. Unlike the library it does not mix them with
	// newer records: they travel in a call of their own.
	RetryKPL Retry = "kpl-like"
)

var retries = []Retry{RetryNone, RetrySDK, RetryKPL}

// ParseRetry reads a policy's name; empty is RetryNone.
func ParseRetry(text string) (Retry, error) {
	if text == "" {
		return RetryNone, nil
	}
	if !slices.Contains(retries, Retry(text)) {
		return "", fmt.Errorf("%q is not a retry policy: none, sdk or kpl-like", text)
	}
	return Retry(text), nil
}

// RecordTTL is how long after its first call a record is put again by
// RetryKPL: the Kinesis Producer Library's RecordTtl
// (github.com/awslabs/amazon-kinesis-producer, java/amazon-kinesis-producer-sample/default_config.properties,
// read 2026-11-22).
const RecordTTL = 30 * time.Second

// Pauses of RetryKPL before a record's second call and the later ones: a random
// part of a span that starts with the library's RecordMaxBufferedTime, which is
// how long a failed record may wait there for others, and doubles up to a
// second, the window of a shard's write limit.
const (
	kplFirstPause = 100 * time.Millisecond
	kplMaxPause   = time.Second
)

// Longest is the longest that Put can take with calls of that timeout.
func (r Retry) Longest(timeout time.Duration) time.Duration {
	switch r {
	case RetrySDK:
		calls := time.Duration(retry.DefaultMaxAttempts)
		return calls*timeout + (calls-1)*retry.DefaultMaxBackoff
	case RetryKPL:
		return RecordTTL + timeout
	}
	return timeout
}

// policy decides what follows a call. It is safe for concurrent use: what it
// has to remember of one Put is in the turn.
type policy interface {
	// next says whether another call is to be made, and after which pause.
	next(r *Result, t *turn) (pause time.Duration, again bool)
	// takes reports whether a record with that outcome is part of it.
	takes(o *Outcome) bool
}

// turn is what a policy remembers between the calls of one Put.
type turn struct {
	release func(error) error // gives back the SDK's tokens of a retry that succeeded
}

// newPolicy is the policy of that name, nil for none. random returns a number
// in [0, 1) and must be safe for concurrent use.
func newPolicy(name Retry, random func() float64) (policy, error) {
	switch name {
	case "", RetryNone:
		return nil, nil
	case RetrySDK:
		return &sdkRetry{retry.NewStandard()}, nil
	case RetryKPL:
		return kplRetry{random}, nil
	}
	return nil, fmt.Errorf("no retry policy %q", name)
}

// sdkRetry is the SDK's retryer, asked in the order in which the SDK's own
// middleware asks it.
type sdkRetry struct{ standard *retry.Standard }

func (s *sdkRetry) next(r *Result, t *turn) (time.Duration, bool) {
	return s.after(r.Err, len(r.Calls), t)
}

// after says what follows a call, of so many for its records, that ended with err.
func (s *sdkRetry) after(err error, calls int, t *turn) (time.Duration, bool) {
	if t.release != nil {
		_ = t.release(err) // returning tokens can't fail
	}
	if earn, failed := s.standard.GetAttemptToken(context.Background()); failed == nil {
		_ = earn(err) // neither can earning one
	}
	if err == nil || calls >= s.standard.MaxAttempts() || !s.standard.IsErrorRetryable(err) {
		return 0, false
	}
	release, empty := s.standard.GetRetryToken(context.Background(), err)
	if empty != nil {
		return 0, false // the bucket is: too many calls fail
	}
	t.release = release
	pause, failed := s.standard.RetryDelay(calls, err)
	return pause, failed == nil
}

// takes is true: a call that failed whole failed for all of its records.
func (s *sdkRetry) takes(*Outcome) bool { return true }

type kplRetry struct{ random func() float64 }

func (k kplRetry) next(r *Result, _ *turn) (time.Duration, bool) {
	if !slices.ContainsFunc(r.Records, func(o Outcome) bool { return k.takes(&o) }) {
		return 0, false
	}
	last := r.Calls[len(r.Calls)-1]
	return kplPause(len(r.Calls), last.After+last.Duration, k.random())
}

func kplPause(calls int, since time.Duration, random float64) (pause time.Duration, again bool) {
	span := kplMaxPause
	if doublings := calls - 1; doublings < 4 {
		span = min(span, kplFirstPause<<doublings)
	}
	pause = time.Duration(random * float64(span))
	return pause, since+pause < RecordTTL
}

func (k kplRetry) takes(o *Outcome) bool { return o.Fate != Accepted && passes(o.Cause) }

// passes reports whether a cause may be gone by the next call. What the caller
// did wrong stays wrong.
func passes(cause string) bool {
	switch cause {
	case "InternalFailure", "InternalServerError", "ServiceUnavailable", "KMSThrottlingException",
		CauseConnectionRefused, CauseConnectionFailed, CauseConnectionTimeout, CauseNoConnection,
		CauseTimeout, CauseConnectionClosed, CauseMalformedAnswer,
		CauseNoCredentials, CauseExpiredToken:
		return true
	}
	_, throttle := retry.DefaultThrottleErrorCodes[cause]
	_, timeout := retry.DefaultRetryableErrorCodes[cause]
	return throttle || timeout || strings.HasPrefix(cause, "HTTP5")
}
