package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/metrics"
	"weir/internal/observe"
	"weir/internal/pipeline"
	"weir/internal/record"
)

// source is CloudWatch and Logs as a poller sees them, which can be made to
// fail.
type source struct {
	store   *cloudwatch.Store
	logs    *cloudwatch.Logs
	metrics atomic.Bool // answers metrics
	lines   atomic.Bool // answers log lines
	poller  *poller
	began   time.Time
}

func newSource(t *testing.T) *source {
	t.Helper()
	s := &source{store: cloudwatch.NewStore(cloudwatch.Options{}), began: time.Now().Add(-time.Minute).Truncate(time.Second)}
	s.logs = cloudwatch.NewLogs(cloudwatch.LogsOptions{Store: s.store})
	s.metrics.Store(true)
	s.lines.Store(true)
	service := cloudwatch.New(cloudwatch.Config{Store: s.store, Logs: s.logs})
	answer := inProcess(func(w http.ResponseWriter, r *http.Request) {
		answers := &s.metrics
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "Logs_") {
			answers = &s.lines
		}
		if !answers.Load() {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		service.ServeHTTP(w, r)
	})
	a := pipeline.Address{
		Kind: pipeline.Embedded, Stream: "s", Function: "f", Mapping: "m", Resolution: time.Second,
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://cloudwatch.test"), HTTPClient: answer,
			Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		},
	}
	s.poller = newPoller(a, record.Pipeline{FunctionTimeout: 3 * time.Second}, s.began)
	return s
}

// inProcess answers requests without a socket, so that time can be virtual.
type inProcess func(w http.ResponseWriter, r *http.Request)

func (answer inProcess) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	answer(w, r)
	return w.Result(), nil
}

// add makes one point and two log lines, second seconds after the beginning.
func (s *source) add(second int, word string) {
	at := s.began.Add(time.Duration(second) * time.Second)
	s.store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "s")(at, float64(second), 1)
	s.logs.Append("/aws/lambda/f", "x", at, `{"v":"weir_ledger_v1"} `+word)
	s.logs.Append("/aws/lambda/f", "x", at, "REPORT RequestId: 1\tDuration: 2.00 ms\tMax Memory Used: 50 MB\t")
}

// poll polls at that second.
func (s *source) poll(t *testing.T, second int) (points, lines, invocations int, err error) {
	t.Helper()
	now := s.began.Add(time.Duration(second) * time.Second)
	got := s.poller.poll(t.Context(), s.poller.again, now)
	return len(got.points), len(got.lines), len(got.invocations), got.err
}

// One source that fails keeps neither the other, nor what it has to tell later:
// metrics are read again as far back as they could not be read.
func TestPollerGoesOnWithoutASource(t *testing.T) {
	s := newSource(t)
	s.add(1, "a")
	if points, lines, invocations, err := s.poll(t, 2); points != 1 || lines != 1 || invocations != 1 || err != nil {
		t.Errorf("%d points, %d lines, %d invocations, %v; want one of each", points, lines, invocations, err)
	}
	s.metrics.Store(false)
	s.add(3, "b")
	if points, lines, invocations, err := s.poll(t, 4); points != 0 || lines != 1 || invocations != 1 || err == nil {
		t.Errorf("without metrics: %d points, %d lines, %d invocations, %v", points, lines, invocations, err)
	}
	s.metrics.Store(true)
	s.lines.Store(false)
	s.add(30, "c")
	// The points of seconds 1, 3 and 30: the failed reading is made up for, far
	// beyond the six seconds that are always read again.
	if points, lines, invocations, err := s.poll(t, 31); points != 3 || lines != 0 || invocations != 0 || err == nil {
		t.Errorf("without lines: %d points, %d lines, %d invocations, %v", points, lines, invocations, err)
	}
	s.lines.Store(true)
	if points, lines, invocations, err := s.poll(t, 40); points != 1 || lines != 1 || invocations != 1 || err != nil {
		t.Errorf("at last: %d points, %d lines, %d invocations, %v; want those of second 30", points, lines, invocations, err)
	}
}

// CloudWatch does not answer for half an hour, three times as long as its points
// may change: when it does again, all that it has to tell of that time is read.
func TestPollerMakesUpForALongOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.poller.every = 10 * time.Second
		s.began = time.Now()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		polls := s.poller.start(ctx)
		seen := map[int64]bool{}
		failed := 0
		for minute := range 40 {
			s.metrics.Store(minute < 5 || minute >= 35)
			s.add(60*minute, "line")
			for range 6 { // polls of a minute
				p := <-polls
				if p.err != nil {
					failed++
				}
				for _, point := range p.points {
					seen[point.T-s.began.Unix()] = true
				}
			}
		}
		for minute := range int64(40) {
			if !seen[60*minute] {
				t.Errorf("the point of minute %d was not read", minute)
			}
		}
		if failed != 30*6 || len(seen) != 40 {
			t.Errorf("%d polls failed, want 180; %d points, want 40", failed, len(seen))
		}
	})
}

// Nothing of before the run is read.
func TestPollerBeginsWithTheRun(t *testing.T) {
	s := newSource(t)
	s.add(-5, "before")
	s.add(0, "at")
	if points, lines, _, err := s.poll(t, 5); points != 1 || lines != 1 || err != nil {
		t.Errorf("%d points, %d lines, %v; want one of each", points, lines, err)
	}
}

// What a poll has read when the poller is stopped is still handed over, for no
// line comes twice.
func TestPollerHandsOverWhatItHasRead(t *testing.T) {
	s := newSource(t)
	s.poller.every = time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	polls := s.poller.start(ctx)
	seen := map[string]int{}
	count := func(p polled) {
		for _, l := range p.lines {
			seen[l]++
		}
	}
	const n = 50
	for i := range n {
		s.add(10, fmt.Sprint("line-", i))
		if i < n/2 {
			count(<-polls)
		}
	}
	stop() // a poll may be under way, or wait to be taken
	for p := range polls {
		count(p)
	}
	count(s.poller.poll(t.Context(), s.poller.again, time.Now()))
	for l, times := range seen {
		if times != 1 {
			t.Errorf("%q came %d times", l, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d lines, want %d", len(seen), n)
	}
}

// A failed reading is kept to be told, and the run goes on with what there is.
func TestFailedPollsAreCounted(t *testing.T) {
	run := record.Run{Steps: []record.Step{{EndEx: 10}}}
	e := &execution{observer: observe.New(&run)}
	e.takePoll(polled{err: context.Canceled}) // the poller was stopped
	for _, why := range []error{http.ErrServerClosed, http.ErrHandlerTimeout} {
		e.takePoll(polled{
			err:    why,
			points: []record.Point{{T: 5, V: map[string]float64{metrics.Polled: 3}}},
		})
	}
	if e.unread != 2 || e.unreadWhy != http.ErrHandlerTimeout { //nolint:errorlint // that very value
		t.Errorf("%d failed polls, the last for %v", e.unread, e.unreadWhy)
	}
	if n, ok := e.observer.Sum(metrics.Polled); !ok || n != 3 {
		t.Errorf("what was read of metrics is not kept: %g, %v", n, ok)
	}
}
