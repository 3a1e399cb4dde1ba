package lambda

import "time"

// point records count observations of value at a time.
type point func(at time.Time, value float64, count int)

// functionSeries are the AWS/Lambda metrics of one function.
type functionSeries struct {
	invocations, errors, throttles, duration, iteratorAge, concurrent, deliveryFailures []point
}

// mappingSeries are the EventCount metrics of one mapping.
type mappingSeries struct {
	polled, invoked, filteredOut, failedInvoke, dropped, delivered point
}

const lambdaNamespace = "AWS/Lambda"

// series is the named metric, or one that goes nowhere.
func (s *Server) series(name, unit string, dims ...string) point {
	if s.cfg.Series == nil {
		return func(time.Time, float64, int) {}
	}
	return s.cfg.Series(lambdaNamespace, name, unit, dims...)
}

// newFunctionSeries has each metric by function and for the whole account.
func (s *Server) newFunctionSeries(function string) functionSeries {
	both := func(name, unit string) []point {
		return []point{s.series(name, unit, "FunctionName", function), s.series(name, unit)}
	}
	return functionSeries{
		invocations: both("Invocations", "Count"), errors: both("Errors", "Count"), throttles: both("Throttles", "Count"),
		duration: both("Duration", "Milliseconds"), iteratorAge: both("IteratorAge", "Milliseconds"),
		concurrent: both("ConcurrentExecutions", "Count"), deliveryFailures: both("DestinationDeliveryFailures", "Count"),
	}
}

func (s *Server) newMappingSeries(uuid string) mappingSeries {
	of := func(name string) point { return s.series(name, "Count", "EventSourceMappingUUID", uuid) }
	return mappingSeries{
		polled: of("PolledEventCount"), invoked: of("InvokedEventCount"), filteredOut: of("FilteredOutEventCount"),
		failedInvoke: of("FailedInvokeEventCount"), dropped: of("DroppedEventCount"),
		delivered: of("OnFailureDestinationDeliveredEventCount"),
	}
}

func observe(points []point, at time.Time, value float64) {
	for _, p := range points {
		p(at, value, 1)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
