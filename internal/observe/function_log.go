package observe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"weir/internal/pipeline"
	"weir/probe/line"
)

// Bounds of what FunctionLog reads: enough to see what went wrong first.
const (
	functionLines = 1000
	functionPages = 50
)

// FunctionLog reads the function's own words from the given moment on: the
// lines of its log group that neither Lambda nor the probe wrote, the first
// thousand of them.
func FunctionLog(ctx context.Context, a pipeline.Address, from time.Time) ([]string, error) {
	group, start := a.LogGroup(), from.UnixMilli()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(a.Clients().Logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, StartTime: &start,
	})
	var lines []string
	for n := 0; n < functionPages && pages.HasMorePages(); n++ {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return lines, fmt.Errorf("read log group %s: %w", group, err)
		}
		for _, e := range page.Events {
			message := strings.TrimRight(aws.ToString(e.Message), "\n")
			if !ownWords(message) {
				continue
			}
			if lines = append(lines, message); len(lines) == functionLines {
				return lines, nil
			}
		}
	}
	return lines, nil
}

// ownWords reports whether a log line is the function's own, not Lambda's frame
// around an invocation nor the probe's.
func ownWords(message string) bool {
	for _, prefix := range []string{"START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START ", "INIT_REPORT "} {
		if strings.HasPrefix(message, prefix) {
			return false
		}
	}
	return message != "" && !line.Is([]byte(message))
}
