package kinesis

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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

// Statuses of a stream, as DescribeStream gives them.
const (
	statusCreating = "CREATING"
	statusActive   = "ACTIVE"
	statusDeleting = "DELETING"
)

// Bounds of a segment, which is a 16th of what a shard may retain between them.
const (
	smallestSegment = 4 << 10
	largestSegment  = 256 << 10
)

// stream is one data stream. All but held, trimming and the shards' insides is
// fixed at creation; deletedAt belongs to the server's lock.
type stream struct {
	name    string
	arn     string
	created time.Time
	active  time.Time // when CREATING ends
	options StreamOptions
	shards  []*shard
	ranges  []hashRange
	series  *streamSeries
	retain  int64 // bytes

	held      atomic.Int64 // bytes in the shards' logs
	trimming  sync.Mutex   // one request at a time looks for the oldest segment
	deletedAt time.Time    // zero while the stream lives
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
		options: options,
		ranges:  splitEvenly(shards),
		series:  newStreamSeries(cfg.Series, name),
		retain:  cfg.RetainBytes,
	}
	segmentBytes := int(min(max(cfg.RetainBytes/int64(16*shards), smallestSegment), largestSegment))
	for i, hashes := range st.ranges {
		st.shards = append(st.shards, newShard(i, hashes, now, cfg.ShardLimitFactor, segmentBytes))
	}
	return st
}

func (st *stream) status(now time.Time) string {
	switch {
	case !st.deletedAt.IsZero():
		return statusDeleting
	case now.Before(st.active):
		return statusCreating
	}
	return statusActive
}

// shard is the shard of that id, nil where there is none.
func (st *stream) shard(id string) *shard {
	digits, ok := strings.CutPrefix(id, "shardId-")
	index, err := strconv.Atoi(digits)
	if !ok || err != nil || index < 0 || index >= len(st.shards) || st.shards[index].id != id {
		return nil
	}
	return st.shards[index]
}

// fetch reads from a shard what the retention period has left.
func (st *stream) fetch(s *shard, now time.Time, from uint64, limit int) (Read, int64) {
	if limit == 0 {
		limit = quota.GetRecordsMaxRecords
	}
	st.expire(s, now)
	return s.fetch(now, from, limit)
}

// expire drops what the retention period has passed.
func (st *stream) expire(s *shard, now time.Time) {
	cutoff := now.Add(-time.Duration(st.options.RetentionHours) * time.Hour)
	st.held.Add(-s.expire(cutoff))
}

// trim drops the stream's oldest segments until it holds no more than it may.
func (st *stream) trim() {
	if st.held.Load() <= st.retain || !st.trimming.TryLock() {
		return
	}
	defer st.trimming.Unlock()
	for st.held.Load() > st.retain {
		var oldest *shard
		var since int64
		for _, s := range st.shards {
			if millis, ok := s.oldest(); ok && (oldest == nil || millis < since) {
				oldest, since = s, millis
			}
		}
		if oldest == nil {
			return
		}
		st.held.Add(-oldest.dropOldest())
	}
}

// nameOf is the stream's name in a name or an ARN.
func nameOf(nameOrARN string) string {
	if _, name, ok := strings.Cut(nameOrARN, ":stream/"); ok && strings.HasPrefix(nameOrARN, "arn:") {
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
