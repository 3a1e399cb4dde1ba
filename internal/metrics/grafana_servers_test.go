package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	"testing"
	"time"
)

// written is what k6's outputs write of a run: the pipeline's series and the
// generator's own metrics (internal/load, put_metrics.go), by name and type.
func written() map[string]kind {
	all := map[string]kind{
		"kinesis_records_accepted": counterKind, "kinesis_records_rejected": counterKind,
		"kinesis_put_duration": trendKind, "kinesis_lateness": trendKind,
	}
	for _, p := range AllPushed() {
		all[p.Name()] = gaugeKind
		if p.Counter {
			all[p.Name()] = counterKind
		}
	}
	return all
}

// server starts a program of a Debian package that the machine may lack, and
// skips the test where it does unless WEIR_REQUIRE names it.
func server(t *testing.T, name, program string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), name) {
			t.Fatal(err)
		}
		t.Skipf("Debian's package %s is not installed", name)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, args...)
	log, err := os.Create(filepath.Join(t.TempDir(), program+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			if text, err := os.ReadFile(log.Name()); err == nil {
				t.Logf("%s: %s", program, text[max(0, len(text)-2000):])
			}
		}
		_ = log.Close()
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// fetch is a successful answer's body, asked for until there is one.
func fetch(t *testing.T, method, address string, body string) []byte {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		var text []byte
		if err == nil {
			text, _ = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode < 300 {
				return text
			}
			err = fmt.Errorf("%s: %s", answer.Status, text)
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// Every panel's query returns data of a real InfluxDB that has what k6's output
// writes: a point a second for a minute, each of value 5.
func TestGrafanaQueriesOnInfluxDB(t *testing.T) {
	address, dir := freeAddress(t), t.TempDir()
	server(t, "influxdb", "influxd", "-config", configFile(t, fmt.Sprintf(`
reporting-disabled = true
bind-address = %q
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
[http]
  bind-address = %q
[monitor]
  store-enabled = false
`, freeAddress(t), dir+"/meta", dir+"/data", dir+"/wal", address)))
	base := "http://" + address
	fetch(t, http.MethodPost, base+"/query?q="+url.QueryEscape("CREATE DATABASE k6"), "")

	var lines strings.Builder
	last := time.Now().Truncate(10 * time.Second)
	for name := range written() {
		for second := range 60 {
			fmt.Fprintf(&lines, "%s,test=baseline,stream=weir,function=weir-probe value=5 %d\n", name, last.Add(-time.Duration(second+1)*time.Second).UnixNano())
		}
	}
	fetch(t, http.MethodPost, base+"/write?db=k6", lines.String())

	for _, p := range grafanaPanels(t, GrafanaInfluxDB) {
		for _, target := range p.Targets {
			query := strings.NewReplacer(
				"$timeFilter", "time > now() - 5m", "$__interval_ms", "10000", "$__interval", "10s",
				"$test", "baseline", "$stream", "weir", "$function", ".*",
			).Replace(target["query"].(string))
			got := influxValues(t, fetch(t, http.MethodGet, base+"/query?db=k6&q="+url.QueryEscape(query), ""))
			// Six whole intervals of 10 s: ten points of 5, by the second, or the largest
			// of them; so far they add up to 60 × 5.
			expected := 5.0
			if strings.Contains(query, "cumulative_sum") {
				expected = 300
			}
			if len(got) != 6 || got[5] != expected {
				t.Errorf("%s, %s: %v, want six that end with %g\n%s", p.Title, target["alias"], got, expected, query)
			}
		}
	}
}

func influxValues(t *testing.T, text []byte) (values []float64) {
	t.Helper()
	var answer struct {
		Results []struct {
			Error  string
			Series []struct{ Values [][]any }
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Results) != 1 || answer.Results[0].Error != "" {
		t.Fatalf("%v: %s", err, text)
	}
	for _, s := range answer.Results[0].Series {
		for _, v := range s.Values {
			if number, ok := v[1].(float64); ok {
				values = append(values, number)
			}
		}
	}
	return values
}

// Every panel's query returns data of a real Prometheus that has what k6's
// output writes: counters that grow by about 5 a second, other figures of 5, and
// trends of 5 ms, which k6 sends in seconds.
func TestGrafanaQueriesOnPrometheus(t *testing.T) {
	began := time.Now()
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, k := range written() {
			value := map[kind]float64{counterKind: 5 * time.Since(began).Seconds(), gaugeKind: 5, trendKind: 0.005}[k]
			fmt.Fprintf(w, "%s{test=\"baseline\",stream=\"weir\",function=\"weir-probe\"} %g\n", prometheusName(name, k), value)
		}
	}))
	defer source.Close()
	address := freeAddress(t)
	server(t, "prometheus", "prometheus", "--config.file="+configFile(t, fmt.Sprintf(`
global: {scrape_interval: 200ms}
scrape_configs: [{job_name: k6, static_configs: [{targets: [%q]}]}]
`, source.Listener.Addr())), "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+address, "--log.level=warn")

	for _, p := range grafanaPanels(t, GrafanaPrometheus) {
		for _, target := range p.Targets {
			query := strings.NewReplacer("$__rate_interval", "2s", "$test", "baseline", "$stream", "weir", "$function", ".*").Replace(target["expr"].(string))
			expected := 5.0
			if strings.Contains(query, " / ") {
				expected = 1
			}
			// A rate settles with the first two seconds' scrapes.
			var got float64
			for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
				if got = prometheusValue(t, "http://"+address, query); got > 0.9*expected && got < 1.1*expected {
					break
				}
			}
			if got <= 0.9*expected || got >= 1.1*expected {
				t.Errorf("%s, %s: %g, want %g\n%s", p.Title, target["legendFormat"], got, expected, query)
			}
		}
	}
}

// prometheusValue is the one value of a query, NaN where there is none yet.
func prometheusValue(t *testing.T, base, query string) float64 {
	t.Helper()
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	text := fetch(t, http.MethodGet, base+"/api/v1/query?query="+url.QueryEscape(query), "")
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(answer.Data.Result) != 1 {
		return math.NaN()
	}
	value, err := strconv.ParseFloat(answer.Data.Result[0].Value[1].(string), 64)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}
