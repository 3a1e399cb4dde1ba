// Package kinesis is an embedded Kinesis Data Streams: real shard limits,
// sequence numbers, iterators, partial failures and metrics, over AWS's own
// wire protocol or called from Go. Everything is in memory.
//
// docs/emulator-gaps.md says which operations it serves and where it differs
// from AWS.
package kinesis

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// Config is how the embedded service behaves. The zero value is AWS's limits
// with no latency, in account 123456789012 and us-east-1.
type Config struct {
	Region, AccountID string

	ShardLimitFactor float64 // multiplies the shards' limits; 0 means 1
	PutLatency       wire.Latency
	GetLatency       wire.Latency
	ControlRates     bool          // hold control operations to their calls a second
	PushLatency      wire.Latency  // of a Subscription's events
	CreateTime       time.Duration // how long what is made, changed or deleted over the wire is CREATING, UPDATING or DELETING

	// RetainBytes is the memory for one stream's records; beyond it the oldest
	// leave before their retention period. 0 means 64 MiB.
	RetainBytes int64

	Now    func() time.Time // nil means time.Now
	Series Series           // where metrics go; nil means nowhere
	Seed   uint64           // of the latencies and of the iterators' seal
}

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.AccountID == "" {
		c.AccountID = "123456789012"
	}
	if c.ShardLimitFactor == 0 {
		c.ShardLimitFactor = 1
	}
	if c.RetainBytes == 0 {
		c.RetainBytes = 64 << 20
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Server is an embedded Kinesis. It is safe for concurrent use, over HTTP and
// through its methods at once, and needs no closing.
type Server struct {
	cfg    Config
	seals  *sealer
	faults faults
	rates  rates

	mu      sync.RWMutex
	streams map[string]*stream

	randMu sync.Mutex
	rand   *rand.Rand
}

// New makes a server without streams.
func New(cfg Config) *Server {
	s := &Server{
		cfg:     cfg.withDefaults(),
		seals:   newSealer(cfg.Seed),
		streams: make(map[string]*stream),
		rand:    rand.New(rand.NewPCG(cfg.Seed, 0)),
	}
	if cfg.ControlRates {
		s.rates.buckets = newRates()
	}
	return s
}

// service is the prefix of X-Amz-Target.
const service = "Kinesis_20131202"

// maxBody is a full PutRecords in base64, with room for keys and names.
const maxBody = 16 << 20

// call is one request under way. Its buffers are used again by later requests.
type call struct {
	ctx   context.Context
	start time.Time
	body  []byte
	text  []byte // the body as JSON; of a put that was scanned, of no meaning
	out   []byte // room for a rendered answer
	batch batch
	cbor  bool // what the request speaks
	// scanned says that the batch has the body already.
	scanned bool

	entries []entry // of a read
}

var operations = map[string]func(*Server, *call) (any, error){
	"AddTagsToStream":               (*Server).addTagsToStream,
	"CreateStream":                  (*Server).createStream,
	"DecreaseStreamRetentionPeriod": (*Server).decreaseStreamRetentionPeriod,
	"DeleteResourcePolicy":          (*Server).deleteResourcePolicy,
	"DeleteStream":                  (*Server).deleteStream,
	"DeregisterStreamConsumer":      (*Server).deregisterStreamConsumer,
	"DescribeAccountSettings":       (*Server).describeAccountSettings,
	"DescribeLimits":                (*Server).describeLimits,
	"DescribeStream":                (*Server).describeStream,
	"DescribeStreamConsumer":        (*Server).describeStreamConsumer,
	"DescribeStreamSummary":         (*Server).describeStreamSummary,
	"DisableEnhancedMonitoring":     (*Server).disableEnhancedMonitoring,
	"EnableEnhancedMonitoring":      (*Server).enableEnhancedMonitoring,
	"GetRecords":                    (*Server).getRecords,
	"GetResourcePolicy":             (*Server).getResourcePolicy,
	"GetShardIterator":              (*Server).getShardIterator,
	"IncreaseStreamRetentionPeriod": (*Server).increaseStreamRetentionPeriod,
	"ListShards":                    (*Server).listShards,
	"ListStreamConsumers":           (*Server).listStreamConsumers,
	"ListStreams":                   (*Server).listStreams,
	"ListTagsForResource":           (*Server).listTagsForResource,
	"ListTagsForStream":             (*Server).listTagsForStream,
	"MergeShards":                   (*Server).mergeShards,
	"PutRecord":                     (*Server).putRecord,
	"PutRecords":                    (*Server).putRecords,
	"PutResourcePolicy":             (*Server).putResourcePolicy,
	"RegisterStreamConsumer":        (*Server).registerStreamConsumer,
	"RemoveTagsFromStream":          (*Server).removeTagsFromStream,
	"SplitShard":                    (*Server).splitShard,
	"StartStreamEncryption":         (*Server).startStreamEncryption,
	"StopStreamEncryption":          (*Server).stopStreamEncryption,
	"SubscribeToShard":              (*Server).subscribeToShard,
	"TagResource":                   (*Server).tagResource,
	"UntagResource":                 (*Server).untagResource,
	"UpdateMaxRecordSize":           (*Server).updateMaxRecordSize,
	"UpdateShardCount":              (*Server).updateShardCount,
	"UpdateStreamMode":              (*Server).updateStreamMode,
}

var calls = sync.Pool{New: func() any { return new(call) }}

// ServeHTTP answers one awsJson request, X-Amz-Target Kinesis_20131202.*, in JSON
// or CBOR. A
// client that goes away while its request waits leaves nothing done.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	prefix, operation := wire.Target(r)
	run, ok := operations[operation]
	if !ok || prefix != service {
		fail(w, r, wire.UnknownOperation())
		return
	}
	c := calls.Get().(*call)
	defer func() {
		c.ctx = nil
		calls.Put(c)
	}()
	c.ctx, c.start = r.Context(), s.cfg.Now()
	body, err := wire.ReadBody(w, r, maxBody, c.body)
	if err != nil {
		fail(w, r, err)
		return
	}
	c.body = body
	c.cbor = wire.IsCBOR(r)
	if c.scanned = c.cbor && c.scanCBOR(operation); !c.scanned {
		if c.text, err = decode(r, body); err != nil {
			fail(w, r, err)
			return
		}
	}
	if fault := s.faults.failed(operation); fault != nil {
		fail(w, r, fault)
		return
	}
	if !s.rates.take(operation, c.start) {
		fail(w, r, limitExceeded("Rate exceeded for operation "+operation+" under account "+s.cfg.AccountID+"."))
		return
	}
	answer, err := run(s, c)
	if err != nil {
		fail(w, r, err)
		return
	}
	reply(w, r, answer)
}

