package lambda

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// latest is the only version a function has here.
const latest = "$LATEST"

// Source is the stream as a mapping sees it. Its methods may be called
// concurrently. What they give may be kept but not changed.
type Source interface {
	// Shards are the stream's shards that may have records, closed ones too, in
	// an order that puts parents before children.
	Shards(streamARN string) ([]Shard, error)
	// Position is where a starting position stands in the shard now.
	Position(streamARN, shard string, start StartingPosition) (uint64, error)
	// Read gives up to limit records from position from on, without waiting for
	// any. It obeys and uses up the shard's read limits. Positions begin at 0.
	Read(streamARN, shard string, from uint64, limit int) (Read, error)
}

// Pusher is what a Source is too if it has enhanced fan-out. Its mappings name a
// consumer's ARN where others name a stream's, here and in Source's methods.
type Pusher interface {
	// Push waits for the next records of a shard, which begin at position from,
	// and returns without any when there were none for a while. It obeys and uses
	// up the consumer's read limits.
	Push(ctx context.Context, consumerARN, shard string, from uint64) (Read, error)
}

// Shard is a shard and the shards that a reshard made it of.
type Shard struct {
	ID      string
	Parents []string // ids; nil: the stream was born with it
}

// Read is the answer to one read of a shard.
type Read struct {
	Records      []Record
	Next         uint64 // where to read on
	MillisBehind int64  // age of the next unread record; 0 at the tip
	Throttled    bool   // over the read limit: nothing was read
	Skipped      uint64 // records that were trimmed before they could be read
	Latency      time.Duration

	End      bool    // the shard is closed, and Next is its end
	Children []Shard // at the end, the shards that were made of it
}

// Config is what a Server works with. Zero durations and latencies add no time,
// except where said.
type Config struct {
	Region    string           // empty: us-east-1
	AccountID string           // empty: 123456789012
	Source    Source           // of all mappings; without mappings it may be nil
	Now       func() time.Time // nil: time.Now

	// Series opens a metric for writing, dims being names and values in turn;
	// nil: no metrics. Log takes each line of the functions' logs; nil: no logs.
	Series func(namespace, name, unit string, dims ...string) func(at time.Time, value float64, count int)
	Log    func(group, stream string, at time.Time, message string)

	// CodeDir is where CreateFunction unpacks deployment packages, each into a
	// new directory that is left there. Whoever reaches the server can run
	// programs through it; empty: CreateFunction is refused.
	CodeDir string

	// FunctionEnv are environment variables of every function that runs as a
	// process, under its own.
	FunctionEnv map[string]string

	// Destination takes the document of a batch that a mapping gave up, for the
	// destination with the ARN: a queue, a topic, or in S3 the object to be made.
	// It may block, and holds up no records by it. nil, as an error, means not
	// delivered: the records are counted as dropped.
	Destination func(arn string, document []byte) error

	InvokeLatency wire.Latency // hand-over of a mapping's batch to an environment
	ColdStart     wire.Latency // init of functions in process; processes take what they take

	PollInterval    time.Duration // base poll of each shard; 0: again at once
	ErrorBackoff    time.Duration // 0: DefaultErrorBackoff
	ThrottleBackoff time.Duration // 0: DefaultThrottleBackoff
	MaxBackoff      time.Duration // of both; 0: DefaultMaxBackoff

	AccountConcurrency int           // 0: quota.DefaultConcurrency
	IdleReap           time.Duration // 0: DefaultIdleReap
	Seed               uint64
}

// Server is the embedded Lambda. Its methods may be called concurrently.
type Server struct {
	cfg     Config
	clock   clock
	mux     *http.ServeMux
	random  *random
	faults  faults
	skipped atomic.Uint64
	guard   guard

	ctx        context.Context // ends when the server closes
	close      context.CancelFunc
	background sync.WaitGroup

	mu          sync.Mutex // guards all below, and what they hold
	closed      bool
	functions   map[string]*function
	mappings    map[string]*mapping
	concurrency *Concurrency
}

// New is a server without functions. Close must be called at its end.
func New(c Config) *Server {
	s := &Server{
		cfg: c.withDefaults(), random: newRandom(c.Seed),
		functions: map[string]*function{}, mappings: map[string]*mapping{},
	}
	s.clock = clock{s.now()}
	s.concurrency = NewConcurrency(s.cfg.AccountConcurrency)
	s.ctx, s.close = context.WithCancel(context.Background())
	s.routes()
	s.background.Go(s.reap)
	return s
}

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.AccountID == "" {
		c.AccountID = "123456789012"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.ErrorBackoff == 0 {
		c.ErrorBackoff = DefaultErrorBackoff
	}
	if c.ThrottleBackoff == 0 {
		c.ThrottleBackoff = DefaultThrottleBackoff
	}
	if c.AccountConcurrency == 0 {
		c.AccountConcurrency = quota.DefaultConcurrency
	}
	if c.IdleReap == 0 {
		c.IdleReap = DefaultIdleReap
	}
	return c
}

func (s *Server) now() time.Time { return s.cfg.Now() }

var errClosed = &wire.Error{Code: "ServiceException", Message: "The embedded Lambda is closed.", Status: http.StatusInternalServerError}

// begin announces work that Close has to wait for; it reports false when the
// server is closed. Its end is background.Done.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.background.Add(1)
	}
	return !s.closed
}

// Skipped is the number of records that were trimmed from their stream before
// a mapping had read them.
func (s *Server) Skipped() uint64 { return s.skipped.Load() }

// reap ends environments that have been idle for long.
func (s *Server) reap() {
	ticker := time.NewTicker(max(s.cfg.IdleReap/4, time.Second))
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		for _, env := range s.idleSince(s.now(), s.cfg.IdleReap) {
			env.stop()
		}
	}
}

// idleSince takes out the environments that have been idle at least so long.
func (s *Server) idleSince(now time.Time, after time.Duration) []*environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []*environment
	for _, f := range s.functions {
		for _, id := range f.environments.Reap(s.clock.at(now), after) {
			gone = append(gone, f.live[id])
			delete(f.live, id)
		}
	}
	return gone
}

// Close ends the mappings, the invocations under way and all environments.
// When it returns, no goroutine and no process of the server is left.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.close()
	s.background.Wait()
	for _, f := range s.functions { // nobody else is left
		for _, env := range f.live {
			env.stop()
		}
		clear(f.live)
	}
	s.guard.close()
	return nil
}

func (s *Server) arn(resource string) string {
	return "arn:aws:lambda:" + s.cfg.Region + ":" + s.cfg.AccountID + ":" + resource
}
