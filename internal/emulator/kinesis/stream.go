package kinesis

import (
	"strings"
	"sync"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// StreamOptions are a stream's settings; zero values mean AWS's defaults.
type StreamOptions struct {
	MaxRecordBytes int  // of one record with its key; default 1 MiB
	RetentionHours int  // default 24
	OnDemand       bool // capacity mode; an on-demand stream is born with four shards
}

// onDemandShards is what a new on-demand stream's 4 MB/s come to
// (streams/latest/dev/how-do-i-size-a-stream, 2026-11-22).
const onDemandShards = 4

// Statuses of a stream, as DescribeStream gives them; a consumer has all but
// UPDATING.
const (
	statusCreating = "CREATING"
	statusActive   = "ACTIVE"
	statusUpdating = "UPDATING"
	statusDeleting = "DELETING"
)

// stream is one data stream. Locks are taken in the order server, stream, memory.
type stream struct {
	name        string
	arn         string
	created     time.Time
	active      time.Time // when CREATING ends
	series      *streamSeries
	shardSeries func(shard string) *shardSeries
	limitFactor float64
	demand      *demand
	memory      *memory

	deletedAt time.Time // zero while the stream lives; under the server's lock

	mu       sync.RWMutex // held for reading while records go in, so that none goes into a shard that closes
	updating time.Time    // when UPDATING ends
	settings settings
	lineage
	consumers map[string]*consumer // by name
}

// settings are what control operations change in a stream.
type settings struct {
	StreamOptions
	key         string            // of the encryption; empty without
	tags        map[string]string // nil without any
	policy      string            // empty without
	monitored   monitoring
	modeChanges []time.Time // of the last day
	scalings    []time.Time // UpdateShardCount calls of the last day
}

func streamARN(cfg Config, name string) string {
	return "arn:aws:kinesis:" + cfg.Region + ":" + cfg.AccountID + ":stream/" + name
}

// newStream is a stream that is ACTIVE from now on.
func newStream(cfg Config, name string, shards int, options StreamOptions, now time.Time) *stream {
	if options.OnDemand && shards == 0 {
		shards = onDemandShards
	}
	if options.MaxRecordBytes == 0 {
		options.MaxRecordBytes = quota.DefaultMaxRecordBytes
	}
	if options.RetentionHours == 0 {
		options.RetentionHours = quota.DefaultRetentionHours
	}
	st := &stream{
		name:    name,
		arn:     streamARN(cfg, name),
		created: now,
		active:  now,
		series:  newStreamSeries(cfg.Series, name),
		shardSeries: func(shard string) *shardSeries {
			return newShardSeries(cfg.Series, name, shard)
		},
		limitFactor: cfg.ShardLimitFactor,
		demand:      newDemand(cfg.Region),
		memory:      newMemory(cfg.RetainBytes),
		settings:    settings{StreamOptions: options},
		consumers:   make(map[string]*consumer),
	}
	for _, hashes := range splitEvenly(shards) {
		st.open = append(st.open, st.newShard(hashes, nil, now))
	}
	st.rerange()
	return st
}

// options are the stream's options now.
func (st *stream) options() StreamOptions {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.settings.StreamOptions
}

// retention is how long the stream keeps records now.
func (st *stream) retention() time.Duration {
	return time.Duration(st.options().RetentionHours) * time.Hour
}

func (st *stream) status(now time.Time) string {
	switch {
	case !st.deletedAt.IsZero():
		return statusDeleting
	case now.Before(st.active):
		return statusCreating
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	if now.Before(st.updating) {
		return statusUpdating
	}
	return statusActive
}

// fetch reads from a shard what the retention period has left; limit 0 means
// as many records as a call may have. The entries go into buf, where they find
// room.
func (s *Server) fetch(st *stream, sh *shard, now time.Time, from uint64, limit int, buf []entry) found {
	if limit == 0 {
		limit = quota.GetRecordsMaxRecords
	}
	if s.faults.held(sh.id, now) {
		limit = 0
	}
	st.expire(sh, now)
	return sh.fetch(now, from, limit, buf)
}

// expire drops what the retention period has passed.
func (st *stream) expire(s *shard, now time.Time) {
	cutoff := now.Add(-st.retention())
	st.memory.expire(cutoff.UnixMilli())
	s.expire(cutoff)
}

// sweep has all shards forget what left the stream's memory, once for each time
// that this has turned over: one that nobody uses would keep the entries.
func (st *stream) sweep(now time.Time) {
	if !st.memory.turned() {
		return
	}
	cutoff := now.Add(-st.retention())
	for _, s := range st.all() {
		s.expire(cutoff)
	}
}

// nameOf is the stream's name in a name, the stream's ARN or one of its
// consumers'.
func nameOf(nameOrARN string) string {
	if _, name, ok := strings.Cut(nameOrARN, ":stream/"); ok && strings.HasPrefix(nameOrARN, "arn:") {
		name, _, _ = strings.Cut(name, "/")
		return name
	}
	return nameOrARN
}

func (s *Server) streamNotFound(name string) *wire.Error {
	return &wire.Error{
		Code:    "ResourceNotFoundException",
		Message: "Stream " + name + " under account " + s.cfg.AccountID + " not found.",
	}
}

func (s *Server) shardNotFound(stream, shard string) *wire.Error {
	return &wire.Error{
		Code:    "ResourceNotFoundException",
		Message: "Shard " + shard + " in stream " + stream + " under account " + s.cfg.AccountID + " does not exist",
	}
}

// throttled is the answer to a call that a shard's limits refuse.
func (s *Server) throttled(st *stream, sh *shard) *wire.Error {
	return &wire.Error{Code: "ProvisionedThroughputExceededException", Message: s.rateExceeded(st.name, sh.id)}
}

// rateExceeded is the text of a throttled record or call.
func (s *Server) rateExceeded(stream, shard string) string {
	return "Rate exceeded for shard " + shard + " in stream " + stream + " under account " + s.cfg.AccountID + "."
}
