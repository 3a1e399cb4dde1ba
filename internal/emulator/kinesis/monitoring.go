package kinesis

import (
	"slices"
	"time"
)

// monitoring is a set of shard-level metrics, a bit for each of shardMetrics.
type monitoring uint8

// shardMetrics are the metrics that EnableEnhancedMonitoring knows, with their
// units (API_EnableEnhancedMonitoring, 2026-11-22).
var shardMetrics = [...]struct{ name, unit string }{
	{"IncomingBytes", "Bytes"},
	{"IncomingRecords", "Count"},
	{"OutgoingBytes", "Bytes"},
	{"OutgoingRecords", "Count"},
	{"WriteProvisionedThroughputExceeded", "Count"},
	{"ReadProvisionedThroughputExceeded", "Count"},
	{"IteratorAgeMilliseconds", "Milliseconds"},
}

// Places in shardMetrics.
const (
	incomingBytes = iota
	incomingRecords
	outgoingBytes
	outgoingRecords
	writeExceeded
	readExceeded
	iteratorAge
)

// everyMetric is the request's word for all of them.
const everyMetric = "ALL"

func monitoringOf(names []string) (m monitoring) {
	for i, metric := range shardMetrics {
		if slices.Contains(names, metric.name) || slices.Contains(names, everyMetric) {
			m |= 1 << i
		}
	}
	return m
}

// names are the metrics in the set; not nil.
func (m monitoring) names() []string {
	names := []string{}
	for i, metric := range shardMetrics {
		if m&(1<<i) != 0 {
			names = append(names, metric.name)
		}
	}
	return names
}

// shardSeries are where a shard's metrics go.
type shardSeries [len(shardMetrics)]metric

func newShardSeries(series Series, stream, shard string) *shardSeries {
	s := new(shardSeries)
	for i, m := range shardMetrics {
		s[i] = func(time.Time, float64, int) {}
		if series != nil {
			s[i] = series(namespace, m.name, m.unit, "StreamName", stream, "ShardId", shard)
		}
	}
	return s
}

func (s *shardSeries) add(on monitoring, i int, at time.Time, value float64) {
	if on&(1<<i) != 0 {
		s[i].add(at, value)
	}
}

// monitor gives the shard its series, once.
func (s *shard) monitor(of func(shard string) *shardSeries) {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	if s.series == nil {
		s.series = of(s.id)
	}
}

func (s *shard) monitored() *shardSeries {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	return s.series
}

// monitorPut records one operation's records in one shard; st.mu is held.
func (st *stream) monitorPut(b *batch, i int32, at time.Time) {
	on := st.settings.monitored
	if on == 0 {
		return
	}
	var t tally
	for o := b.first[i]; o != none; o = b.offers[o].next {
		t.count(&b.offers[o])
	}
	series := b.open[i].monitored()
	series.add(on, writeExceeded, at, float64(t.total-t.accepted))
	if t.accepted > 0 {
		series.add(on, incomingBytes, at, float64(t.bytes))
		series.add(on, incomingRecords, at, float64(t.accepted))
	}
}

// monitorRead records one GetRecords call.
func (st *stream) monitorRead(s *shard, at time.Time, got *found) {
	on := st.current().monitored
	if on == 0 {
		return
	}
	series := s.monitored()
	if got.Throttled {
		series.add(on, readExceeded, at, 1)
		return
	}
	series.add(on, readExceeded, at, 0)
	series.add(on, outgoingBytes, at, float64(got.size))
	series.add(on, outgoingRecords, at, float64(got.records))
	series.add(on, iteratorAge, at, float64(got.MillisBehind))
}
