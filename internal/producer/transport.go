package producer

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// maxAnswerBytes bounds an answer. One to 500 records is about 65 KB; with 500
// error messages of 1 KB it stays far below this.
const maxAnswerBytes = 16 << 20

// Causes of calls that never left, beside the stream's own error codes.
const (
	CauseNoCredentials     = "NoCredentials"
	CauseConnectionRefused = "ConnectionRefused"
	CauseConnectionFailed  = "ConnectionFailed"  // name resolution, TLS, routing
	CauseConnectionTimeout = "ConnectionTimeout" // no connection within the timeout
	CauseNoConnection      = "NoConnection"      // all of MaxConns are in use
)

// Causes of calls that were sent and got no usable answer.
const (
	CauseTimeout          = "Timeout"
	CauseConnectionClosed = "ConnectionClosed"
	CauseMalformedAnswer  = "MalformedAnswer"
)

// Errors of calls without an answer that come often: they say the same of each.
var (
	errTimeout = errors.New("timeout: no answer came in time")
	errClosed  = errors.New("the server closed the connection and gave no answer")
)

// exchange sends a request, head and body, and reads the answer to it. It never
// repeats a request: a repeated put would be a duplicate that nobody asked for.
func (p *pool) exchange(request []byte, timeout time.Duration, answer *fasthttp.Response) error {
	now := time.Now()
	c, err := p.take(now, timeout)
	if err != nil {
		return err
	}
	if err := c.carry(request, now.Add(timeout), answer); err != nil {
		p.drop(c)
		return err
	}
	if answer.ConnectionClose() {
		p.drop(c)
		return nil
	}
	p.give(c, time.Now())
	return nil
}

// carry sends a request and reads its answer before the deadline.
func (c *conn) carry(request []byte, deadline time.Time, answer *fasthttp.Response) error {
	err := c.SetDeadline(deadline)
	if err == nil {
		err = c.send(request)
	}
	if err == nil {
		err = answer.ReadLimitBody(c.in, maxAnswerBytes)
	}
	switch {
	case timedOut(err):
		return errTimeout
	case errors.Is(err, io.EOF):
		return errClosed
	case err != nil:
		return fmt.Errorf("carry out call: %w", err)
	}
	return nil
}

func (c *conn) send(request []byte) error {
	write := func() error {
		_, err := c.Write(request)
		return err
	}
	if c.under == nil {
		return write()
	}
	return c.under.gather(write)
}

// timedOut reports whether an error says so, the system's or fasthttp's.
func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// CauseExpiredToken is the stream's code for credentials that have expired
// (docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html, read
// 2026-11-22).
const CauseExpiredToken = "ExpiredTokenException"

// failed settles the records of a call that got no answer. The error is the
// call's as a whole.
func failed(outcomes []Outcome, err error) error {
	fate, cause := failure(err)
	err = &callError{err: err, transport: true, timeout: cause == CauseTimeout || cause == CauseConnectionTimeout}
	settle(outcomes, fate, cause, err)
	return err
}

// failure says what a call's error means for its records.
func failure(err error) (Fate, string) {
	if _, ok := errors.AsType[*connectError](err); ok {
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			return Rejected, CauseConnectionRefused
		case timedOut(err):
			return Rejected, CauseConnectionTimeout
		}
		return Rejected, CauseConnectionFailed
	}
	switch {
	case errors.Is(err, errNoConnection):
		return Rejected, CauseNoConnection
	case errors.Is(err, errTimeout):
		return Indeterminate, CauseTimeout
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return Indeterminate, CauseMalformedAnswer
	}
	return Indeterminate, CauseConnectionClosed
}
