package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logReports puts a runner's lines into a stream of CloudWatch Logs. A call that
// failed is tried again with the next; the SDK's own retries come before.
type logReports struct {
	ctx    context.Context //nolint:containedctx // a Writer has no place for one
	client *cloudwatchlogs.Client
	group  string
	stream string
	kept   []types.InputLogEvent
}

// keptEvents bounds the events that wait for a call to succeed: five minutes'.
const keptEvents = 600

// openLogReports makes the runner's stream in the group.
func openLogReports(ctx context.Context, o fleetOrder, group string, number int) (io.WriteCloser, error) {
	ctx = context.WithoutCancel(ctx) // the last word comes after the interrupt
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(o.Spec.Region))
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	l := &logReports{
		ctx: ctx, client: cloudwatchlogs.NewFromConfig(cfg),
		group: group, stream: fmt.Sprintf("weir-%06x-runner-%d", o.Spec.Run, number),
	}
	_, err = l.client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &l.group, LogStreamName: &l.stream})
	if _, exists := errors.AsType[*types.ResourceAlreadyExistsException](err); err != nil && !exists {
		return nil, usage(fmt.Errorf("make log stream %s in %s: %w", l.stream, group, err), "the log group must exist: aws logs create-log-group --log-group-name "+group)
	}
	return l, nil
}

// Write puts whole lines, an event each.
func (l *logReports) Write(b []byte) (int, error) {
	now := time.Now().UnixMilli()
	for line := range strings.Lines(string(b)) {
		l.kept = append(l.kept, types.InputLogEvent{Message: new(strings.TrimSuffix(line, "\n")), Timestamp: &now})
	}
	err := l.put()
	if err != nil && len(l.kept) > keptEvents {
		return 0, err
	}
	return len(b), nil
}

// put sends what is kept: at most 1 MiB a call, some 60 lines of our length.
func (l *logReports) put() error {
	for len(l.kept) > 0 {
		some := l.kept[:min(len(l.kept), 60)]
		if _, err := l.client.PutLogEvents(l.ctx, &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: &l.group, LogStreamName: &l.stream, LogEvents: some,
		}); err != nil {
			return fmt.Errorf("put reports into log group %s: %w", l.group, err)
		}
		l.kept = l.kept[len(some):]
	}
	return nil
}

func (l *logReports) Close() error { return l.put() }
