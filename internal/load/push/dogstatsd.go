package push

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/DataDog/datadog-go/v5/statsd"
	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

// DogStatsDName is the output's name in k6, which keeps the name datadog for an
// error message. weir takes --out datadog for it.
const DogStatsDName = "dogstatsd"

// dogStatsDVariables are the options of the output, each with its environment
// variable.
var dogStatsDVariables = map[string]string{
	"addr":       "K6_DATADOG_ADDR",
	"namespace":  "K6_DATADOG_NAMESPACE",
	"tags":       "K6_DATADOG_TAGS",
	"maxMetrics": "K6_DATADOG_MAX_METRICS",
}

const (
	dogStatsDPeriod = time.Second
	// An agent counts what has no timestamp for the moment at which it comes; what
	// is older carries its own (agent 7.40, docs.datadoghq.com/developers/dogstatsd/
	// datagram_shell, protocol v1.3; 2026-11-22).
	withTimestamp = 5 * time.Second
)

// dogStatsD is the k6 output for Datadog's agent.
type dogStatsD struct {
	output.SampleBuffer

	addr, namespace string
	logger          logrus.FieldLogger
	client          *statsd.Client

	// The flusher's goroutine owns what follows, and Stop once it has ended.
	flusher *output.PeriodicFlusher
	sums    *summaries
	parts   map[string]float64 // of counters: what is left below a whole
	sent    int64              // samples
	failed  int64              // samples that the client refused
	err     error              // why the last of them
}

// NewDogStatsD is the constructor of the k6 output "dogstatsd".
func NewDogStatsD(p output.Params) (output.Output, error) {
	s, err := readSettings(dogStatsDVariables, p.JSONConfig, p.Environment, p.ConfigArgument)
	if err != nil {
		return nil, err
	}
	tags, err := parseTags(s["tags"])
	if err != nil {
		return nil, fmt.Errorf("tags: %w", err)
	}
	most, err := strconv.Atoi(cmp.Or(s["maxMetrics"], "500"))
	if err != nil || most < 1 {
		return nil, fmt.Errorf("maxMetrics %q: a number above 0", s["maxMetrics"])
	}
	o := &dogStatsD{
		addr: s["addr"], namespace: cmp.Or(s["namespace"], "k6."), logger: p.Logger.WithField("output", DogStatsDName),
		sums: newSummaries(dogStatsDPeriod, newBounds(tags, most)), parts: map[string]float64{},
	}
	if o.addr == "" && os.Getenv("DD_AGENT_HOST") == "" && os.Getenv("DD_DOGSTATSD_URL") == "" { // which the client reads
		o.addr = "127.0.0.1:8125"
	}
	return o, nil
}

// Description implements output.Output.
func (o *dogStatsD) Description() string {
	return fmt.Sprintf("DogStatsD (%s)", cmp.Or(o.addr, "by DD_AGENT_HOST"))
}

// Start implements output.Output.
func (o *dogStatsD) Start() error {
	var err error
	o.client, err = statsd.New(o.addr, statsd.WithNamespace(o.namespace), statsd.WithExtendedClientSideAggregation())
	if err != nil {
		return fmt.Errorf("find Datadog's agent: %w", err)
	}
	o.flusher, err = output.NewPeriodicFlusher(collectEvery, func() { o.collect(time.Now(), dogStatsDPeriod) })
	return err
}

// Stop implements output.Output: it sends what is left and says what became of
// everything.
func (o *dogStatsD) Stop() error {
	o.flusher.Stop()
	o.collect(time.Now(), -2*dogStatsDPeriod) // the second that has not ended yet, too
	err := o.client.Close()                   // flushes
	o.logger.Info(o.report(o.client.GetTelemetry()))
	if err != nil {
		return fmt.Errorf("close the client of Datadog's agent: %w", err)
	}
	return nil
}

// collect sums up what was sampled and sends the seconds that ended so long ago.
func (o *dogStatsD) collect(now time.Time, ago time.Duration) {
	addAll(o.sums, o.GetBufferedSamples())
	for _, w := range o.sums.take(now.Add(-ago)) {
		if err := o.send(w, now); err != nil {
			o.failed += w.count
			o.err = err
			continue
		}
		o.sent += w.count
	}
}

// send hands one second of a series to the client, which queues it.
func (o *dogStatsD) send(w *window, now time.Time) error {
	name, tags := w.metric.Name, datadogTags(w.tags)
	switch w.metric.Type {
	case metrics.Counter:
		return o.count(w.key, name, w.sum, tags, w.from, now)
	case metrics.Rate: // two counts, whose quotient is the rate over any time
		if err := o.count(w.key+"\x00nonzero", name+".nonzero", w.sum, tags, w.from, now); err != nil {
			return err
		}
		return o.count(w.key+"\x00total", name+".total", float64(w.count), tags, w.from, now)
	case metrics.Trend:
		return o.distribution(name, w.values.values(), tags)
	case metrics.Gauge:
		if now.Sub(w.from) > withTimestamp {
			return o.client.GaugeWithTimestamp(name, w.last, tags, 1, w.from)
		}
		return o.client.Gauge(name, w.last, tags, 1)
	}
	return nil
}

// count sends whole numbers, as Datadog's counts are, and keeps the rest for
// the series' next second.
func (o *dogStatsD) count(key, name string, n float64, tags []string, at, now time.Time) error {
	n += o.parts[key]
	whole := math.Floor(n + 1e-9)
	o.parts[key] = n - whole
	if now.Sub(at) > withTimestamp {
		return o.client.CountWithTimestamp(name, int64(whole), tags, 1, at)
	}
	return o.client.Count(name, int64(whole), tags, 1)
}

func (o *dogStatsD) distribution(name string, values []weighted, tags []string) error {
	for _, v := range values {
		for range v.count {
			if err := o.client.Distribution(name, v.value, tags, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func datadogTags(tags []tag) []string {
	texts := make([]string, len(tags))
	for i, t := range tags {
		texts[i] = t.name + ":" + t.value
	}
	return texts
}

// report says in one line what became of the samples.
func (o *dogStatsD) report(t statsd.Telemetry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d samples in %d payloads; %d samples and %d payloads dropped", o.sent, t.TotalPayloadsSent, o.failed, t.TotalPayloadsDropped)
	if o.err != nil {
		fmt.Fprintf(&b, " (%v)", o.err)
	}
	b.WriteString(o.sums.losses())
	return b.String()
}
