package producer

import (
	"errors"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Retrier decides about the calls of a simulation as a Producer of its policy
// does about its own. Not safe for concurrent use.
type Retrier struct {
	policy Retry
	sdk    *sdkRetry
	random float64 // of the call that is being decided about
}

// NewRetrier is that of a policy, with the SDK's tokens whole.
func NewRetrier(policy Retry) *Retrier {
	r := &Retrier{policy: policy}
	r.sdk = &sdkRetry{retry.NewStandard(func(o *retry.StandardOptions) { o.Backoff = retry.BackoffDelayerFunc(r.backoff) })}
	return r
}

// CallEnd is the end of a simulated call.
type CallEnd struct {
	Cause   string        // of the failure, or of its refused records: an AWS error code; empty where no answer came
	Status  int           // the answer's HTTP status; 0 where none came
	OK      bool          // answered with success
	Refused bool          // and some of its records were refused
	Calls   int           // made for these records, this one included
	Since   time.Duration // the first of them was sent
	Random  float64       // in [0, 1)
}

// Turn begins records' calls. What it returns is to be asked at the end of each:
// whether those of the call that failed are put again, and after which pause.
func (r *Retrier) Turn() func(CallEnd) (pause time.Duration, again bool) {
	switch r.policy {
	case RetrySDK:
		t := new(turn)
		return func(e CallEnd) (time.Duration, bool) {
			r.random = e.Random
			return r.sdk.after(e.err(), e.Calls, t)
		}
	case RetryKPL:
		return kplAfter
	}
	return func(CallEnd) (time.Duration, bool) { return 0, false }
}

func kplAfter(e CallEnd) (time.Duration, bool) {
	answered := e.Status != 0
	if e.OK && !e.Refused || answered && !passes(e.Cause) {
		return 0, false
	}
	return kplPause(e.Calls, e.Since, e.Random)
}

// err is why the call failed as a whole, as the SDK's retryer sees it.
func (e *CallEnd) err() error {
	switch {
	case e.OK:
		return nil
	case e.Status == 0:
		return &callError{err: errors.New("no answer"), transport: true}
	}
	return &callError{err: errors.New(e.Cause), code: e.Cause, status: e.Status}
}

// backoff is the SDK's exponential backoff with jitter, of its standard mode, by
// the simulation's chance (aws/retry/jitter_backoff.go of aws-sdk-go-v2 1.4x,
// read 2026-11-23).
func (r *Retrier) backoff(attempt int, _ error) (time.Duration, error) {
	if float64(attempt) > math.Log2(retry.DefaultMaxBackoff.Seconds()) {
		return retry.DefaultMaxBackoff, nil
	}
	return time.Duration(r.random * math.Pow(2, float64(attempt)) * float64(time.Second)), nil
}
