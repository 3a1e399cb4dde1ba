package kinesis

import (
	"fmt"

	"weir/internal/quota"
)

// updateStreamMode answers UpdateStreamMode. The shards stay as they are.
// WarmThroughputMiBps is read over.
func (s *Server) updateStreamMode(c *call) (any, error) {
	var in struct {
		StreamARN         *string
		StreamModeDetails *struct{ StreamMode *string }
	}
	err := c.read(&in, func(v *validation) {
		v.needs("streamARN", in.StreamARN, arnPattern, 1, quota.MaxARNChars)
		if in.StreamModeDetails == nil {
			v.required("streamModeDetails")
			return
		}
		v.needsChoice("streamModeDetails.streamMode", in.StreamModeDetails.StreamMode, onDemand, provisioned)
	})
	if err != nil {
		return nil, err
	}
	want := *in.StreamModeDetails.StreamMode == onDemand
	return nil, s.update(streamRef{StreamARN: in.StreamARN}, c.start, func(st *stream) error {
		if st.settings.OnDemand == want {
			return nil
		}
		recent := sinceADayAgo(st.settings.modeChanges, c.start)
		if len(recent) >= quota.StreamModeChangesPerDay {
			return limitExceeded(fmt.Sprintf("Stream %s under account %s has changed its mode %d times in 24 hours.", st.name, s.cfg.AccountID, len(recent)))
		}
		st.settings.modeChanges = append(recent, c.start)
		st.settings.OnDemand = want
		return nil
	})
}
