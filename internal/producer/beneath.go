package producer

import (
	"bufio"
	"net"
	"sync"
)

// TLS goes in records of 16 KiB and what encrypting adds (RFC 8446, section
// 5.2). Left alone, crypto/tls asks the system twice to read one, and once to
// write one.
const (
	tlsRecord = 16<<10 + 256
	readAhead = 2 * tlsRecord
	gathered  = 4 * tlsRecord
)

// beneath is the connection under one with TLS. It reads as much as has come,
// and can gather what is written.
type beneath struct {
	net.Conn
	in  *bufio.Reader
	out *bufio.Writer // nil: what is written goes at once
}

var gatherers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, gathered) }}

func (b *beneath) Read(p []byte) (int, error) { return b.in.Read(p) }

func (b *beneath) Write(p []byte) (int, error) {
	if b.out != nil {
		return b.out.Write(p)
	}
	return b.Conn.Write(p)
}

// gather writes by write, several records at once.
func (b *beneath) gather(write func() error) error {
	b.out = gatherers.Get().(*bufio.Writer)
	b.out.Reset(b.Conn)
	err := write()
	if err == nil {
		err = b.out.Flush()
	}
	b.out.Reset(nil)
	gatherers.Put(b.out)
	b.out = nil
	return err
}
