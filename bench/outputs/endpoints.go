package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
)

// endpoints are what every output sends to: over HTTP they take each request and
// answer with what that service's client is content with.
type endpoints struct {
	server *httptest.Server
	agent  net.PacketConn
	gone   chan struct{}
}

// startEndpoints serves on loopback; deaf ones never answer, but for the
// question without whose answer k6's InfluxDB output does not start.
func startEndpoints(deaf bool) (*endpoints, error) {
	e := &endpoints{gone: make(chan struct{})}
	e.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/query" { // InfluxDB's CREATE DATABASE
			_, _ = io.WriteString(w, "{}")
			return
		}
		if deaf {
			<-e.gone
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
	var err error
	if e.agent, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for DogStatsD: %w", err)
	}
	go func() {
		for b := make([]byte, 65536); ; {
			if _, _, err := e.agent.ReadFrom(b); err != nil {
				return
			}
		}
	}()
	return e, nil
}

func (e *endpoints) close() {
	close(e.gone)
	e.server.CloseClientConnections()
	e.server.Close()
	_ = e.agent.Close()
}

// out is one output, as weir run is asked for it.
type out struct {
	name string
	arg  string
	env  []string
}

// outs are all outputs that send somewhere, and one that writes a file.
func (e *endpoints) outs(folder string) []out {
	url, host := e.server.URL, e.server.Listener.Addr().String()
	return []out{
		{"cloudwatch", "cloudwatch=period=1s,endpoint=" + url, nil},
		{"datadog", "datadog=addr=" + e.agent.LocalAddr().String(), nil},
		{"influxdb", "influxdb=" + url + "/k6", nil},
		{"prometheus", "experimental-prometheus-rw", []string{"K6_PROMETHEUS_RW_SERVER_URL=" + url + "/api/v1/write"}},
		{"opentelemetry", "opentelemetry", []string{
			"K6_OTEL_EXPORTER_PROTOCOL=http/protobuf", "K6_OTEL_HTTP_EXPORTER_INSECURE=true", "K6_OTEL_HTTP_EXPORTER_ENDPOINT=" + host,
		}},
		{"json", "json=" + folder + "/samples.json", nil},
		{"csv", "csv=" + folder + "/samples.csv", nil},
	}
}
