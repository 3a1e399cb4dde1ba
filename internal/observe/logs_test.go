package observe

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/pipeline"
)

// journal is a log group that the test writes.
type journal struct {
	*cloudwatch.Logs
	calls *counted
}

func newJournal(t *testing.T) (journal, *LogReader) {
	t.Helper()
	store := cloudwatch.NewStore(cloudwatch.Options{})
	logs := cloudwatch.NewLogs(cloudwatch.LogsOptions{Store: store})
	calls := &counted{Handler: cloudwatch.New(cloudwatch.Config{Store: store, Logs: logs})}
	return journal{logs, calls}, NewLedgerReader(serve(t, calls), logStart)
}

var logStart = time.Now().Add(-time.Hour).Truncate(time.Second)

// write adds a line that was logged that long after the start.
func (j journal) write(at time.Duration, text string) {
	j.Append("/aws/lambda/f", "stream", logStart.Add(at), `{"weir":{"v":"weir_ledger_v1"}} `+text)
}

// read is the last word of every line that is new.
func read(t *testing.T, l *LogReader) []string {
	t.Helper()
	var words []string
	err := l.Read(t.Context(), func(message string) {
		words = append(words, message[strings.LastIndexByte(message, ' ')+1:])
	})
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// Each read overlaps the one before by a second: a line that comes late within
// it is found, and none comes twice.
func TestLogLinesComeOnce(t *testing.T) {
	j, l := newJournal(t)
	if got := read(t, l); got != nil {
		t.Errorf("lines of a group that is not there: %v", got)
	}
	j.write(-time.Millisecond, "before-the-run")
	j.write(0, "a")
	j.write(500*time.Millisecond, "b")
	j.Append("/aws/lambda/f", "stream", logStart.Add(600*time.Millisecond), "START RequestId: 1")
	for _, step := range []struct {
		what  string
		write func()
		want  []string
	}{
		{"what is there", func() {}, []string{"a", "b"}},
		{"nothing new", func() {}, nil},
		{"a line of the same millisecond, and one far on", func() {
			j.write(500*time.Millisecond, "c")
			j.write(10*time.Second, "d")
		}, []string{"c", "d"}},
		{"one late by less than the overlap", func() { j.write(9100*time.Millisecond, "late") }, []string{"late"}},
		{"one at the very edge of it", func() { j.write(9*time.Second, "edge") }, []string{"edge"}},
		{"one later than that is not found", func() { j.write(8*time.Second, "too-late") }, nil},
		{"the newest line again", func() { j.write(10*time.Second, "e") }, []string{"e"}},
	} {
		step.write()
		if diff := cmp.Diff(step.want, read(t, l)); diff != "" {
			t.Errorf("%s: %s", step.what, diff)
		}
	}
}

// An answer holds 1 MiB: more than that comes in pages, each line once.
func TestLogPages(t *testing.T) {
	j, l := newJournal(t)
	const n = 30
	var want []string
	for i := range n {
		word := fmt.Sprint("line-", i)
		want = append(want, word)
		j.write(time.Duration(i)*time.Millisecond, strings.Repeat("x", 100<<10)+" "+word) // 3 MiB in all
	}
	if diff := cmp.Diff(want, read(t, l)); diff != "" {
		t.Error(diff)
	}
	if j.calls.n < 3 {
		t.Errorf("%d calls for 3 MiB", j.calls.n)
	}
}

// An error does not lose lines: the next read that succeeds has them.
func TestLogReaderGoesOnAfterAnError(t *testing.T) {
	j, l := newJournal(t)
	working := j.calls.Handler
	j.write(0, "a")
	j.calls.Handler = http.NotFoundHandler()
	if err := l.Read(t.Context(), func(m string) { t.Errorf("read %q", m) }); err == nil {
		t.Error("no error of an endpoint that answers 404")
	}
	j.calls.Handler = working
	if diff := cmp.Diff([]string{"a"}, read(t, l)); diff != "" {
		t.Error(diff)
	}
}

// What the reader remembers is bounded by the overlap, however long the log.
func TestLogReaderForgets(t *testing.T) {
	j, l := newJournal(t)
	for second := range 20 {
		for i := range 10 {
			j.write(time.Duration(second)*time.Second+time.Duration(i)*100*time.Millisecond, "x")
		}
		read(t, l)
	}
	// The newest line is at 19.9 s; those from 18.9 s on are remembered: 1 + 10.
	if len(l.seen) != 11 {
		t.Errorf("%d lines remembered, want 11", len(l.seen))
	}
}

func TestParseReport(t *testing.T) {
	warm := "REPORT RequestId: 8f5\tDuration: 38.66 ms\tBilled Duration: 39 ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB\t"
	for text, want := range map[string]Invocation{
		warm: {RequestID: "8f5", Duration: 38660 * time.Microsecond, Billed: 39 * time.Millisecond, MaxMemoryMB: 54},
		warm + "Init Duration: 203.69 ms\t": {
			RequestID: "8f5", Duration: 38660 * time.Microsecond, Billed: 39 * time.Millisecond,
			Init: 203690 * time.Microsecond, MaxMemoryMB: 54,
		},
		"REPORT RequestId: 8f6\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tStatus: timeout\t": {
			RequestID: "8f6", Duration: 3 * time.Second, Billed: 3 * time.Second, Failed: true,
		},
		"REPORT RequestId: 8f7\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB Status: error Error Type: Runtime.ExitError\t": {
			RequestID: "8f7", Duration: time.Millisecond, Billed: time.Millisecond, Failed: true,
		},
	} {
		if got, ok := ParseReport(text); !ok || got != want {
			t.Errorf("ParseReport(%q) = %+v, %v", text, got, ok)
		}
	}
	if _, ok := ParseReport("START RequestId: 8f5 Version: $LATEST"); ok {
		t.Error("a START line is no report")
	}
}

// refusing answers like Logs over its quota, so often, and then with no lines.
type refusing struct{ left int }

func (c *refusing) Do(*http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"events":[]}`))}
	if c.left > 0 {
		c.left--
		answer.StatusCode = http.StatusBadRequest
		answer.Body = io.NopCloser(strings.NewReader(`{"__type":"ThrottlingException","message":"Rate exceeded"}`))
	}
	return answer, nil
}

// A busy log is read with patience: nine refusals are waited out, ten are too
// many.
func TestLogReaderBacksOff(t *testing.T) {
	for refusals, fails := range map[int]bool{0: false, 9: false, 10: true} {
		synctest.Test(t, func(t *testing.T) {
			a := pipeline.Address{Function: "f", Config: aws.Config{
				Region: "us-east-1", HTTPClient: &refusing{refusals}, Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
			}}
			began := time.Now()
			err := NewReportReader(a, began).Read(t.Context(), func(string) {})
			if (err != nil) != fails {
				t.Errorf("%d refusals: %v", refusals, err)
			}
			if waited := time.Since(began); refusals > 0 && waited < time.Second || waited > 3*time.Minute {
				t.Errorf("%d refusals: waited %v", refusals, waited)
			}
		})
	}
}
