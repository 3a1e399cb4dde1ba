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
		client: a.Clients().Logs, group: a.LogGroup(), pattern: pattern,
		overlap: max(time.Second, a.Settle), from: from, seen: map[string]time.Time{},
	}
}

// ReadTo is the time of the newest line that was read.
func (l *LogReader) ReadTo() time.Time { return l.newest }

// Read calls f with every new line up to now. A log group that does not exist
// (the function has not logged yet) has no lines.
func (l *LogReader) Read(ctx context.Context, f func(message string)) error {
	var newest time.Time
	start := l.from.UnixMilli()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(l.client, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &l.group, StartTime: &start, FilterPattern: &l.pattern,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
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
	Duration    time.Duration
	Init        time.Duration // 0: a warm environment
	MaxMemoryMB float64
}

// ParseReport reads Lambda's REPORT line; false where the text is not one.
// Format: lambda/latest/dg/runtimes-logs-api, 2026-11-22.
func ParseReport(text string) (Invocation, bool) {
	if !strings.HasPrefix(text, "REPORT RequestId:") {
		return Invocation{}, false
	}
	var inv Invocation
	for field := range strings.SplitSeq(text, "\t") {
		name, val, ok := strings.Cut(field, ": ")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(val, " ")
		n, err := strconv.ParseFloat(number, 64)
		if err != nil {
			continue
		}
		switch name {
		case "Duration":
			inv.Duration = time.Duration(n * float64(time.Millisecond))
		case "Init Duration":
			inv.Init = time.Duration(n * float64(time.Millisecond))
		case "Max Memory Used":
			inv.MaxMemoryMB = n
		}
	}
	return inv, true
}
