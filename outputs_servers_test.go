package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
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
