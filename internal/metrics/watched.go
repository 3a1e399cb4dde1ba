package metrics

import (
	"slices"
	"strings"
	"time"
)

// Watched is the pipeline that a dashboard and alarms are about.
type Watched struct {
	Region   string
	Stream   string
	Function string
	// Mapping is the UUID of the event source mapping, empty where it is not
	// known or sends no EventCount metrics. The probe's count of records
	// received then stands for the mapping's.
	Mapping string
	Limits  Limits
}

// Limits are the critical targets' numbers. Each is the first value that is
// bad, but for MatchTolerance, the last that is good. Of throttles none is.
type Limits struct {
	IteratorAge    time.Duration // Maximum
	Duration       time.Duration // Maximum of an invocation
	ErrorRate      float64       // errors / invocations
	RecordLatency  time.Duration // p99
	MatchTolerance float64       // |read by the function's side / incoming - 1|
}

// received is what the function's side took off the stream.
func (w Watched) received() Query {
	if w.Mapping != "" {
		return queryOf(Polled)
	}
	return Query{
		ID: "received", Namespace: ProbeNamespace, Name: "RecordsReceived",
		Statistic: "Sum", Dimension: ByStreamFunction, Counter: true,
	}
}

// dimension is a name and value, in CloudWatch's JSON.
type dimension struct{ Name, Value string }

func (w Watched) dimensions(q Query) []dimension {
	values := map[string]string{ByStream: w.Stream, ByFunction: w.Function, ByMapping: w.Mapping}
	var all []dimension
	for name := range strings.SplitSeq(q.Dimension, ",") {
		all = append(all, dimension{name, values[name]})
	}
	return all
}

// queryOf is the one query for a series; it panics where there is none, which
// is a mistake in this package.
func queryOf(series string) Query {
	all := Queries()
	return all[slices.IndexFunc(all, func(q Query) bool { return q.Series == series })]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
