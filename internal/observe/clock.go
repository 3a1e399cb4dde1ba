package observe

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/stats"
)

// Clock measures how far the clock of the services that answer is ahead of this
// machine's, by the Date of their answers. A Date is of a whole second and of
// some moment between request and answer, so each answer bounds the offset from
// both sides; answers at other fractions of a second tighten it, and so do the
// arrival timestamps of records. It is safe for concurrent use.
type Clock struct {
	mu       sync.Mutex
	low      time.Duration // the offset is at least this
	high     time.Duration // and at most this
	answers  int64
	jumps    int
	measured bool
}

// NewClock has measured nothing.
func NewClock() *Clock { return &Clock{} }

// add takes an answer that said date to a request sent and answered then.
func (c *Clock) add(sent, answered, date time.Time) {
	low, high := date.Sub(answered), date.Add(time.Second).Sub(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers++
	c.bound(low, high)
}

// AddArrivals bounds the offset by the arrival timestamps of records that this
// machine sent: each came into the stream after its call began and before the
// answer. The histograms count from either moment to one and the same end, so
// their means differ by that of arrival less sent. Without arrivals, or with
// some after their end by the clocks, it bounds nothing.
func (c *Clock) AddArrivals(steps []record.StepResult) {
	var sent, arrived, put stats.Histogram
	for _, s := range steps {
		sent.Merge(s.FromSent)
		arrived.Merge(s.FromArrive)
		put.Merge(s.Put)
	}
	if put.Count() == 0 || arrived.Count() == 0 || sent.Count() != arrived.Count() || min(sent.Quantile(0), arrived.Quantile(0)) < time.Millisecond {
		return
	}
	mean := sent.Mean() - arrived.Mean()
	// A value is within 0.4 % of its bucket in a ledger line, 0.1 % in a histogram.
	doubt := (sent.Mean() + arrived.Mean()) / 200
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bound(mean-put.Max()-doubt, mean+doubt)
}

// bound takes an interval that holds the offset. The lock is held.
func (c *Clock) bound(low, high time.Duration) {
	switch {
	case !c.measured:
		c.low, c.high, c.measured = low, high, true
	case low > c.high || high < c.low:
		// No one offset explains both: a clock was set in between.
		c.low, c.high = low, high
		c.jumps++
	default:
		c.low, c.high = max(c.low, low), min(c.high, high)
	}
}

// Measured is the offset with its bound, nil where no answer had a Date.
func (c *Clock) Measured() *record.Clock {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.measured {
		return nil
	}
	return &record.Clock{Offset: (c.low + c.high) / 2, Bound: (c.high - c.low) / 2, Answers: c.answers, Jumps: c.jumps}
}

// Earliest is the earliest time that the service's clock may have shown at a
// moment of this machine's: what is asked of the service from then on misses
// nothing that happened since. A nil or unmeasured Clock takes both for one.
func (c *Clock) Earliest(at time.Time) time.Time {
	if c == nil {
		return at
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(min(c.low, 0))
}

// Calls that Sharpen makes, and how far apart: each finds the service's second at
// another fraction, and DescribeStreamSummary has 20 a second (Kinesis API
// reference, 2026-11-22).
const (
	sharpenCalls = 10
	sharpenEvery = 110 * time.Millisecond
)

// Sharpen asks the stream's service a few times within about a second, so that
// the offset is known to some 60 ms and the time of a call. A call that fails
// measures nothing. The address's client is one that Watch gave.
func (c *Clock) Sharpen(ctx context.Context, a pipeline.Address) {
	client := a.Clients().Kinesis
	for range sharpenCalls {
		_, _ = client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &a.Stream})
		select {
		case <-ctx.Done():
			return
		case <-time.After(sharpenEvery):
		}
	}
}

// Watch measures by the answers to all requests that the client makes; nil is
// the SDK's own client.
func (c *Clock) Watch(client aws.HTTPClient) aws.HTTPClient {
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	return watchedClient{client, c}
}

type watchedClient struct {
	aws.HTTPClient
	clock *Clock
}

// Do implements aws.HTTPClient.
func (w watchedClient) Do(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	answer, err := w.HTTPClient.Do(r)
	if err != nil {
		return answer, err
	}
	if date, bad := http.ParseTime(answer.Header.Get("Date")); bad == nil {
		// Wall clocks are compared, not the monotonic one.
		w.clock.add(sent.Round(0), time.Now().Round(0), date)
	}
	return answer, nil
}
