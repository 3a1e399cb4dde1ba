package kinesis

import (
	"fmt"
	"time"

	"weir/internal/quota"
)

// increaseStreamRetentionPeriod answers IncreaseStreamRetentionPeriod. What has
// expired by then stays gone.
func (s *Server) increaseStreamRetentionPeriod(c *call) (any, error) {
	return s.changeRetention(c, func(st *stream, hours, now int) string {
		if hours < now {
			return fmt.Sprintf("Requested retention period (%d hours) for stream %s can not be shorter than existing retention period (%d hours). Use DecreaseRetentionPeriod API.", hours, st.name, now)
		}
		return ""
	})
}

// decreaseStreamRetentionPeriod answers DecreaseStreamRetentionPeriod. Records
// that are older than the new period are gone at once.
func (s *Server) decreaseStreamRetentionPeriod(c *call) (any, error) {
	return s.changeRetention(c, func(st *stream, hours, now int) string {
		if hours > now {
			return fmt.Sprintf("Requested retention period (%d hours) for stream %s can not be longer than existing retention period (%d hours). Use IncreaseRetentionPeriod API.", hours, st.name, now)
		}
		return ""
	})
}

// changeRetention sets a period unless refuse has something against it.
func (s *Server) changeRetention(c *call, refuse func(st *stream, hours, now int) string) (any, error) {
	var in struct {
		streamRef
		RetentionPeriodHours *int
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		if in.RetentionPeriodHours == nil {
			v.required("retentionPeriodHours")
		}
	})
	if err != nil {
		return nil, err
	}
	hours := *in.RetentionPeriodHours
	switch {
	case hours < quota.DefaultRetentionHours:
		return nil, invalidArgument(fmt.Sprintf("Minimum allowed retention period is %d hours. Requested retention period (%d hours) is too short.", quota.DefaultRetentionHours, hours))
	case hours > quota.MaxRetentionHours:
		return nil, invalidArgument(fmt.Sprintf("Maximum allowed retention period is %d hours. Requested retention period (%d hours) is too long.", quota.MaxRetentionHours, hours))
	}
	return nil, s.update(in.streamRef, c.start, func(st *stream) error {
		now := st.settings.RetentionHours
		if reason := refuse(st, hours, now); reason != "" {
			return invalidArgument(reason)
		}
		for _, h := range []int{now, hours} {
			cutoff := c.start.Add(-time.Duration(h) * time.Hour)
			for _, sh := range st.shards {
				sh.expire(cutoff)
			}
			st.memory.expire(cutoff.UnixMilli())
		}
		st.settings.RetentionHours = hours
		return nil
	})
}
