package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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
	"github.com/klauspost/compress/snappy"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	otlpmetrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	emulator "weir/internal/emulator/cloudwatch"
)

// destination is one place that a run's samples went to.
type destination struct {
	name string
	args []string // of weir run
	env  []string
	// sum is what the destination holds of a counter, by its name in k6.
	sum func(t *testing.T, metric string) float64
	// last is its value of a gauge.
	last func(t *testing.T, metric string) float64
}

// One run sends to everything at once; each destination then holds the
// generator's and the pipeline's side of it, with sums equal to the run's record.
func TestDestinationsHoldTheRecord(t *testing.T) {
	if testing.Short() {
		t.Skip("runs weir for seconds")
	}
	folder := t.TempDir()
	weir := weirBinary(t, folder)
	destinations := []destination{jsonFile(folder), csvFile(folder), otlpReceiver(t), datadogAgent(t), cloudEndpoint(t), cloudWatch(t)}
	for server, start := range map[string]func(*testing.T, string) destination{"influxd": startInfluxDB, "prometheus": startPrometheus} {
		if present(t, server) {
			destinations = append(destinations, start(t, folder))
		}
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, weir, "run", "smoke", "--rate", "100", "--step", "4s", "--profile", "instant", "--judge", "capacity", "--tag", "team=orders")
	run.Dir, run.Env = folder, os.Environ()
	for _, d := range destinations {
		run.Args, run.Env = append(run.Args, d.args...), append(run.Env, d.env...)
	}
	out, _ := run.CombinedOutput() // the verdict is not what this is about
	want := recorded(t, folder)
	if accepted := want["kinesis_records_accepted"]; accepted == 0 || want["pipeline_kinesis_incoming_records"] != accepted {
		t.Fatalf("the run's record has %v\n%s", want, out)
	}
	for _, d := range destinations {
		t.Run(d.name, func(t *testing.T) {
			for metric, sum := range want {
				get := d.sum
				if strings.Contains(metric, "_ledger_") {
					get = d.last
				}
				if got := get(t, metric); got != sum {
					t.Errorf("%s: %g, the run's record has %g", metric, got, sum)
				}
			}
		})
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}

// weirBinary is this test's binary under the name by which it plays weir.
func weirBinary(t *testing.T, folder string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	weir := filepath.Join(folder, "weir")
	if os.Link(self, weir) == nil {
		return weir
	}
	b, err := os.ReadFile(self) // on another file system
	if err == nil {
		err = os.WriteFile(weir, b, 0o700) //nolint:gosec // a program
	}
	if err != nil {
		t.Fatal(err)
	}
	return weir
}

// present reports whether a server is installed. Without it its part is left
// out, with a word, unless WEIR_REQUIRE names its package.
func present(t *testing.T, server string) bool {
	t.Helper()
	if _, err := exec.LookPath(server); err == nil {
		return true
	}
	name := map[string]string{"influxd": "influxdb"}[server]
	if name == "" {
		name = server
	}
	if slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), name) {
		t.Fatalf("there is no %s, and WEIR_REQUIRE demands it", server)
	}
	t.Run(server, func(t *testing.T) { t.Skipf("%s is not installed (Debian's package %s)", server, name) })
	return false
}

// recorded are the sums of the run in the folder, by the names that k6's
// outputs get them under.
func recorded(t *testing.T, folder string) map[string]float64 {
	t.Helper()
	var account struct {
		Offered, Accepted, Processed, Lost float64
	}
	read := func(name string) []byte {
		found, _ := filepath.Glob(filepath.Join(folder, "runs", "*", name))
		if len(found) != 1 {
			t.Fatalf("%d files %s", len(found), name)
		}
		b, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := json.Unmarshal(read("ledger.json"), &account); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"kinesis_records_accepted":  account.Accepted,
		"pipeline_ledger_offered":   account.Offered,
		"pipeline_ledger_processed": account.Processed,
		"pipeline_ledger_lost":      account.Lost,
	}
	counted := []string{"offered", "processed", "kinesis_incoming_records", "kinesis_incoming_bytes", "lambda_invocations", "lambda_errors", "lambda_throttles", "esm_polled"}
	latest := map[string]map[string]float64{} // a later point of a second replaces the former
	for line := range bytes.Lines(read("series.ndjson")) {
		var p struct {
			T json.Number
			V map[string]float64
		}
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatal(err)
		}
		for _, name := range counted {
			if v, ok := p.V[name]; ok {
				if latest[name] == nil {
					latest[name] = map[string]float64{}
				}
				latest[name][p.T.String()] = v
			}
		}
	}
	for name, points := range latest {
		for v := range maps.Values(points) {
			want["pipeline_"+name] += v
		}
	}
	return want
}

// held sums samples up as they are read.
type held struct {
	mu        sync.Mutex
	sum, last map[string]float64
}

func newHeld() *held { return &held{sum: map[string]float64{}, last: map[string]float64{}} }

func (h *held) add(metric string, v float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sum[metric] += v
	h.last[metric] = v
}

func (h *held) set(metric string, v float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sum[metric], h.last[metric] = v, v
}

// destination is one whose samples were held as they came.
func (h *held) destination(d destination) destination {
	d.sum = func(_ *testing.T, metric string) float64 { h.mu.Lock(); defer h.mu.Unlock(); return h.sum[metric] }
	d.last = func(_ *testing.T, metric string) float64 { h.mu.Lock(); defer h.mu.Unlock(); return h.last[metric] }
	return d
}

