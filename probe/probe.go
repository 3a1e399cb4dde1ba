package probe

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"weir/probe/line"
)

// Option changes what the probe does.
type Option func(*probe)

// Lanes makes every line carry the span of each key lane. It is on without
// this where the environment variable WEIR_PROBE_LANES is 1.
func Lanes() Option {
	return func(p *probe) { p.options.Lanes = true }
}

// Output makes the probe write to w in place of standard output: one Write per
// invocation, never two at a time.
func Output(w io.Writer) Option {
	return func(p *probe) { p.out = w }
}

// Handler wraps next. The function it returns does what next does, with the
// same error or panic, and writes one line before it returns (none where the
// event has no records).
func Handler(next func(context.Context, events.KinesisEvent) error, opts ...Option) func(context.Context, events.KinesisEvent) error {
	p := newProbe(opts)
	return func(ctx context.Context, e events.KinesisEvent) error {
		inv := begin(ctx, e)
		err := errPanicked // unless next returns
		defer func() {
			if err != nil {
				p.write(inv, 0, err)
				return
			}
			p.write(inv, len(inv.records), nil)
		}()
		err = next(ctx, e)
		return err
	}
}

// HandlerWithResponse wraps a handler that reports batch item failures
// (ReportBatchItemFailures is among the mapping's FunctionResponseTypes). The
// mapping takes the records before the lowest reported sequence number as
// processed and delivers the others again; so the probe writes one line for the
// former and one, marked as failed, for the latter, and leaves out an empty
// one. A failure that names no record of the batch fails all of it.
func HandlerWithResponse(next func(context.Context, events.KinesisEvent) (events.KinesisEventResponse, error), opts ...Option) func(context.Context, events.KinesisEvent) (events.KinesisEventResponse, error) {
	p := newProbe(opts)
	return func(ctx context.Context, e events.KinesisEvent) (events.KinesisEventResponse, error) {
		inv := begin(ctx, e)
		var response events.KinesisEventResponse
		err := errPanicked // unless next returns
		defer func() {
			if err != nil {
				p.write(inv, 0, err)
				return
			}
			p.write(inv, processed(inv.records, response.BatchItemFailures), errItemFailed)
		}()
		response, err = next(ctx, e)
		return response, err
	}
}

var (
	errPanicked   = errors.New("the handler panicked")
	errItemFailed = errors.New("the handler reported a batch item failure")
)

// probe is what all invocations of one handler share.
type probe struct {
	options line.Options
	mu      sync.Mutex // of out
	out     io.Writer
}

func newProbe(opts []Option) *probe {
	p := &probe{
		options: line.Options{Lanes: os.Getenv("WEIR_PROBE_LANES") == "1"},
		out:     os.Stdout,
	}
	for _, o := range opts {
		o(p)
	}
	return p
}

// write writes the line of the first done records, and that of the others,
// which failed for cause.
func (p *probe) write(inv invocation, done int, cause error) {
	end := time.Now()
	var text []byte
	if done > 0 {
		l := inv.account(inv.records[:done], end, p.options, nil)
		text = append(l.Append(text), '\n')
	}
	if done < len(inv.records) {
		l := inv.account(inv.records[done:], end, p.options, cause)
		text = append(l.Append(text), '\n')
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A line that could not be written shows in weir's account as records of
	// unknown fate; it must not fail an invocation that did its work.
	_, _ = p.out.Write(text)
}

// invocation is one call of the handler.
type invocation struct {
	requestID string
	stream    string
	start     time.Time
	records   []line.Record
}

func begin(ctx context.Context, e events.KinesisEvent) invocation {
	inv := invocation{start: time.Now()}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		inv.requestID = lc.AwsRequestID
	}
	for i := range e.Records {
		r := &e.Records[i]
		if i == 0 {
			_, inv.stream, _ = strings.Cut(r.EventSourceArn, ":stream/")
		}
		shard, _, _ := strings.Cut(r.EventID, ":")
		inv.records = append(inv.records, line.Record{
			Shard:          shard,
			SequenceNumber: r.Kinesis.SequenceNumber,
			Arrival:        r.Kinesis.ApproximateArrivalTimestamp.Time,
			Data:           r.Kinesis.Data,
		})
	}
	return inv
}

func (inv *invocation) account(records []line.Record, end time.Time, o line.Options, err error) line.Line {
	l := line.Account(records, end, o)
	l.RequestID = inv.requestID
	l.Function = lambdacontext.FunctionName
	l.Stream = inv.stream
	l.Start = inv.start
	l.OK = err == nil
	if err != nil {
		l.Error = err.Error()
	}
	return l
}

// processed is how many of records, from the first, the mapping takes as
// processed after failures were reported
// (docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html,
// read 2026-11-22).
func processed(records []line.Record, failures []events.KinesisBatchItemFailure) int {
	if len(failures) == 0 {
		return len(records)
	}
	position := make(map[string]int, len(records))
	for i, r := range records {
		position[r.SequenceNumber] = i
	}
	done := len(records)
	for _, f := range failures {
		done = min(done, position[f.ItemIdentifier]) // 0 for one that is not there
	}
	return done
}
