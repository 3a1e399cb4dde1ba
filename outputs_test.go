package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