// fileDestination is a file that is read once the run has ended.
func fileDestination(name, path string, read func(*testing.T, *os.File, *held)) destination {
	load := sync.OnceValue(newHeld)
	var once sync.Once
	get := func(t *testing.T) *held {
		once.Do(func() {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			read(t, file, load())
		})
		return load()
	}
	return destination{
		name: name, args: []string{"--out", name + "=" + path},
		sum:  func(t *testing.T, metric string) float64 { return get(t).sum[metric] },
		last: func(t *testing.T, metric string) float64 { return get(t).last[metric] },
	}
}

func jsonFile(folder string) destination {
	return fileDestination("json", filepath.Join(folder, "samples.json"), func(t *testing.T, file *os.File, h *held) {
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var s struct {
				Type, Metric string
				Data         struct{ Value float64 }
			}
			if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
				t.Fatal(err)
			}
			if s.Type == "Point" {
				h.add(s.Metric, s.Data.Value)
			}
		}
	})
}

func csvFile(folder string) destination {
	return fileDestination("csv", filepath.Join(folder, "samples.csv"), func(t *testing.T, file *os.File, h *held) {
		lines := bufio.NewScanner(file)
		lines.Scan() // metric_name,timestamp,metric_value,…
		for lines.Scan() {
			fields := strings.SplitN(lines.Text(), ",", 4)
			v, err := strconv.ParseFloat(fields[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			h.add(fields[0], v)
		}
	})
}

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

// startServer starts a server on a free loopback port and waits until it
// answers. It ends with the test.
func startServer(t *testing.T, ready string, command func(addr string) *exec.Cmd) (addr string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = free.Addr().String()
	_ = free.Close()
	cmd := command(addr)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed, as asked
	})
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get("http://" + addr + ready)
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode < 300 {
			return addr
		}
	}
	t.Fatalf("%s did not start:\n%s", cmd.Path, log.String())
	return ""
}

// ask reads JSON from a server.
func ask(t *testing.T, into any, address string, query url.Values) {
	t.Helper()
	answer, err := http.Get("http://" + address + "?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func startInfluxDB(t *testing.T, folder string) destination {
	addr := startServer(t, "/ping", func(addr string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "influxd", "run", "-config", os.DevNull)
		data := filepath.Join(folder, "influxdb")
		cmd.Env = append(os.Environ(),
			"INFLUXDB_HTTP_BIND_ADDRESS="+addr, "INFLUXDB_BIND_ADDRESS=127.0.0.1:0", "INFLUXDB_REPORTING_DISABLED=true", "INFLUXDB_MONITOR_STORE_ENABLED=false",
			"INFLUXDB_META_DIR="+data+"/meta", "INFLUXDB_DATA_DIR="+data+"/data", "INFLUXDB_DATA_WAL_DIR="+data+"/wal")
		return cmd
	})
	query := func(function string) func(*testing.T, string) float64 {
		return func(t *testing.T, metric string) float64 {
			var answer struct {
				Results []struct {
					Series []struct{ Values [][]any }
				}
			}
			ask(t, &answer, addr+"/query", url.Values{"db": {"k6"}, "q": {fmt.Sprintf(`SELECT %s("value") FROM %q WHERE "test" = 'smoke' AND "team" = 'orders'`, function, metric)}})
			if len(answer.Results) != 1 || len(answer.Results[0].Series) != 1 {
				t.Errorf("InfluxDB has no %s", metric)
				return -1
			}
			v, _ := answer.Results[0].Series[0].Values[0][1].(float64)
			return v
		}
	}
	return destination{name: "influxdb", args: []string{"--out", "influxdb=http://" + addr + "/k6"}, sum: query("SUM"), last: query("LAST")}
}

func startPrometheus(t *testing.T, folder string) destination {
	config := filepath.Join(folder, "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := startServer(t, "/-/ready", func(addr string) *exec.Cmd {
		return exec.CommandContext(t.Context(), "prometheus", "--config.file="+config, "--web.listen-address="+addr,
			"--web.enable-remote-write-receiver", "--storage.tsdb.path="+filepath.Join(folder, "prometheus"))
	})
	query := func(expression string) func(*testing.T, string) float64 {
		return func(t *testing.T, metric string) float64 {
			var answer struct {
				Data struct {
					Result []struct{ Value []any }
				}
			}
			ask(t, &answer, addr+"/api/v1/query", url.Values{"query": {fmt.Sprintf(expression, metric)}})
			if len(answer.Data.Result) != 1 {
				t.Errorf("Prometheus has %d series of %s", len(answer.Data.Result), metric)
				return -1
			}
			v, err := strconv.ParseFloat(fmt.Sprint(answer.Data.Result[0].Value[1]), 64)
			if err != nil {
				t.Error(err)
			}
			return v
		}
	}
	return destination{
		name: "prometheus", args: []string{"--out", "experimental-prometheus-rw"},
		env: []string{"K6_PROMETHEUS_RW_SERVER_URL=http://" + addr + "/api/v1/write", "K6_PROMETHEUS_RW_PUSH_INTERVAL=1s"},
		sum: query(`sum(k6_%s_total{test="smoke",team="orders"})`), last: query(`sum(k6_%s{test="smoke",team="orders"})`),
	}
}
