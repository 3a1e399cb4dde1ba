package push

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	logrustest "github.com/sirupsen/logrus/hooks/test"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

// line is one DogStatsD message: name:v1:v2|type|#tag,tag|T12345
type line struct {
	values    []float64
	kind      string
	tags      string
	timestamp int64 // 0: none
}

func parseLine(text string) (name string, l line, err error) {
	parts := strings.Split(text, "|")
	values := strings.Split(parts[0], ":")
	if len(parts) < 2 || len(values) < 2 {
		return "", l, fmt.Errorf("%q is no message", text)
	}
	for _, v := range values[1:] {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return "", l, err
		}
		l.values = append(l.values, f)
	}
	l.kind = parts[1]
	if !strings.Contains("c g d", l.kind) {
		return "", l, fmt.Errorf("%q has an unknown type", text)
	}
	for _, p := range parts[2:] {
		switch {
		case strings.HasPrefix(p, "#"):
			l.tags = p[1:]
		case strings.HasPrefix(p, "T"):
			if l.timestamp, err = strconv.ParseInt(p[1:], 10, 64); err != nil {
				return "", l, err
			}
		case strings.HasPrefix(p, "c:"), strings.HasPrefix(p, "e:"): // the container
		default:
			return "", l, fmt.Errorf("%q has the unknown part %q", text, p)
		}
	}
	return values[0], l, nil
}

// agent parses all that it is sent.
type agent struct {
	conn  net.PacketConn
	lines map[string][]line
	ended chan error
}

func startAgent(t *testing.T) *agent {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{conn: conn, lines: map[string][]line{}, ended: make(chan error, 1)}
	go func() { a.ended <- a.run() }()
	return a
}

func (a *agent) run() error {
	b := make([]byte, 65536)
	for {
		n, _, err := a.conn.ReadFrom(b)
		if err != nil || string(b[:n]) == "end" {
			return err
		}
		for text := range strings.Lines(string(b[:n])) {
			name, l, err := parseLine(strings.TrimSpace(text))
			if err != nil {
				return err
			}
			a.lines[name] = append(a.lines[name], l)
		}
	}
}

// stop waits until all that was sent before has been parsed.
func (a *agent) stop(t *testing.T) {
	t.Helper()
	sender, err := net.Dial("udp", a.conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	if _, err := sender.Write([]byte("end")); err != nil {
		t.Fatal(err)
	}
	if err := <-a.ended; err != nil {
		t.Fatal(err)
	}
}

func (a *agent) sum(name string) float64 {
	var sum float64
	for _, l := range a.lines[name] {
		for _, v := range l.values {
			sum += v
		}
	}
	return sum
}

func TestAgentParsesEveryLine(t *testing.T) {
	a := startAgent(t)
	logger, logged := logrustest.NewNullLogger()
	out, err := NewDogStatsD(output.Params{ConfigArgument: "addr=" + a.conn.LocalAddr().String(), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Start(); err != nil {
		t.Fatal(err)
	}
	s := newSamples()
	checks := s.registry.MustNewMetric("checks", metrics.Rate)
	now := time.Now()
	old := now.Add(-time.Minute).Truncate(time.Second)
	batch := metrics.Samples{
		s.of(s.counter, now, 500, "test", "spike", "url", "http://a"),
		s.of(s.counter, now, 0.75, "test", "spike"), s.of(s.counter, now, 0.25, "test", "spike"), // fractions add up
		s.of(s.counter, old, 40, "test", "spike"), s.of(s.gauge, old, 1234, "test", "spike"), // what was observed of the pipeline
		s.of(s.gauge, now, 5),
		s.of(checks, now, 1), s.of(checks, now, 0), s.of(checks, now, 1),
	}
	for i := range 100 {
		batch = append(batch, s.of(s.timing, now, float64(i), "test", "spike"))
	}
	out.AddMetricSamples([]metrics.SampleContainer{batch})
	if err := out.Stop(); err != nil {
		t.Fatal(err)
	}
	a.stop(t)

	for name, want := range map[string]float64{
		"k6.records": 541, "k6.put": 4950, "k6.checks.nonzero": 2, "k6.checks.total": 3, // 0 + … + 99 = 4 950
	} {
		if got := a.sum(name); got < want-0.5 || got > want+0.5 {
			t.Errorf("%s sums to %g, want %g", name, got, want)
		}
	}
	if diff := cmp.Diff([]line{{[]float64{1234}, "g", "test:spike", old.Unix()}, {[]float64{5}, "g", "", 0}}, a.lines["k6.age"], cmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("gauges (-want +got):\n%s", diff)
	}
	if got := a.lines["k6.records"][0]; got.timestamp != old.Unix() || got.kind != "c" {
		t.Errorf("an old count: %+v, want it with its time", got)
	}
	if got := a.lines["k6.put"]; got[0].kind != "d" || len(got) >= 100 {
		t.Errorf("distribution: %d messages of kind %s, want few of d", len(got), got[0].kind)
	}
	if got := logged.LastEntry().Message; !strings.HasPrefix(got, "109 samples in ") || !strings.HasSuffix(got, "; 0 samples and 0 payloads dropped") {
		t.Errorf("report: %s", got)
	}
}

// Nobody listens: the load does not notice, the report does.
func TestNoAgent(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	_ = conn.Close()
	logger, logged := logrustest.NewNullLogger()
	out, err := NewDogStatsD(output.Params{ConfigArgument: "addr=" + addr, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Start(); err != nil {
		t.Fatal(err)
	}
	s := newSamples()
	for i := range 3000 { // several datagrams: the first tells the system that nobody is there
		out.AddMetricSamples([]metrics.SampleContainer{s.of(s.timing, time.Now(), float64(i))})
	}
	if err := out.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := logged.LastEntry().Message; strings.HasSuffix(got, " and 0 payloads dropped") {
		t.Errorf("report: %s", got)
	}
}
