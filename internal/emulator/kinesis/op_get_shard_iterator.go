package kinesis

import (
	"fmt"
	"time"

	"weir/internal/emulator/wire"
)

type getShardIteratorRequest struct {
	streamRef
	ShardID                *string `json:"ShardId"`
	ShardIteratorType      *string
	StartingSequenceNumber *string
	Timestamp              *wire.Timestamp
}

func (r *getShardIteratorRequest) check(v *validation) {
	v.stream(r.streamRef)
	if r.ShardID == nil {
		v.required("shardId")
	}
	v.text("shardId", r.ShardID, namePattern, 1, 128)
	if r.ShardIteratorType == nil {
		v.required("shardIteratorType")
	}
	v.choice("shardIteratorType", r.ShardIteratorType,
		string(AfterSequenceNumber), string(Latest), string(AtTimestamp), string(AtSequenceNumber), string(TrimHorizon))
	v.text("startingSequenceNumber", r.StartingSequenceNumber, sequencePattern, 0, 0)
}

// start is the place asked for; the type and its argument must fit each other.
func (r *getShardIteratorRequest) start() (Start, error) {
	start := Start{Type: StartType(*r.ShardIteratorType)}
	bySequence := start.Type == AtSequenceNumber || start.Type == AfterSequenceNumber
	with := "no StartingSequenceNumber."
	if r.StartingSequenceNumber != nil {
		with = "also a StartingSequenceNumber."
		start.SequenceNumber = *r.StartingSequenceNumber
	}
	if bySequence != (r.StartingSequenceNumber != nil) {
		return Start{}, invalidArgument("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or " +
			"(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified " + string(start.Type) + " and " + with)
	}
	if start.Type == AtTimestamp {
		if r.Timestamp == nil {
			return Start{}, invalidArgument("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.")
		}
		start.Timestamp = r.Timestamp.Time
	}
	return start, nil
}

// getShardIterator answers GetShardIterator.
func (s *Server) getShardIterator(c *call) (any, error) {
	var in getShardIteratorRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	start, err := in.start()
	if err != nil {
		return nil, err
	}
	st, sh, err := s.findShard(name, *in.ShardID, c.start)
	if err != nil {
		return nil, err
	}
	position, err := s.locate(st, sh, start, c.start)
	if err != nil {
		return nil, err
	}
	return struct{ ShardIterator string }{s.iterator(st, sh, position, c.start)}, nil
}

// iterator is a new shard iterator that stands at a position.
func (s *Server) iterator(st *stream, sh *shard, position uint64, now time.Time) string {
	return s.seals.seal(kindIterator, st.cursor(int(sh.sequence.shard), position, now))
}

func (st *stream) cursor(shard int, position uint64, now time.Time) cursor {
	return cursor{st.name, st.created.UnixMilli(), uint32(shard), position, now.UnixMilli()}
}

// locate is the position at which start stands in a shard.
func (s *Server) locate(st *stream, sh *shard, start Start, now time.Time) (uint64, error) {
	switch start.Type {
	case AtSequenceNumber, AfterSequenceNumber:
		if err := s.checkSequence(st, sh, start.SequenceNumber); err != nil {
			return 0, err
		}
	case AtTimestamp:
		if at, current := start.Timestamp.UnixMilli(), now.UnixMilli(); at > current {
			return 0, invalidArgument(fmt.Sprintf("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "+
				"timestampInMillis: %d, currentTimestampInMillis: %d", at, current))
		}
	}
	st.expire(sh, now)
	position, ok := sh.locate(start)
	if !ok {
		return 0, s.invalidSequence(st, sh, start.SequenceNumber, "")
	}
	return position, nil
}

// checkSequence refuses a sequence number that this shard can't have given.
func (s *Server) checkSequence(st *stream, sh *shard, text string) error {
	number, ok := parseSequence(text)
	switch {
	case !ok:
		return s.invalidSequence(st, sh, text, "")
	case number.shard != sh.sequence.shard:
		return invalidArgument(fmt.Sprintf("Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to a shard with %s",
			shardID(int(number.shard)), sh.id))
	case number.created != sh.sequence.created:
		return s.invalidSequence(st, sh, text, " because it did not come from this stream")
	}
	return nil
}

func (s *Server) invalidSequence(st *stream, sh *shard, text, because string) error {
	return invalidArgument(fmt.Sprintf("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid%s.",
		text, sh.id, st.name, s.cfg.AccountID, because))
}
