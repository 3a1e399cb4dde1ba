package main

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// cloudEndpoint answers as Grafana Cloud's API of test runs and metrics does,
// as far as k6's output asks (go.k6.io/k6/v2 v2.2.0, cloudapi and output/cloud/
// expv2). What Grafana makes of it can't be seen here.
func cloudEndpoint(t *testing.T) destination {
	h := newHeld()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err == nil && r.URL.Path == "/v2/metrics/42" {
			if b, err = snappy.Decode(nil, b); err == nil {
				holdCloud(h, b)
			}
		}
		if err != nil || r.Header.Get("Authorization") != "Token secret" {
			t.Errorf("%s: %v, authorization %q", r.URL, err, r.Header.Get("Authorization"))
		}
		_, _ = io.WriteString(w, `{"reference_id":"42"}`)
	}))
	t.Cleanup(server.Close)
	return h.destination(destination{
		name: "cloud", args: []string{"--out", "cloud"}, env: []string{"K6_CLOUD_HOST=" + server.URL, "K6_CLOUD_TOKEN=secret"},
	})
}

// holdCloud reads a MetricSet of k6's internal/output/cloud/expv2/pbcloud.
func holdCloud(h *held, set []byte) {
	for _, metric := range fields(set, 3) {
		name := string(fields(metric, 1)[0])
		for _, series := range fields(metric, 3) {
			for _, counters := range fields(series, 2) {
				for _, v := range fields(counters, 1) {
					h.add(name, fixed(v, 2))
				}
			}
			for _, gauges := range fields(series, 3) {
				for _, v := range fields(gauges, 1) {
					h.add(name, fixed(v, 2))
				}
			}
		}
	}
}

// fields are the values of one field of a protobuf message, as bytes.
func fields(message []byte, number protowire.Number) [][]byte {
	var all [][]byte
	for len(message) > 0 {
		n, kind, tag := protowire.ConsumeTag(message)
		length := protowire.ConsumeFieldValue(n, kind, message[tag:])
		if tag < 0 || length < 0 {
			return nil
		}
		value := message[tag : tag+length]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		if n == number {
			all = append(all, value)
		}
		message = message[tag+length:]
	}
	return all
}

// fixed is a field of type double; 0 is left out of messages.
func fixed(message []byte, number protowire.Number) float64 {
	for _, value := range fields(message, number) {
		bits, _ := protowire.ConsumeFixed64(value)
		return math.Float64frombits(bits)
	}
	return 0
}
