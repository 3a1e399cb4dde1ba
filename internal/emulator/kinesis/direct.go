package kinesis

import (
	"fmt"
	"time"

	"weir/internal/quota"
)

// StartType says where in a shard to begin, in the API's words.
type StartType string

// The five types of GetShardIterator.
const (
	TrimHorizon         StartType = "TRIM_HORIZON"
	Latest              StartType = "LATEST"
	AtSequenceNumber    StartType = "AT_SEQUENCE_NUMBER"
	AfterSequenceNumber StartType = "AFTER_SEQUENCE_NUMBER"
	AtTimestamp         StartType = "AT_TIMESTAMP"
)

// Start is a place in a shard to begin reading; the zero value is TRIM_HORIZON.
type Start struct {
	Type           StartType
	SequenceNumber string    // of the two sequence number types
	Timestamp      time.Time // of AtTimestamp
}

// Record is one record as it was read.
type Record struct {
	Position       uint64 // in its shard, from 0, rising by one
	SequenceNumber string
	PartitionKey   string
	// Data is a part of the stream's memory, not a copy. It is never overwritten
	// and stays valid for as long as it is held, which keeps all that came beside
	// it (a 256th of Config.RetainBytes, up to 1 MiB) in memory. Don't write to it.
	Data    []byte
	Arrival time.Time // approximate arrival timestamp, in whole milliseconds
}

// Read is the outcome of one read of a shard.
type Read struct {
	Records      []Record
	Next         uint64        // position to read from next
	MillisBehind int64         // age of the next unread record; 0 at the tip
	Throttled    bool          // over the shard's read limits: no records, Next as asked
	Skipped      uint64        // records between the position asked for and the first kept: trimmed unread
	Latency      time.Duration // what the configured get latency makes the caller wait
	End          bool          // the shard is closed and Next is its end: nothing more will come
	Children     []ChildShard  // at the end, the shards that go on; read them after all their parents
}

// ChildShard is a shard that a reshard made of others.
type ChildShard struct {
	ID      string
	Parents []string // ids: one where it came of a split, two of a merge

	hashes hashRange
}

// CreateStream makes a stream that is ACTIVE at once. An on-demand stream may
// leave shards 0. A stream of that name is a ResourceInUseException.
func (s *Server) CreateStream(name string, shards int, options StreamOptions) error {
	if shards < 0 || shards > quota.MaxShardsPerStream || shards == 0 && !options.OnDemand {
		return fmt.Errorf("create stream %s: %d shards", name, shards)
	}
	var v validation
	v.text("streamName", &name, namePattern, 1, quota.MaxStreamNameChars)
	if err := v.err(); err != nil {
		return fmt.Errorf("create stream: %w", err)
	}
	if err := s.add(name, shards, options, nil, s.cfg.Now(), 0); err != nil {
		return fmt.Errorf("create stream: %w", err)
	}
	return nil
}

// StreamARN is the ARN that a stream of that name has or would have.
func (s *Server) StreamARN(name string) string {
	return streamARN(s.cfg, nameOf(name))
}

// Shards are the ids of a stream's shards, open and closed ones that may still
// have records, in an order that puts parents before children. The stream, here
// and below, is a name or an ARN.
func (s *Server) Shards(stream string) ([]string, error) {
	now := s.cfg.Now()
	st, _, err := s.find(nameOf(stream), now)
	if err != nil {
		return nil, fmt.Errorf("list shards: %w", err)
	}
	var ids []string
	for _, shard := range st.kept(now) {
		ids = append(ids, shard.id)
	}
	return ids, nil
}

// Parents are the ids of the shards that a shard was made of, nil for one that
// the stream was born with. A consumer reads them to their End first.
func (s *Server) Parents(stream, shard string) ([]string, error) {
	_, sh, err := s.findShard(nameOf(stream), shard, s.cfg.Now())
	if err != nil {
		return nil, fmt.Errorf("find parents: %w", err)
	}
	return sh.child().Parents, nil
}

// Position is where start stands in a shard now: the position to Read from.
func (s *Server) Position(stream, shard string, start Start) (uint64, error) {
	now := s.cfg.Now()
	st, sh, err := s.findShard(nameOf(stream), shard, now)
	if err != nil {
		return 0, fmt.Errorf("find position: %w", err)
	}
	position, err := s.locate(st, sh, start, now)
	if err != nil {
		return 0, fmt.Errorf("find position: %w", err)
	}
	return position, nil
}

// Read is a GetRecords call from Go: it obeys the shard's read limits and is in
// the metrics. limit is 1 to 10 000; 0 means 10 000. It doesn't wait.
func (s *Server) Read(stream, shard string, from uint64, limit int) (Read, error) {
	now := s.cfg.Now()
	st, sh, err := s.findShard(nameOf(stream), shard, now)
	if err != nil {
		return Read{}, fmt.Errorf("read shard: %w", err)
	}
	f := s.fetch(st, sh, now, from, limit, nil)
	f.Latency = s.sample(s.cfg.GetLatency)
	st.series.get(now, f.Latency, &f)
	st.monitorRead(sh, now, &f)
	return f.read(), nil
}

// Trimmed is the number of a stream's records that left it, for want of memory
// or by age, before any reader had passed them.
func (s *Server) Trimmed(stream string) (uint64, error) {
	st, _, err := s.find(nameOf(stream), s.cfg.Now())
	if err != nil {
		return 0, fmt.Errorf("count trimmed records: %w", err)
	}
	var n uint64
	for _, shard := range st.all() {
		n += shard.unread()
	}
	return n, nil
}