// pause waits for d, or until ctx ends, which is its error.
func pause(ctx context.Context, d time.Duration) error {
	if !wire.Wait(ctx, d) {
		return ctx.Err()
	}
	return nil
}

func (s *Server) sample(l wire.Latency) time.Duration {
	if l.Median <= 0 {
		return 0
	}
	s.randMu.Lock()
	defer s.randMu.Unlock()
	return l.Sample(s.rand)
}

// find is the stream of that name with its status; one that is gone is not
// found.
func (s *Server) find(name string, now time.Time) (*stream, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.streams[name]
	if st == nil || s.gone(st, now) {
		return nil, "", s.streamNotFound(name)
	}
	return st, st.status(now), nil
}

// gone reports whether a deleted stream's DELETING is over; s.mu is held.
func (s *Server) gone(st *stream, now time.Time) bool {
	return !st.deletedAt.IsZero() && !now.Before(st.deletedAt.Add(s.cfg.CreateTime))
}

// findActive is find for operations on records, to which a stream that isn't
// ACTIVE or UPDATING doesn't exist.
func (s *Server) findActive(name string, now time.Time) (*stream, error) {
	st, status, err := s.find(name, now)
	if err == nil && status != statusActive && status != statusUpdating {
		err = s.streamNotFound(name)
	}
	return st, err
}

// add makes a stream that is CREATING for so long; an existing one of the name
// is a ResourceInUseException, one over the account's limits a
// LimitExceededException.
func (s *Server) add(name string, shards int, options StreamOptions, tags map[string]string, now time.Time, creating time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.streams[name]; st != nil && !s.gone(st, now) {
		return &wire.Error{
			Code:    "ResourceInUseException",
			Message: "Stream " + name + " under account " + s.cfg.AccountID + " already exists.",
		}
	}
	if err := s.checkAccount(shards, options.OnDemand, now); err != nil {
		return err
	}
	st := newStream(s.cfg, name, shards, options, now)
	st.active, st.settings.tags = now.Add(creating), tags
	s.streams[name] = st
	return nil
}

// findShard is the shard of that id in an ACTIVE or UPDATING stream, unless it
// closed so long ago that all its records are gone.
func (s *Server) findShard(name, id string, now time.Time) (*stream, *shard, error) {
	st, err := s.findActive(name, now)
	if err != nil {
		return nil, nil, s.shardNotFound(name, id)
	}
	sh := st.shard(id)
	if sh == nil || st.forgets(sh, now) {
		return nil, nil, s.shardNotFound(name, id)
	}
	return st, sh, nil
}
