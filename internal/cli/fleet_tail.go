package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logTail reads one stream of CloudWatch Logs as it grows.
type logTail struct {
	client        *cloudwatchlogs.Client
	group, stream string
	every         time.Duration
	next          *string // where to go on
}

// follow hands on each line until the writer has ended and its last lines have
// come, and returns how it ended.
func (l *logTail) follow(ctx context.Context, ended <-chan string, line func(string)) string {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	var how string
	var over <-chan time.Time
	for {
		err := l.read(ctx, line) // what was not read is read the next time
		select {
		case how = <-ended:
			ended, over = nil, time.After(logsAfter)
		case <-over:
			if err != nil {
				how += "; " + err.Error()
			}
			return how
		case <-ctx.Done():
			return "weir stopped listening"
		case <-tick.C:
		}
	}
}

// read hands on what is new. A stream that isn't there yet has nothing.
func (l *logTail) read(ctx context.Context, line func(string)) error {
	for {
		got, err := l.client.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: &l.group, LogStreamName: &l.stream, StartFromHead: new(true), NextToken: l.next,
		})
		if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read log stream %s of %s: %w", l.stream, l.group, err)
		}
		for _, e := range got.Events {
			if e.Message != nil {
				line(*e.Message)
			}
		}
		same := l.next != nil && got.NextForwardToken != nil && *l.next == *got.NextForwardToken
		if l.next = got.NextForwardToken; same || l.next == nil {
			return nil
		}
	}
}
