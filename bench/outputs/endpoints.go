package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
)

// endpoints are what every output sends to: a process that takes each request
// over HTTP and answers with what that service's client is content with.
type endpoints struct {
	url   string // of the services spoken to over HTTP
	agent string // the address that takes DogStatsD
	cmd   *exec.Cmd
	until io.Closer // the process's input, with whose end it ends
}

// How endpoints behave.
const (
	answering = "answering"
	deaf      = "deaf" // no answer, but for the question without whose answer k6's InfluxDB output does not start
)

// startEndpoints starts this program in the role of the endpoints, with the
// scheduler's policy for what runs when nothing else wants to.
func startEndpoints(ctx context.Context, manner string) (*endpoints, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, "chrt", "--idle", "0", exe, "-serve", manner)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the endpoints: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the endpoints: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the endpoints: %w", err)
	}
	e := &endpoints{cmd: cmd, until: in}
	if _, err := fmt.Fscan(bufio.NewReader(out), &e.url, &e.agent); err != nil {
		e.close()
		return nil, fmt.Errorf("read where the endpoints are: %w", err)
	}
	return e, nil
}

func (e *endpoints) close() {
	_ = e.until.Close()
	_ = e.cmd.Wait() // what it did was taken
}

// serveEndpoints is that process: it serves on loopback until its input ends.
func serveEndpoints(manner string) error {
	agent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for DogStatsD: %w", err)
	}
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/query" { // InfluxDB's CREATE DATABASE
			_, _ = io.WriteString(w, "{}")
			return
		}
		if manner == deaf {
			<-gone
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/write", "/api/v1/write": // InfluxDB, Prometheus
			w.WriteHeader(http.StatusNoContent)
		case "/v1/metrics": // OpenTelemetry: an empty message
			w.Header().Set("Content-Type", "application/x-protobuf")
		default: // CloudWatch
			w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		}
	}))
	go func() {
		for b := make([]byte, 65536); ; {
			if _, _, err := agent.ReadFrom(b); err != nil {
				return
			}
		}
	}()
	fmt.Println(server.URL, agent.LocalAddr())
	_, err = io.Copy(io.Discard, os.Stdin)
	close(gone)
	server.CloseClientConnections()
	server.Close()
	return errors.Join(err, agent.Close())
}

// out is one output, as weir run is asked for it.
type out struct {
	name string
	arg  string
	env  []string
}

// outs are all outputs that send somewhere.
func (e *endpoints) outs() []out {
	return []out{
		{"cloudwatch", "cloudwatch=period=1s,endpoint=" + e.url, nil},
		{"datadog", "datadog=addr=" + e.agent, nil},
		{"influxdb", "influxdb=" + e.url + "/k6", nil},
		{"prometheus", "experimental-prometheus-rw", []string{"K6_PROMETHEUS_RW_SERVER_URL=" + e.url + "/api/v1/write"}},
		{"opentelemetry", "opentelemetry", []string{
			"K6_OTEL_EXPORTER_PROTOCOL=http/protobuf", "K6_OTEL_HTTP_EXPORTER_INSECURE=true",
			"K6_OTEL_HTTP_EXPORTER_ENDPOINT=" + strings.TrimPrefix(e.url, "http://"),
		}},
	}
}

// files are the outputs that write one.
func files(folder string) []out {
	return []out{
		{"json", "json=" + folder + "/samples.json", nil},
		{"csv", "csv=" + folder + "/samples.csv", nil},
	}
}
