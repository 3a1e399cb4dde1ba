package lambda

import (
	"net/http"
	"time"

	"weir/internal/emulator/wire"
)

// mappingRequest is the body of Create- and UpdateEventSourceMapping. A field
// that is absent is left as it is.
type mappingRequest struct {
	EventSourceArn, FunctionName   *string
	StartingPosition               *string
	StartingPositionTimestamp      *float64
	BatchSize                      *int
	MaximumBatchingWindowInSeconds *int
	ParallelizationFactor          *int
	MaximumRetryAttempts           *int
	MaximumRecordAgeInSeconds      *int
	BisectBatchOnFunctionError     *bool
	FunctionResponseTypes          *[]string
	DestinationConfig              *struct {
		OnFailure struct{ Destination string }
	}
	Enabled                 *bool
	TumblingWindowInSeconds *int
	FilterCriteria          *filterCriteria
}

// createEventSourceMapping makes a mapping of a Kinesis stream. It is enabled
// when this returns, though the answer says Creating as Lambda's does.
func (s *Server) createEventSourceMapping(_ *http.Request, body []byte) (int, any, error) {
	var request mappingRequest
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	if request.EventSourceArn == nil || request.FunctionName == nil {
		return 0, nil, invalid("EventSourceArn and FunctionName are required")
	}
	var config MappingConfig
	if err := request.apply(&config); err != nil {
		return 0, nil, err
	}
	uuid, err := s.CreateMapping(config)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := s.describeMapping(s.mappings[uuid])
	answer.State = stateCreating
	return http.StatusAccepted, answer, nil
}

// apply sets in c what the request has.
func (q *mappingRequest) apply(c *MappingConfig) error {
	set(&c.StreamARN, q.EventSourceArn)
	set(&c.Function, q.FunctionName)
	set(&c.Start.Type, q.StartingPosition)
	if at := q.StartingPositionTimestamp; at != nil {
		c.Start.At = time.UnixMilli(int64(*at * 1000))
	}
	if err := setPositive(&c.BatchSize, q.BatchSize, "batchSize"); err != nil {
		return err
	}
	if err := setPositive(&c.Parallelization, q.ParallelizationFactor, "parallelizationFactor"); err != nil {
		return err
	}
	if q.MaximumRetryAttempts != nil {
		c.RetryAttempts = q.MaximumRetryAttempts
	}
	setSeconds(&c.Window, q.MaximumBatchingWindowInSeconds)
	setSeconds(&c.TumblingWindow, q.TumblingWindowInSeconds)
	setSeconds(&c.RecordAge, q.MaximumRecordAgeInSeconds)
	if age := c.RecordAge; age == 0 && q.MaximumRecordAgeInSeconds != nil || age < -time.Second {
		return invalid("MaximumRecordAgeInSeconds must be -1 or from 60 to 604800")
	}
	set(&c.Bisect, q.BisectBatchOnFunctionError)
	if q.FunctionResponseTypes != nil {
		c.ReportItemFailures = len(*q.FunctionResponseTypes) > 0
	}
	if q.DestinationConfig != nil {
		c.OnFailure = q.DestinationConfig.OnFailure.Destination
	}
	if q.FilterCriteria != nil {
		c.Filters = q.FilterCriteria.patterns()
	}
	if q.Enabled != nil {
		c.Disabled = !*q.Enabled
	}
	return nil
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// setPositive refuses 0, which in a MappingConfig stands for the default.
func setPositive(field, value *int, name string) error {
	if value != nil && *value < 1 {
		return invalid("Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to 1", *value, name)
	}
	set(field, value)
	return nil
}

func setSeconds(field *time.Duration, seconds *int) {
	if seconds != nil {
		*field = time.Duration(*seconds) * time.Second
	}
}
