package kinesis

import (
	"fmt"

	"weir/internal/quota"
)

// mostScalings is how often a stream's shard count may change in a rolling day
// (API_UpdateShardCount, 2026-11-22).
const mostScalings = 10

// updateShardCount answers UpdateShardCount.
func (s *Server) updateShardCount(c *call) (any, error) {
	var in struct {
		streamRef
		TargetShardCount *int
		ScalingType      *string
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		if in.TargetShardCount == nil {
			v.required("targetShardCount")
		}
		v.number("targetShardCount", in.TargetShardCount, 1, quota.MaxShardsPerStream)
		v.needsChoice("scalingType", in.ScalingType, "UNIFORM_SCALING")
	})
	if err != nil {
		return nil, err
	}
	var out struct {
		StreamName, StreamARN               string
		CurrentShardCount, TargetShardCount int
	}
	err = s.update(in.streamRef, c.start, func(st *stream) error {
		recent := sinceADayAgo(st.settings.scalings, c.start)
		if err := s.checkScaling(st, *in.TargetShardCount, len(recent)); err != nil {
			return err
		}
		out.StreamName, out.StreamARN = st.name, st.arn
		out.CurrentShardCount, out.TargetShardCount = len(st.open), *in.TargetShardCount
		st.settings.scalings = append(recent, c.start)
		st.reshard(func() { st.scale(*in.TargetShardCount, c.start) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkScaling holds a new shard count to the operation's limits; st.mu is held.
func (s *Server) checkScaling(st *stream, target, recent int) error {
	now := len(st.open)
	what := fmt.Sprintf("UpdateShardCount cannot scale stream %s under account %s from %d to %d shards", st.name, s.cfg.AccountID, now, target)
	switch {
	case st.settings.OnDemand:
		return invalidRequest(what + ": the stream is in ON_DEMAND mode.")
	case target > 2*now:
		return limitExceeded(what + ": the target is over double the current shard count.")
	case 2*target < now:
		return limitExceeded(what + ": the target is below half the current shard count.")
	case recent >= mostScalings:
		return limitExceeded(fmt.Sprintf("%s: it has been scaled %d times in 24 hours.", what, recent))
	}
	return nil
}
