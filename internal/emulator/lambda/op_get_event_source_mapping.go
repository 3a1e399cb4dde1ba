package lambda

import (
	"net/http"
	"time"
)

// mappingConfiguration is API_EventSourceMappingConfiguration, as AWS answers
// it for a Kinesis stream.
type mappingConfiguration struct {
	UUID                           string
	EventSourceMappingArn          string
	EventSourceArn                 string
	FilterCriteria                 *filterCriteria `json:",omitempty"`
	FunctionArn                    string
	State                          string
	StateTransitionReason          string
	LastProcessingResult           string
	LastModified                   float64
	StartingPosition               string
	StartingPositionTimestamp      float64 `json:",omitempty"`
	BatchSize                      int
	MaximumBatchingWindowInSeconds int
	ParallelizationFactor          int
	MaximumRetryAttempts           int
	MaximumRecordAgeInSeconds      int
	BisectBatchOnFunctionError     bool
	TumblingWindowInSeconds        int
	FunctionResponseTypes          []string
	DestinationConfig              struct{ OnFailure onFailure }
	MetricsConfig                  struct{ Metrics []string }
}

type onFailure struct {
	Destination string `json:",omitempty"`
}

// filterCriteria is FilterCriteria. One without filters takes them away.
type filterCriteria struct{ Filters []filterPattern }

type filterPattern struct{ Pattern string }

func (c *filterCriteria) patterns() []string {
	var patterns []string
	for _, f := range c.Filters {
		patterns = append(patterns, f.Pattern)
	}
	return patterns
}

func (s *Server) describeMapping(m *mapping) mappingConfiguration {
	c := m.config
	answer := mappingConfiguration{
		UUID: m.uuid, EventSourceMappingArn: s.arn("event-source-mapping:" + m.uuid), EventSourceArn: c.StreamARN,
		FunctionArn: m.f.arn, State: m.state, StateTransitionReason: "User action", LastProcessingResult: m.lastResult,
		LastModified: epochSeconds(m.modified), StartingPosition: c.Start.Type,
		BatchSize: c.BatchSize, MaximumBatchingWindowInSeconds: int(c.Window / time.Second),
		ParallelizationFactor: c.Parallelization, MaximumRetryAttempts: *c.RetryAttempts,
		MaximumRecordAgeInSeconds: int(c.RecordAge / time.Second), BisectBatchOnFunctionError: c.Bisect,
		TumblingWindowInSeconds: int(c.TumblingWindow / time.Second), FunctionResponseTypes: []string{},
	}
	for i, pattern := range c.Filters {
		if i == 0 {
			answer.FilterCriteria = &filterCriteria{}
		}
		answer.FilterCriteria.Filters = append(answer.FilterCriteria.Filters, filterPattern{pattern})
	}
	if c.Start.Type == AtTimestamp {
		answer.StartingPositionTimestamp = epochSeconds(c.Start.At)
	}
	if c.ReportItemFailures {
		answer.FunctionResponseTypes = []string{"ReportBatchItemFailures"}
	}
	answer.DestinationConfig.OnFailure.Destination = c.OnFailure
	answer.MetricsConfig.Metrics = []string{"EventCount"} // always on here
	return answer
}

func epochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// getEventSourceMapping is GetEventSourceMapping.
func (s *Server) getEventSourceMapping(r *http.Request, _ []byte) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.mapping(r.PathValue("uuid"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.describeMapping(m), nil
}
