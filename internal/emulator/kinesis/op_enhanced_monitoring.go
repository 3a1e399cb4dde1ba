package kinesis

import (
	"fmt"
	"strings"
)

// enableEnhancedMonitoring answers EnableEnhancedMonitoring.
func (s *Server) enableEnhancedMonitoring(c *call) (any, error) {
	return s.changeMonitoring(c, func(now, asked monitoring) monitoring { return now | asked })
}

// disableEnhancedMonitoring answers DisableEnhancedMonitoring.
func (s *Server) disableEnhancedMonitoring(c *call) (any, error) {
	return s.changeMonitoring(c, func(now, asked monitoring) monitoring { return now &^ asked })
}

func (s *Server) changeMonitoring(c *call, change func(now, asked monitoring) monitoring) (any, error) {
	var in struct {
		streamRef
		ShardLevelMetrics []string
	}
	err := c.read(&in, func(v *validation) {
		v.stream(in.streamRef)
		v.metrics(in.ShardLevelMetrics)
	})
	if err != nil {
		return nil, err
	}
	var out struct {
		StreamName, StreamARN                              string
		CurrentShardLevelMetrics, DesiredShardLevelMetrics []string
	}
	err = s.update(in.streamRef, c.start, func(st *stream) error {
		before := st.settings.monitored
		after := change(before, monitoringOf(in.ShardLevelMetrics))
		if after != 0 {
			for _, sh := range st.shards {
				sh.monitor(st.shardSeries)
			}
		}
		st.settings.monitored = after
		out.StreamName, out.StreamARN = st.name, st.arn
		out.CurrentShardLevelMetrics, out.DesiredShardLevelMetrics = before.names(), after.names()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// metrics checks a list of shard-level metrics.
func (v *validation) metrics(names []string) {
	switch {
	case names == nil:
		v.required("shardLevelMetrics")
	case len(names) == 0:
		v.violate("'[]'", "shardLevelMetrics", "Member must have length greater than or equal to 1")
	case len(names) > len(shardMetrics):
		v.violate("'["+strings.Join(names, ", ")+"]'", "shardLevelMetrics", fmt.Sprintf("Member must have length less than or equal to %d", len(shardMetrics)))
	}
	choices := []string{everyMetric}
	for _, m := range shardMetrics {
		choices = append(choices, m.name)
	}
	for i := range names {
		v.choice(fmt.Sprintf("shardLevelMetrics.%d.member", i+1), &names[i], choices...)
	}
}
