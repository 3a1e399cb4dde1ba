package producer

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// maxIdle is how long a connection may be idle and still carry a call. A server
// that closes an idle one just as a call is written on it leaves the call's
// records indeterminate, so it has to be less than any server waits; the
// embedded one waits 10 s for the first request. AWS publishes no figure.
const maxIdle = 5 * time.Second

// errNoConnection says that all connections carry calls.
var errNoConnection = errors.New("all connections are in use")

// connectError marks a failure before the first byte of a request was written.
type connectError struct{ err error }

func (e *connectError) Error() string { return "connect: " + e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// pool has the connections to an endpoint, at most limit. The one that was used
// last carries the next call. It is safe for concurrent use.
type pool struct {
	dial  func(timeout time.Duration) (net.Conn, error)
	limit int

	mu   sync.Mutex
	open int     // connections, those carrying calls and being made included
	idle []*conn // in order of their last use
}

// conn is a connection that carries one call at a time.
type conn struct {
	net.Conn
	in    *bufio.Reader
	under *beneath  // nil: without TLS
	since time.Time // when it was last used
}

// readBytes holds the answer to a single record, and the head of any, which may
// not be longer; the rest of a long one is read to where it stays.
const readBytes = 8 << 10

// take gives a connection for a call: an idle one, or a new one if that can be
// had within the timeout.
func (p *pool) take(now time.Time, timeout time.Duration) (*conn, error) {
	p.mu.Lock()
	stale := p.stale(now)
	if n := len(p.idle) - 1; n >= 0 {
		c := p.idle[n]
		p.idle = p.idle[:n]
		p.mu.Unlock()
		closeAll(stale)
		return c, nil
	}
	p.mu.Unlock()
	closeAll(stale)
	return p.connect(timeout)
}

// connect makes a connection that counts as one of the pool's.
func (p *pool) connect(timeout time.Duration) (*conn, error) {
	p.mu.Lock()
	full := p.open >= p.limit
	if !full {
		p.open++
	}
	p.mu.Unlock()
	if full {
		return nil, errNoConnection
	}
	raw, err := p.dial(timeout)
	if err != nil {
		p.mu.Lock()
		p.open--
		p.mu.Unlock()
		return nil, &connectError{err}
	}
	c := &conn{Conn: raw, in: bufio.NewReaderSize(raw, readBytes)}
	if secured, ok := raw.(*tls.Conn); ok {
		c.under, _ = secured.NetConn().(*beneath)
	}
	return c, nil
}

// give takes a connection back whose call has its answer.
func (p *pool) give(c *conn, now time.Time) {
	if c.in.Buffered() > 0 { // more than an answer: it would be taken for the next
		p.drop(c)
		return
	}
	c.since = now
	p.mu.Lock()
	p.idle = append(p.idle, c)
	stale := p.stale(now)
	p.mu.Unlock()
	closeAll(stale)
}

// stale takes those connections out that were idle for too long. The pool must
// be locked.
func (p *pool) stale(now time.Time) []*conn {
	n := 0
	for n < len(p.idle) && now.Sub(p.idle[n].since) >= maxIdle {
		n++
	}
	if n == 0 {
		return nil
	}
	stale := slices.Clone(p.idle[:n])
	p.idle = slices.Delete(p.idle, 0, n)
	p.open -= n
	return stale
}

// drop closes a connection that can carry no other call.
func (p *pool) drop(c *conn) {
	p.mu.Lock()
	p.open--
	p.mu.Unlock()
	closeAll([]*conn{c})
}

// close closes the idle connections.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.open = nil, p.open-len(p.idle)
	p.mu.Unlock()
	closeAll(idle)
}

func closeAll(conns []*conn) {
	for _, c := range conns {
		_ = c.Close() // nothing is under way on it
	}
}

// warm sees to it that n connections are idle: it makes those that are missing,
// the first before the others so that they can resume its TLS session. It blocks
// until that is done or failed.
func (p *pool) warm(n int, timeout time.Duration) {
	p.mu.Lock()
	missing := n - len(p.idle)
	p.mu.Unlock()
	if missing < 1 || !p.warmOne(timeout) {
		return
	}
	var others sync.WaitGroup
	for range missing - 1 {
		others.Go(func() { p.warmOne(timeout) })
	}
	others.Wait()
}

func (p *pool) warmOne(timeout time.Duration) bool {
	c, err := p.connect(timeout)
	if err == nil {
		p.give(c, time.Now())
	}
	return err == nil
}
