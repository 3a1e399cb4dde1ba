package main

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	otlpmetrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	emulator "weir/internal/emulator/cloudwatch"
)

// otlpReceiver takes OpenTelemetry's metrics over HTTP. Sums are cumulative.
func otlpReceiver(t *testing.T) destination {
	h := newHeld()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Error(err)
				return
			}
		}
		b, err := io.ReadAll(body)
		var request colmetrics.ExportMetricsServiceRequest
		if err == nil {
			err = proto.Unmarshal(b, &request)
		}
		if err != nil {
			t.Errorf("OTLP: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		holdOTLP(h, &request)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return h.destination(destination{
		name: "opentelemetry", args: []string{"--out", "opentelemetry"},
		env: []string{
			"K6_OTEL_EXPORTER_PROTOCOL=http/protobuf", "K6_OTEL_HTTP_EXPORTER_INSECURE=true",
			"K6_OTEL_HTTP_EXPORTER_ENDPOINT=" + strings.TrimPrefix(server.URL, "http://"), "K6_OTEL_EXPORT_INTERVAL=1s",
		},
	})
}

func holdOTLP(h *held, request *colmetrics.ExportMetricsServiceRequest) {
	for _, resource := range request.ResourceMetrics {
		for _, scope := range resource.ScopeMetrics {
			for _, m := range scope.Metrics {
				var points []*otlpmetrics.NumberDataPoint
				if sum := m.GetSum(); sum != nil {
					points = sum.DataPoints
				} else if gauge := m.GetGauge(); gauge != nil {
					points = gauge.DataPoints
				}
				var total float64 // over the tags
				for _, p := range points {
					total += p.GetAsDouble()
				}
				h.set(m.Name, total)
			}
		}
	}
}

// datadogAgent parses every message of every datagram.
func datadogAgent(t *testing.T) destination {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	h := newHeld()
	const end = "all was sent"
	ended := make(chan struct{})
	go func() {
		b := make([]byte, 65536)
		for {
			n, _, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if string(b[:n]) == end {
				close(ended)
				return
			}
			for message := range strings.Lines(string(b[:n])) {
				parts := strings.Split(strings.TrimSpace(message), "|")
				values := strings.Split(parts[0], ":")
				if len(parts) < 2 || len(values) < 2 || !strings.Contains("c g d", parts[1]) {
					t.Errorf("%q is no DogStatsD message", message)
					continue
				}
				for _, text := range values[1:] {
					v, err := strconv.ParseFloat(text, 64)
					if err != nil {
						t.Errorf("%q: %v", message, err)
					}
					h.add(strings.TrimPrefix(values[0], "k6."), v)
				}
			}
		}
	}()
	addr := conn.LocalAddr().String()
	d := h.destination(destination{name: "datadog", args: []string{"--out", "datadog=addr=" + addr}})
	var once sync.Once
	after := func(get func(*testing.T, string) float64) func(*testing.T, string) float64 {
		return func(t *testing.T, metric string) float64 {
			once.Do(func() { // what was sent before this datagram has been read when it has
				sender, err := net.Dial("udp", addr)
				if err == nil {
					defer sender.Close()
					_, err = sender.Write([]byte(end))
				}
				if err != nil {
					t.Fatal(err)
				}
				<-ended
			})
			return get(t, metric)
		}
	}
	d.sum, d.last = after(d.sum), after(d.last)
	return d
}

// cloudWatch is an embedded CloudWatch of the test's own, read by AWS's client.
func cloudWatch(t *testing.T) destination {
	store := emulator.NewStore(emulator.Options{})
	server := httptest.NewServer(emulator.New(emulator.Config{Store: store, Logs: emulator.NewLogs(emulator.LogsOptions{Store: store})}))
	t.Cleanup(server.Close)
	client := cloudwatch.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	began := time.Now().Truncate(time.Minute)
	query := func(statistic string, of func([]float64) float64) func(*testing.T, string) float64 {
		return func(t *testing.T, metric string) float64 {
			dimensions := map[string]string{"test": "smoke", "stream": "weir", "function": "weir-probe"}
			if !strings.HasPrefix(metric, "pipeline_") {
				dimensions["scenario"] = "schedule"
			}
			m := types.Metric{Namespace: new("weir"), MetricName: &metric}
			for name, value := range dimensions {
				m.Dimensions = append(m.Dimensions, types.Dimension{Name: &name, Value: &value})
			}
			answer, err := client.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
				StartTime: &began, EndTime: new(time.Now().Add(time.Minute)),
				MetricDataQueries: []types.MetricDataQuery{{Id: new("m"), MetricStat: &types.MetricStat{Metric: &m, Period: new(int32(60)), Stat: &statistic}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			values := answer.MetricDataResults[0].Values
			if len(values) == 0 {
				t.Errorf("CloudWatch has no %s", metric)
				return -1
			}
			return of(values)
		}
	}
	return destination{
		name: "cloudwatch", args: []string{"--out", "cloudwatch=period=1s,endpoint=" + server.URL},
		sum: query("Sum", func(values []float64) float64 {
			var sum float64
			for _, v := range values {
				sum += v
			}
			return sum
		}),
		last: query("Maximum", slices.Max),
	}
}
