package observe

import (
	"maps"
	"slices"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// second gathers one second of the time axis until it is complete.
type second struct {
	values  map[string]float64
	put     stats.Histogram
	late    stats.Histogram
	e2e     stats.Histogram
	arrive  stats.Histogram
	fresh   int64 // of this run's records, processed for the first time
	records int64 // in invocations that returned without error
	batches int64
	heat    heat
}

// AddHost takes weir's own use of the machine.
func (o *Observer) AddHost(at time.Time, rss int64, cpu float64) {
	v := o.second(at.Unix()).values
	v[metrics.ParentRSS], v[metrics.ParentCPU] = float64(rss), cpu
}

// Flush gives out the points of seconds before the given moment, once each,
// and every vended value that is new or changed.
func (o *Observer) Flush(before time.Time) []record.Point {
	o.open = max(o.open, before.Unix())
	points := map[int64]map[string]float64{}
	names := map[int64]map[string]string{}
	for _, t := range slices.Sorted(maps.Keys(o.seconds)) {
		if t >= before.Unix() {
			break
		}
		v := o.seconds[t].finish()
		if n := o.seconds[t].heat.name(v); n != nil {
			names[t] = n
		}
		o.accepted += v[metrics.Accepted]
		o.processed += v[metrics.Processed]
		if o.probe {
			v[metrics.Backlog] = max(o.accepted-o.processed, 0)
		}
		points[t] = v
		delete(o.seconds, t)
	}
	for t, v := range o.dirty {
		if points[t] == nil {
			points[t] = map[string]float64{}
		}
		maps.Copy(points[t], v)
	}
	clear(o.dirty)
	o.settleVended(earlier(before, o.read).Add(-VendedMemory).Unix())
	return sorted(points, names)
}

// second is where what happened at t is added up. A second that was given out
// is closed, for a second point of it would replace the first: what comes later
// counts in the oldest second that is still open, so that no sum loses it.
func (o *Observer) second(t int64) *second {
	t = max(t, o.open)
	s := o.seconds[t]
	if s == nil {
		s = &second{values: map[string]float64{}}
		o.seconds[t] = s
	}
	return s
}

// finish turns what the second gathered into its values.
func (s *second) finish() map[string]float64 {
	v := s.values
	quantiles := func(h *stats.Histogram, names map[string]float64) {
		if h.Count() == 0 {
			return
		}
		for name, q := range names {
			v[name] = ms(h.Quantile(q))
		}
	}
	quantiles(&s.put, map[string]float64{metrics.PutP50: 0.5, metrics.PutP99: 0.99, metrics.PutMax: 1})
	quantiles(&s.late, map[string]float64{metrics.LatenessP99: 0.99, metrics.LatenessMax: 1})
	quantiles(&s.e2e, map[string]float64{metrics.E2EP50: 0.5, metrics.E2EP95: 0.95, metrics.E2EP99: 0.99, metrics.E2EMax: 1})
	quantiles(&s.arrive, map[string]float64{metrics.ArriveP99: 0.99})
	if s.batches > 0 || s.fresh > 0 {
		v[metrics.Processed] = float64(s.fresh)
	}
	if s.batches > 0 {
		v[metrics.BatchMean] = float64(s.records) / float64(s.batches)
	}
	return v
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func sorted(points map[int64]map[string]float64, names map[int64]map[string]string) []record.Point {
	out := make([]record.Point, 0, len(points))
	for _, t := range slices.Sorted(maps.Keys(points)) {
		out = append(out, record.Point{T: t, V: points[t], N: names[t]})
	}
	return out
}
