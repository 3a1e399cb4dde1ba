package observe

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"weir/internal/pipeline"
)

// Filter patterns of the two kinds of lines that are read.
const (
	ledgerPattern = `"weir_ledger_v1"`
	reportPattern = `"REPORT RequestId"`
)

// LogReader follows the lines of a log group that match a pattern, from a
// moment on, each once. Lines that appear late with an earlier time are found
// as long as they are within the overlap.
type LogReader struct {
	client  *cloudwatchlogs.Client
	group   string
	pattern string
	overlap time.Duration
	from    time.Time
	newest  time.Time            // of the lines read so far
	seen    map[string]time.Time // event ids inside the overlap, by time
	took    LogReading
	until   time.Time // lines from then on are left; zero: none are
	pages   int       // of one Read at most; 0: all there are
	cut     bool      // a Read ended there
}

// LogReading is what it took to read a log group.
type LogReading struct {
	Calls, Lines, Bytes int64 // calls of FilterLogEvents, each page; lines that matched
}

// Took is what Read has taken so far.
func (l *LogReader) Took() LogReading { return l.took }

// Rewind makes the next Read begin at a moment again: all lines since come once
// more.
func (l *LogReader) Rewind(to time.Time) {
	l.from = to
	clear(l.seen)
}

// NewLedgerReader follows the probe's lines from the given moment.
func NewLedgerReader(a pipeline.Address, from time.Time) *LogReader {
	return newLogReader(a, ledgerPattern, from)
}

// NewReportReader follows Lambda's REPORT lines from the given moment.
func NewReportReader(a pipeline.Address, from time.Time) *LogReader {
	return newLogReader(a, reportPattern, from)
}

func newLogReader(a pipeline.Address, pattern string, from time.Time) *LogReader {
	return &LogReader{
		client: patientLogs(a), group: a.LogGroup(), pattern: pattern,
		overlap: max(time.Second, a.Settle), from: from, seen: map[string]time.Time{},
	}
}

// logAttempts are made of each call: FilterLogEvents has a quota of five calls a
// second in most regions (AmazonCloudWatch logs, cloudwatch_limits_cwl,
// 2026-11-22), which a busy function's log meets.
const logAttempts = 10

// patientLogs is a client that backs off, for up to 20 s at a time, when Logs
// refuses a call as one too many.
func patientLogs(a pipeline.Address) *cloudwatchlogs.Client {
	return cloudwatchlogs.NewFromConfig(a.Config, func(o *cloudwatchlogs.Options) {
		o.RetryMaxAttempts = logAttempts
	})
}

// ReadTo is the time of the newest line that was read.
func (l *LogReader) ReadTo() time.Time { return l.newest }

// Read calls f with every new line up to now. A log group that does not exist
// (the function has not logged yet) has no lines.
func (l *LogReader) Read(ctx context.Context, f func(message string)) error {
	var newest time.Time
	start := l.from.UnixMilli()
	input := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &l.group, StartTime: &start, FilterPattern: &l.pattern}
	if !l.until.IsZero() {
		input.EndTime = new(l.until.UnixMilli() - 1) // the end is included
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(l.client, input)
	for n := 0; pages.HasMorePages(); n++ {
		if l.cut = l.pages > 0 && n == l.pages; l.cut {
			break
		}
		page, err := pages.NextPage(ctx)
		l.took.Calls++
		if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read log group %s: %w", l.group, err)
		}
		for _, e := range page.Events {
			id, at := aws.ToString(e.EventId), time.UnixMilli(aws.ToInt64(e.Timestamp))
			if _, again := l.seen[id]; again {
				continue
			}
			l.seen[id] = at
			if at.After(newest) {
				newest = at
			}
			l.took.Lines++
			l.took.Bytes += int64(len(aws.ToString(e.Message)))
			f(aws.ToString(e.Message))
		}
	}
	l.advance(newest)
	return nil
}

// advance moves the start of the next read to the overlap before the newest
// line and forgets the ids that can't come again.
func (l *LogReader) advance(newest time.Time) {
	if newest.After(l.newest) {
		l.newest = newest
	}
	if from := newest.Add(-l.overlap); from.After(l.from) {
		l.from = from
	}
	for id, at := range l.seen {
		if at.Before(l.from.Truncate(time.Millisecond)) {
			delete(l.seen, id)
		}
	}
}

// Invocation is what a REPORT line tells of one invocation.
type Invocation struct {
	RequestID   string
	Duration    time.Duration
	Billed      time.Duration
	Init        time.Duration // 0: a warm environment
	MaxMemoryMB float64       // 0: it doesn't say
	Failed      bool          // by its status: error, failure or timeout
}

// ParseReport reads Lambda's REPORT line; false where the text is not one.
// Format: lambda/latest/dg/runtimes-logs-api, 2026-11-22.
func ParseReport(text string) (Invocation, bool) {
	rest, ok := strings.CutPrefix(text, "REPORT ")
	if !ok || !strings.HasPrefix(rest, "RequestId:") {
		return Invocation{}, false
	}
	var inv Invocation
	// The status stands behind a tab or, in newer lines, a space.
	for field := range strings.SplitSeq(strings.Replace(rest, " Status: ", "\tStatus: ", 1), "\t") {
		if name, val, ok := strings.Cut(field, ": "); ok {
			inv.set(strings.TrimSpace(name), strings.TrimSpace(val))
		}
	}
	return inv, true
}

// longestReported is above every number of a REPORT line: an hour of
// milliseconds, four times Lambda's longest timeout.
const longestReported = 3_600_000

// set takes one of the line's fields; those that it does not know it leaves.
func (inv *Invocation) set(name, val string) {
	switch name {
	case "RequestId":
		inv.RequestID = val
		return
	case "Status":
		word, _, _ := strings.Cut(val, " ")
		inv.Failed = word != "success"
		return
	}
	number, _, _ := strings.Cut(val, " ")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n <= longestReported) {
		return
	}
	switch name {
	case "Duration":
		inv.Duration = time.Duration(n * float64(time.Millisecond))
	case "Billed Duration":
		inv.Billed = time.Duration(n * float64(time.Millisecond))
	case "Init Duration":
		inv.Init = time.Duration(n * float64(time.Millisecond))
	case "Max Memory Used":
		inv.MaxMemoryMB = n
	}
}
