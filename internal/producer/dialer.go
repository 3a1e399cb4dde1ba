package producer

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"time"
)

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// dialer connects to one endpoint. It is safe for concurrent use.
type dialer struct {
	addr string
	tls  *tls.Config // nil: without TLS
}

func newDialer(u *url.URL, roots *x509.CertPool) *dialer {
	d := &dialer{addr: u.Host}
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

// dial connects and finishes the TLS handshake, so that whatever fails later
// failed after the request was begun.
func (d *dialer) dial(timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.addr)
	if err != nil || d.tls == nil {
		return conn, err
	}
	secured := tls.Client(&beneath{Conn: conn, in: bufio.NewReaderSize(conn, readAhead)}, d.tls)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error is the one to tell
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secured, nil
}
