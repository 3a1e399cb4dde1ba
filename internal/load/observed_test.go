package load

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/plan"
)

// sampled are the sums and tags of the samples that k6 wrote to a JSON file.
func sampled(t *testing.T, path string) (sums map[string]float64, tags map[string]map[string]string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sums, tags = map[string]float64{}, map[string]map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var sample struct {
			Type, Metric string
			Data         struct {
				Value float64
				Tags  map[string]string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &sample); err != nil {
			t.Fatal(err)
		}
		if sample.Type == "Point" {
			sums[sample.Metric] += sample.Data.Value
			tags[sample.Metric] = sample.Data.Tags
		}
	}
	return sums, tags
}

// What the parent observes, while the load lasts and after, reaches k6's
// outputs under the tags of the load.
func TestChildPushesWhatIsObserved(t *testing.T) {
	_, target := startStub(t)
	path := filepath.Join(t.TempDir(), "samples.json")
	c, log := startChild(t, Options{
		Script: "baseline-500b.js", Dir: t.TempDir(), Args: []string{"--out", "json=" + path, "--tag", "test=spike"}, Observed: true,
		Spec: Spec{Test: baseline(plan.Step{Rate: 50, Duration: time.Second}), Target: target},
	})
	seen := func(second int64, v float64) []frame.Observation {
		return []frame.Observation{{T: second, V: map[string]float64{metrics.IncomingRecords: v, "unheard_of": 1}}}
	}
	for f := range c.Frames() {
		switch {
		case f.Final:
			c.Observe(seen(2000, 7)) // the load is over
			c.Finish()
		case !f.Stopped:
			c.Observe(seen(1000, 1))
			c.Observe(seen(1001, 2))
		}
	}
	if exit, err := c.Wait(); exit != 0 || err != nil || c.Unheard() != 0 {
		t.Fatalf("exit %d, %v, %d unheard\n%s", exit, err, c.Unheard(), log)
	}
	sums, tags := sampled(t, path)
	name := metrics.PushedPrefix + metrics.IncomingRecords
	frames := (sums[name] - 7) / 3 // before the last
	if frames < 1 || frames != float64(int64(frames)) || sums["iterations"] != 50 {
		t.Errorf("%s sums to %g, iterations to %g; want 7 and 3 a frame, and 50", name, sums[name], sums["iterations"])
	}
	if diff := cmp.Diff(map[string]string{"test": "spike"}, tags[name]); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if tags["kinesis_records_accepted"]["test"] != "spike" {
		t.Errorf("tags of the load: %v", tags["kinesis_records_accepted"])
	}
}

// deaf takes requests and never answers them, but for InfluxDB's question
// before the load: k6's output does not start without an answer.
func deaf(t *testing.T) string {
	t.Helper()
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/query" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		<-gone
	}))
	t.Cleanup(func() { close(gone); server.CloseClientConnections(); server.Close() })
	return server.URL
}

// A service that never answers changes nothing of the load: all is offered and
// settled, in time, and the outputs say what they lost or are cut short.
func TestDeafServices(t *testing.T) {
	if testing.Short() {
		t.Skip("runs k6 for seconds")
	}
	for _, out := range []string{"cloudwatch", "influxdb", "experimental-prometheus-rw", "opentelemetry"} {
		t.Run(out, func(t *testing.T) {
			t.Parallel()
			s, target := startStub(t)
			where := deaf(t)
			host := strings.TrimPrefix(where, "http://")
			arg := map[string]string{"cloudwatch": "cloudwatch=period=1s,endpoint=" + where, "influxdb": "influxdb=" + where + "/k6"}[out]
			if arg == "" {
				arg = out
			}
			c, log := startChild(t, Options{
				Script: "baseline-500b.js", Dir: t.TempDir(), Args: []string{"--out", arg}, Observed: true, OutputsGrace: 2 * time.Second,
				Spec: Spec{Test: baseline(plan.Step{Rate: 100, Duration: 2 * time.Second}), Target: target},
				Env: append(os.Environ(), "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret",
					"K6_PROMETHEUS_RW_SERVER_URL="+where+"/api/v1/write", "K6_PROMETHEUS_RW_PUSH_INTERVAL=500ms",
					"K6_OTEL_EXPORTER_PROTOCOL=http/protobuf", "K6_OTEL_HTTP_EXPORTER_ENDPOINT="+host, "K6_OTEL_HTTP_EXPORTER_INSECURE=true", "K6_OTEL_EXPORT_INTERVAL=500ms"),
			})
			sum := sumOf(c)
			exit, err := c.Wait()
			if err != nil && !errors.Is(err, ErrOutputs) || err == nil && exit != 0 {
				t.Errorf("exit %d, %v\n%s", exit, err, log)
			}
			settled := sum.Accepted + sum.Rejected["ProvisionedThroughputExceededException"] + sum.Indeterminate + sum.NotSent
			if !sum.final || settled != 200 || sum.Accepted != int64(len(s.accepted)) || sum.NotSent != 0 {
				t.Errorf("final %v, %d of 200 settled, %d accepted, %d not sent; the stream has %d\n%s",
					sum.final, settled, sum.Accepted, sum.NotSent, len(s.accepted), log)
			}
		})
	}
}
