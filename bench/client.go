package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many the client keeps busy, each with one call at a time.
const connections = 8

// traffic is what a client sends over and over.
type traffic struct {
	requests [][]byte
	count    func(answer []byte) (records int, err error)
}

// drive sends the requests in turn over all connections until d is over or n
// have been answered, and returns the records counted. n 0 means no end.
func (t traffic) drive(ctx context.Context, addr string, d time.Duration, n int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var next, records atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, connections)
	for i := range connections {
		wg.Go(func() {
			errs[i] = t.converse(ctx, addr, &next, &records, n)
			if errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return records.Load(), nil
}

// converse is one connection's part.
func (t traffic) converse(ctx context.Context, addr string, next, records *atomic.Int64, n int64) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing is under way
	in := bufio.NewReaderSize(conn, 64<<10)
	var answer []byte
	for ctx.Err() == nil {
		i := next.Add(1) - 1
		if n > 0 && i >= n {
			return nil
		}
		if _, err := conn.Write(t.requests[i%int64(len(t.requests))]); err != nil {
			return fmt.Errorf("send: %w", err)
		}
		if answer, err = receive(in, answer); err != nil {
			return err
		}
		got, err := t.count(answer)
		if err != nil {
			return err
		}
		records.Add(int64(got))
	}
	return nil
}

// receive reads one answer's body into buf, which it may enlarge.
func receive(in *bufio.Reader, buf []byte) ([]byte, error) {
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	if n := int(response.ContentLength); n >= 0 {
		buf = slices.Grow(buf[:0], n)[:n]
		_, err = io.ReadFull(response.Body, buf)
	} else {
		buf, err = io.ReadAll(response.Body)
	}
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %.300s", response.Status, buf)
	}
	return buf, nil
}

// request is one signed-looking POST. Nobody here checks the signature, but
// kinesalite wants one to be there.
func request(operation string, body []byte) []byte {
	head := fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"+
		"X-Amz-Target: Kinesis_20131202.%s\r\nX-Amz-Date: 20261122T000000Z\r\n"+
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/kinesis/aws4_request, "+
		"SignedHeaders=host;x-amz-date;x-amz-target, Signature=%064d\r\nContent-Length: %d\r\n\r\n", operation, 0, len(body))
	return append([]byte(head), body...)
}
