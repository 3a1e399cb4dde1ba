package cloudwatch

import (
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

// Options of a Store. The zero value shows every point at once and vended
// metrics by the second.
type Options struct {
	// Now is the clock that requests are judged against; nil is time.Now.
	Now func() time.Time
	// Delay is how much later than their timestamp points become visible.
	Delay time.Duration
	// LikeAWS serves AWS/* metrics as AWS does: at sixty seconds, each minute
	// when it is over.
	LikeAWS bool
	// MaxMetrics bounds the metrics that requests may create; 0 is 2 000. AWS has
	// no such limit. A metric of one second that has points in every second takes
	// 0.3 MB (equal values) to 1.5 MB (a hundred different ones a second) an hour
	// for three hours; one of sixty seconds about 10 kB an hour for fifteen days.
	MaxMetrics int
	// Region and Account are written into ARNs; empty is us-east-1 and
	// 000000000000.
	Region, Account string
}

const defaultMaxMetrics = 2000

// Store keeps metrics in memory: seconds for quota.HighResolutionRetention,
// minutes for quota.MinuteResolutionLifetime. Percentiles are within 0.39 % of
// a sample of their rank; the other statistics are exact. It is safe for
// concurrent use.
type Store struct {
	options Options

	mu      sync.RWMutex
	metrics map[string]*filed

	alarms     alarms
	dashboards dashboards
}

// filed is a metric with its series, one for each unit. Guarded by Store.mu.
type filed struct {
	metric
	series []*series
}

// NewStore makes an empty store.
func NewStore(o Options) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxMetrics == 0 {
		o.MaxMetrics = defaultMaxMetrics
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	return &Store{
		options: o, metrics: map[string]*filed{},
		alarms: alarms{byName: map[string]*alarm{}}, dashboards: dashboards{byName: map[string]*dashboard{}},
	}
}

// Series returns the way to record points of one metric, looked up once: value
// as seen count times at the moment at. dims are names and values in turn; the
// metric is kept at one second. The function costs a lock and a short search,
// may be called from any goroutine, and ignores values that are not finite and
// counts below one.
func (s *Store) Series(namespace, name, unit string, dims ...string) func(at time.Time, value float64, count int) {
	s.mu.Lock()
	into := s.file(newMetric(namespace, name, dims...)).unit(unit)
	s.mu.Unlock()
	into.mu.Lock()
	into.seconds = true
	into.mu.Unlock()
	return func(at time.Time, value float64, count int) {
		if count < 1 || !finite(value) {
			return
		}
		into.record(at, value, float64(count))
	}
}

// file finds the metric or makes it. The caller holds mu.
func (s *Store) file(m metric) *filed {
	key := m.key()
	f := s.metrics[key]
	if f == nil {
		f = &filed{metric: m.sorted()}
		s.metrics[key] = f
	}
	return f
}

// unit finds the metric's series in a unit, or makes it. The caller holds mu.
func (f *filed) unit(unit string) *series {
	if unit == "" {
		unit = "None"
	}
	for _, have := range f.series {
		if have.unit == unit {
			return have
		}
	}
	made := &series{unit: unit}
	f.series = append(f.series, made)
	return made
}

// put records one datum, or reports false when the store is full of metrics.
func (s *Store) put(p point) bool {
	s.mu.Lock()
	if _, known := s.metrics[p.metric.key()]; !known && len(s.metrics) >= s.options.MaxMetrics {
		s.mu.Unlock()
		return false
	}
	into := s.file(p.metric).unit(p.unit)
	s.mu.Unlock()
	into.recordAll(p.at, p.values, p.highResolution)
	return true
}

// point is one datum on its way into the store.
type point struct {
	metric         metric
	unit           string
	at             time.Time
	values         distribution
	highResolution bool
}

// slots are the periods of a window that have visible samples, by their start.
// An empty unit means all units together.
func (s *Store) slots(m metric, unit string, w window) map[int64]*distribution {
	slots := map[int64]*distribution{}
	see := s.horizon(m)
	for _, one := range s.find(m) {
		if unit == "" || one.unit == unit {
			one.collect(w, see, slots)
		}
	}
	return slots
}

func (s *Store) find(m metric) []*series {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := s.metrics[m.key()]
	if f == nil {
		return nil
	}
	return slices.Clone(f.series)
}

func (s *Store) horizon(m metric) horizon {
	if s.options.LikeAWS && m.vended() {
		return horizon{s.options.Now().Add(-s.options.Delay).Unix(), true}
	}
	if s.options.Delay == 0 {
		return everything
	}
	return horizon{last: s.options.Now().Add(-s.options.Delay).Unix()}
}

// list is every metric with visible points that keep wants, in order of key.
func (s *Store) list(keep func(metric, span) bool) []metric {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []metric
	for _, key := range slices.Sorted(maps.Keys(s.metrics)) {
		f := s.metrics[key]
		if over := f.span(); over.has() && over.oldest <= s.horizon(f.metric).last && keep(f.metric, over) {
			found = append(found, f.metric)
		}
	}
	return found
}

// span is the time from a metric's oldest point to its newest, in Unix seconds
// and to the minute.
type span struct{ oldest, newest int64 }

// noSpan is of a metric without points.
var noSpan = span{oldest: math.MaxInt64, newest: math.MinInt64}

func (s span) has() bool { return s.oldest <= s.newest }

func (f *filed) span() span {
	over := noSpan
	for _, s := range f.series {
		one := s.span()
		over.oldest, over.newest = min(over.oldest, one.oldest), max(over.newest, one.newest)
	}
	return over
}

// units are the units that a metric has points in, or only the one asked for.
func (s *Store) units(m metric, only string) []string {
	var units []string
	for _, one := range s.find(m) {
		if only == "" || one.unit == only {
			units = append(units, one.unit)
		}
	}
	return units
}
