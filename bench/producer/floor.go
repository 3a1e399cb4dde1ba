package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"weir/internal/producer"
)

// loopFloor is the role of a bare loop: one call of the producer's, sent again
// and again on inFlight connections, its body hashed each time.
func loopFloor(batch, size int, encoding producer.Encoding) error {
	head, body, err := capture(batch, size, encoding)
	if err != nil {
		return fmt.Errorf("make a call to repeat: %w", err)
	}
	call := append(head, body...)
	failed := make(chan error, inFlight)
	for range inFlight {
		go func() { failed <- repeat(call, body) }()
	}
	return <-failed
}

// repeat sends a call until that fails.
func repeat(call, body []byte) error {
	conn, err := connect(os.Getenv("AWS_ENDPOINT_URL"))
	if err != nil {
		return err
	}
	var answer []byte
	for {
		sha256.Sum256(body)
		if _, err := conn.Write(call); err != nil {
			return fmt.Errorf("send a call: %w", err)
		}
		if answer == nil {
			if answer, err = measured(conn); err != nil {
				return err
			}
			continue
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
	}
}

// measured reads an answer and gives memory of its length: all have the same.
func measured(conn net.Conn) ([]byte, error) {
	var text bytes.Buffer
	answer, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &text)), nil)
	if err != nil {
		return nil, fmt.Errorf("read the first answer: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the first answer has status %d", answer.StatusCode)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return nil, fmt.Errorf("read the first answer: %w", err)
	}
	return make([]byte, text.Len()), nil
}

func connect(endpoint string) (net.Conn, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("read the endpoint: %w", err)
	}
	if u.Scheme == "http" {
		return net.Dial("tcp", u.Host)
	}
	roots := x509.NewCertPool()
	text, err := os.ReadFile(os.Getenv("AWS_CA_BUNDLE"))
	if err != nil {
		return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
	}
	roots.AppendCertsFromPEM(text)
	return tls.Dial("tcp", u.Host, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, DynamicRecordSizingDisabled: true})
}

// capture lets a producer make a call to nobody and gives what it sent.
func capture(batch, size int, encoding producer.Encoding) (head, body []byte, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("listen: %w", err)
	}
	defer listener.Close() //nolint:errcheck // nobody else connects
	p, err := producer.New(producer.Config{
		Endpoint: "http://" + listener.Addr().String(), Region: "us-east-1", Stream: "bench", Encoding: encoding,
		Credentials: credentials.NewStaticCredentialsProvider("AKIABENCHMARK0000000", "s", ""),
		Timeout:     10 * time.Second, MaxConns: 1, SinglePut: batch == 1,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("make the producer: %w", err)
	}
	b, err := newBodies(size)
	if err != nil {
		return nil, nil, err
	}
	records := make([]producer.Record, batch)
	for i := range records {
		records[i].Data, records[i].PartitionKey = b.next(uint64(i), time.Now())
	}
	var result producer.Result
	go p.Put(context.Background(), records, &result) // in vain: its connection is closed
	return received(listener)
}

// received is what the first client of a listener sends.
func received(listener net.Listener) (head, body []byte, err error) {
	conn, err := listener.Accept()
	if err != nil {
		return nil, nil, fmt.Errorf("accept: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it was read
	var text bytes.Buffer
	request, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &text)))
	if err != nil {
		return nil, nil, fmt.Errorf("read the call: %w", err)
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return nil, nil, fmt.Errorf("read the call: %w", err)
	}
	head, body, found := bytes.Cut(text.Bytes(), []byte("\r\n\r\n"))
	if !found {
		return nil, nil, errors.New("read the call: no end of its head")
	}
	return append(bytes.Clone(head), "\r\n\r\n"...), body, nil
}
