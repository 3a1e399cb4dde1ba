package producer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
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

// connectError marks a failure before the first byte of a request was written.
type connectError struct{ err error }

func (e *connectError) Error() string { return "connect: " + e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// newClient makes the HTTP client of one endpoint. It never repeats a request:
// a repeated put would be a duplicate that nobody asked for.
func newClient(u *url.URL, maxConns int, timeout time.Duration) *fasthttp.HostClient {
	secure := u.Scheme == "https"
	addr := u.Host
	if u.Port() == "" {
		addr = net.JoinHostPort(u.Hostname(), defaultPorts[u.Scheme])
	}
	return &fasthttp.HostClient{
		Addr:                      addr,
		IsTLS:                     secure,
		MaxConns:                  maxConns,
		MaxResponseBodySize:       maxAnswerBytes,
		MaxIdemponentCallAttempts: 1,
		ReadBufferSize:            16 << 10,
		WriteBufferSize:           64 << 10,
		DialTimeout: func(addr string, left time.Duration) (net.Conn, error) {
			if left <= 0 {
				left = timeout
			}
			conn, err := dial(addr, u.Hostname(), secure, left)
			if err != nil {
				return nil, &connectError{err}
			}
			return conn, nil
		},
	}
}

// dial connects and finishes the TLS handshake, so that whatever fails later
// failed after the request was begun.
func dial(addr, serverName string, secure bool, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil || !secure {
		return conn, err
	}
	secured := tls.Client(conn, &tls.Config{ServerName: serverName, MinVersion: tls.VersionTLS12})
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error is the one to tell
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secured, nil
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
	var timeout net.Error
	if _, ok := errors.AsType[*connectError](err); ok {
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			return Rejected, CauseConnectionRefused
		case errors.As(err, &timeout) && timeout.Timeout():
			return Rejected, CauseConnectionTimeout
		}
		return Rejected, CauseConnectionFailed
	}
	switch {
	case errors.Is(err, fasthttp.ErrNoFreeConns):
		return Rejected, CauseNoConnection
	case errors.Is(err, fasthttp.ErrTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return Indeterminate, CauseTimeout
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return Indeterminate, CauseMalformedAnswer
	}
	return Indeterminate, CauseConnectionClosed
}
