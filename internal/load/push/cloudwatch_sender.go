package push

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

// putMetricData is the one operation that is used of CloudWatch's client.
type putMetricData interface {
	PutMetricData(context.Context, *cloudwatch.PutMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricDataOutput, error)
}

// sender puts calls one after the other, on a goroutine of its own. What finds
// no place in its queue is dropped and counted, so that nobody waits for it.
type sender struct {
	client    putMetricData
	namespace string
	queue     chan call
	ended     chan struct{}
	cancel    context.CancelFunc

	mu   sync.Mutex
	sent sent
}

// sent is what became of calls so far.
type sent struct {
	calls, data, samples int64
	dropped              int64 // samples
	err                  error // the last call's that failed
}

// queuedCalls is how many calls may wait: at the most metrics by default, five
// minutes of points a second apart.
const queuedCalls = 300

func startSender(client putMetricData, namespace string) *sender {
	ctx, cancel := context.WithCancel(context.Background())
	s := &sender{
		client: client, namespace: namespace, cancel: cancel,
		queue: make(chan call, queuedCalls), ended: make(chan struct{}),
	}
	go s.run(ctx)
	return s
}

func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	for c := range s.queue {
		_, err := s.client.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: &s.namespace, MetricData: c.data})
		s.count(c, err)
	}
}

func (s *sender) count(c call, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.sent.dropped += c.samples
		s.sent.err = err
		return
	}
	s.sent.calls++
	s.sent.data += int64(len(c.data))
	s.sent.samples += c.samples
}

// put queues a call, or drops it where the queue is full. It does not block.
func (s *sender) put(c call) {
	select {
	case s.queue <- c:
	default:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent.dropped += c.samples
	}
}

// stop sends what is queued, for so long at most, and says what became of all.
func (s *sender) stop(within time.Duration) sent {
	close(s.queue)
	timer := time.AfterFunc(within, s.cancel)
	<-s.ended
	timer.Stop()
	s.cancel()
	return s.sent
}
