package producer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
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
func newClient(d *dialer, maxConns int, timeout time.Duration) *fasthttp.HostClient {
	return &fasthttp.HostClient{
		Addr:                      d.addr,
		IsTLS:                     d.tls != nil,
		MaxConns:                  maxConns,
		MaxResponseBodySize:       maxAnswerBytes,
		MaxIdemponentCallAttempts: 1,
		MaxIdleConnDuration:       maxIdle,
		ReadBufferSize:            16 << 10,
		WriteBufferSize:           8 << 10, // a body that is larger is written from where it is, but for the first bytes
		DialTimeout: func(_ string, left time.Duration) (net.Conn, error) {
			if left <= 0 {
				left = timeout
			}
			conn, err := d.take(left)
			if err != nil {
				return nil, &connectError{err}
			}
			return conn, nil
		},
	}
}

// dialer connects to one endpoint. It is safe for concurrent use.
type dialer struct {
	addr  string
	tls   *tls.Config // nil: without TLS
	ready chan opened // ahead
}

// opened is a connection and since when it is idle.
type opened struct {
	net.Conn
	at time.Time
}

// maxIdle is how long a connection may be idle and still carry a call. A server
// that closes an idle one just as a call is written on it leaves the call's
// records indeterminate, so it has to be less than any server waits; the
// embedded one waits 10 s for the first request. AWS publishes no figure.
const maxIdle = 5 * time.Second

// maxReady bounds the connections opened ahead.
const maxReady = 64

func newDialer(u *url.URL, roots *x509.CertPool) *dialer {
	d := &dialer{addr: u.Host, ready: make(chan opened, maxReady)}
	if u.Port() == "" {
		d.addr = net.JoinHostPort(u.Hostname(), defaultPorts[u.Scheme])
	}
	if u.Scheme == "https" {
		d.tls = &tls.Config{
			ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: roots,
			// A connection after the first resumes its session: no certificates
			// are sent and checked again.
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
			// Nobody reads a body before it is whole: small records first, which Go
			// sends for the sake of a first byte, would only be more of them.
			DynamicRecordSizingDisabled: true,
		}
	}
	return d
}

// open opens n connections ahead, the first before the others so that they can
// resume its session.
func (d *dialer) open(n int, timeout time.Duration) {
	if !d.openOne(timeout) {
		return
	}
	var others sync.WaitGroup
	for range n - 1 {
		others.Go(func() { d.openOne(timeout) })
	}
	others.Wait()
}

func (d *dialer) openOne(timeout time.Duration) bool {
	conn, err := d.dial(timeout)
	if err != nil {
		return false
	}
	select {
	case d.ready <- opened{conn, time.Now()}:
		return true
	default:
		_ = conn.Close() // nobody has used it
		return false
	}
}

// take is a connection opened ahead and not idle for too long, or a new one.
func (d *dialer) take(timeout time.Duration) (net.Conn, error) {
	for {
		select {
		case conn := <-d.ready:
			if time.Since(conn.at) < maxIdle {
				return conn.Conn, nil
			}
			_ = conn.Close() // nobody has used it
		default:
			return d.dial(timeout)
		}
	}
}

// close closes connections opened ahead that nobody took.
func (d *dialer) close() {
	for {
		select {
		case conn := <-d.ready:
			_ = conn.Close() // nobody has used it
		default:
			return
		}
	}
}

// dial connects and finishes the TLS handshake, so that whatever fails later
// failed after the request was begun.
func (d *dialer) dial(timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.addr)
	if err != nil || d.tls == nil {
		return conn, err
	}
	secured := tls.Client(conn, d.tls)
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
