package producer

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// connections counts what a server sees of its clients' connections.
type connections struct {
	mu              sync.Mutex
	opened, resumed int
}

func (c *connections) serve(t *testing.T, secure bool) *httptest.Server {
	t.Helper()
	ok := write(200, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"SequenceNumber":"2","ShardId":"s"},{"SequenceNumber":"3","ShardId":"s"}]}`)
	server := httptest.NewUnstartedServer(ok)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if state == http.StateNew {
			c.opened++
		}
	}
	if secure {
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, VerifyConnection: func(s tls.ConnectionState) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			if s.DidResume {
				c.resumed++
			}
			return nil
		}}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// Connections are opened before the first call, which then opens none.
func TestWarm(t *testing.T) {
	var seen connections
	server := seen.serve(t, false)
	p := newProducer(t, server.URL, nil)
	p.Warm(3)
	if got := len(p.pool.idle); got != 3 {
		t.Fatalf("%d connections ready, want 3", got)
	}
	for range 5 {
		var r Result
		p.Put(t.Context(), three(), &r)
		if tally(&r) != "A A A" {
			t.Fatalf("%s (%v)", tally(&r), r.Err)
		}
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if seen.opened != 3 || len(p.pool.idle) != 3 {
		t.Errorf("%d connections opened, %d idle; want 3 and 3", seen.opened, len(p.pool.idle))
	}
}

// Calls tell what kept a producer from warming up.
func TestWarmWhereNobodyListens(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	p := newProducer(t, server.URL, nil)
	p.Warm(3)
	var r Result
	p.Put(t.Context(), three(), &r)
	if got := tally(&r); got != "R:ConnectionRefused R:ConnectionRefused R:ConnectionRefused" {
		t.Error(got)
	}
}

// Over TLS the authorities given are asked, and a later connection resumes the
// session of an earlier one.
func TestTLS(t *testing.T) {
	var seen connections
	server := seen.serve(t, true)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	trusting := newProducer(t, server.URL, func(c *Config) { c.RootCAs = roots })
	for range 2 {
		var r Result
		trusting.Put(t.Context(), three(), &r)
		if tally(&r) != "A A A" {
			t.Fatalf("%s (%v)", tally(&r), r.Err)
		}
		trusting.pool.close()
	}
	if seen.resumed != 1 {
		t.Errorf("%d sessions resumed, want the second", seen.resumed)
	}
	var r Result
	newProducer(t, server.URL, nil).Put(t.Context(), three(), &r)
	if got := tally(&r); got != "R:ConnectionFailed R:ConnectionFailed R:ConnectionFailed" {
		t.Errorf("a certificate of nobody known: %s (%v)", got, r.Err)
	}
}

// Of a call of many TLS records all arrive, and of the next one too.
func TestTLSInManyRecords(t *testing.T) {
	server := httptest.NewTLSServer(stream(t))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	p := newProducer(t, server.URL, func(c *Config) { c.RootCAs = roots })
	// 12 × 15 000 bytes are 240 000 in base64, some 15 records of 16 KiB: more
	// than is gathered at once.
	records := slices.Repeat([]Record{{Data: make([]byte, 15_000), PartitionKey: "k"}}, 12)
	for range 2 {
		var r Result
		p.Put(t.Context(), records, &r)
		if got, want := tally(&r), strings.TrimSpace(strings.Repeat("A ", 12)); got != want {
			t.Fatalf("%s (%v)", got, r.Err)
		}
	}
}

// An answer may come in chunks, and a connection that the server means to close
// carries no other call.
func TestWaysOfAnswering(t *testing.T) {
	const first, rest = `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"},`, `{"SequenceNumber":"2","ShardId":"s"},{"SequenceNumber":"3","ShardId":"s"}]}`
	for _, tt := range []struct {
		name       string
		connection string // the header
		idle       int    // connections after a call
	}{
		{name: "in chunks", connection: "keep-alive", idle: 1},
		{name: "for the last time", connection: "close", idle: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Connection", tt.connection)
				_, _ = io.WriteString(w, first)
				_ = http.NewResponseController(w).Flush()
				_, _ = io.WriteString(w, rest)
			}))
			defer server.Close()
			p := newProducer(t, server.URL, nil)
			for range 2 {
				var r Result
				p.Put(t.Context(), three(), &r)
				if got := tally(&r); got != "A A A" || len(p.pool.idle) != tt.idle || p.pool.open != tt.idle {
					t.Errorf("%s (%v), %d connections idle of %d, want %d", got, r.Err, len(p.pool.idle), p.pool.open, tt.idle)
				}
			}
		})
	}
}
