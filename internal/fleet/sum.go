package fleet

import (
	"slices"

	"weir/internal/load/frame"
	"weir/internal/stats"
)

// add sums a runner's frame into that of its second. Fates and slots are of one
// schedule that the runners share, so they only come together; gauges are the
// Merger's.
func add(into *frame.Frame, f frame.Frame) {
	if f.T.After(into.T) {
		into.T = f.T
	}
	if into.Started.IsZero() || !f.Started.IsZero() && f.Started.Before(into.Started) {
		into.Started = f.Started
	}
	into.OfferedTo = max(into.OfferedTo, f.OfferedTo)
	for _, s := range f.Steps {
		addStep(stepOf(into, s.Step), s)
	}
	into.Foreign = append(into.Foreign, f.Foreign...)
	into.Exceptions += f.Exceptions
	into.TrendValues += f.TrendValues
	into.Notices = append(into.Notices, f.Notices...)
	into.Encodings = append(into.Encodings, f.Encodings...)
	for name, s := range f.K6 {
		if into.K6 == nil {
			into.K6 = map[string]frame.Sample{}
		}
		into.K6[name] = sum(into.K6[name], s)
	}
}

func stepOf(f *frame.Frame, number int) *frame.StepFrame {
	i := slices.IndexFunc(f.Steps, func(s frame.StepFrame) bool { return s.Step == number })
	if i < 0 {
		i = len(f.Steps)
		f.Steps = append(f.Steps, frame.StepFrame{
			Step: number, Put: new(stats.Histogram), PutFromDue: new(stats.Histogram), Lateness: new(stats.Histogram),
		})
	}
	return &f.Steps[i]
}

func addStep(into *frame.StepFrame, s frame.StepFrame) {
	into.Accepted += s.Accepted
	into.NotSent += s.NotSent
	into.Indeterminate += s.Indeterminate
	into.Bytes += s.Bytes
	into.Calls += s.Calls
	into.Tries += s.Tries
	into.Retries += s.Retries
	into.Rejected = counts(into.Rejected, s.Rejected)
	into.Sizes = counts(into.Sizes, s.Sizes)
	into.Put.Merge(s.Put)
	into.PutFromDue.Merge(s.PutFromDue)
	into.Lateness.Merge(s.Lateness)
	into.Fates = append(into.Fates, s.Fates...)
	for _, l := range s.Shards {
		i := slices.IndexFunc(into.Shards, func(o frame.ShardLoad) bool { return o.ID == l.ID })
		if i < 0 {
			into.Shards = append(into.Shards, l)
			continue
		}
		into.Shards[i].Accepted += l.Accepted
		into.Shards[i].Throttled += l.Throttled
	}
	for _, l := range s.Keys {
		i := slices.IndexFunc(into.Keys, func(o frame.KeyLoad) bool { return o.Key == l.Key })
		if i < 0 {
			into.Keys = append(into.Keys, l)
			continue
		}
		into.Keys[i].Records += l.Records
	}
}

// counts adds one set of counts to another, which may be nil.
func counts[K comparable](into, from map[K]int64) map[K]int64 {
	if into == nil && len(from) > 0 {
		into = map[K]int64{}
	}
	for k, n := range from {
		into[k] += n
	}
	return into
}

// sum is two intervals' samples of one metric as one.
func sum(a, b frame.Sample) frame.Sample {
	if a.Count == 0 {
		return b
	}
	if b.Count == 0 {
		return a
	}
	return frame.Sample{Count: a.Count + b.Count, Sum: a.Sum + b.Sum, Min: min(a.Min, b.Min), Max: max(a.Max, b.Max), Last: b.Last}
}
