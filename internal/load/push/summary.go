package push

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// series is one metric with the tags that were kept.
type series struct {
	key    string
	metric *metrics.Metric
	tags   []tag
	beyond bool // its combination came after the bound
}

// window is what one series was in one period.
type window struct {
	*series
	from     time.Time
	count    int64
	sum      float64
	min, max float64
	last     float64
	lastAt   time.Time
	values   sketch // of a Trend
}

// summaries sum samples up by series and period. It has one owner.
type summaries struct {
	period  time.Duration
	bounds  *bounds
	series  map[metrics.TimeSeries]*series // what a sample's own series became
	windows map[windowKey]*window
	invalid int64 // samples that are no number
	folded  int64 // samples whose tags became "other"
}

type windowKey struct {
	series string
	from   int64
}

// maxRemembered bounds the memory for what k6's series became: k6 makes a new
// one for each combination of all tags, URLs included.
const maxRemembered = 20_000

func newSummaries(period time.Duration, b *bounds) *summaries {
	return &summaries{
		period: period, bounds: b,
		series: map[metrics.TimeSeries]*series{}, windows: map[windowKey]*window{},
	}
}

func (s *summaries) add(sample metrics.Sample) {
	if math.IsNaN(sample.Value) || math.IsInf(sample.Value, 0) {
		s.invalid++
		return
	}
	w := s.window(s.seriesOf(sample.TimeSeries), sample.Time)
	if w.beyond {
		s.folded++
	}
	w.count++
	w.sum += sample.Value
	w.min, w.max = min(w.min, sample.Value), max(w.max, sample.Value)
	if !sample.Time.Before(w.lastAt) {
		w.last, w.lastAt = sample.Value, sample.Time
	}
	if w.values != nil {
		w.values.add(sample.Value)
	}
}

func (s *summaries) seriesOf(of metrics.TimeSeries) *series {
	if known, ok := s.series[of]; ok {
		return known
	}
	if len(s.series) >= maxRemembered {
		clear(s.series)
	}
	kept, key := s.bounds.of(of.Metric.Name, of.Tags.Map())
	made := &series{key: key, metric: of.Metric, tags: kept, beyond: s.bounds.beyond(key)}
	s.series[of] = made
	return made
}

func (s *summaries) window(of *series, at time.Time) *window {
	from := at.Truncate(s.period)
	key := windowKey{of.key, from.UnixNano()}
	w := s.windows[key]
	if w == nil {
		w = &window{series: of, from: from, min: math.Inf(1), max: math.Inf(-1)}
		if of.metric.Type == metrics.Trend {
			w.values = sketch{}
		}
		s.windows[key] = w
	}
	return w
}

// take hands out the windows that ended by the given moment, the oldest first.
// What comes late for one of them makes a further window of the same period.
func (s *summaries) take(ended time.Time) []*window {
	var taken []*window
	for key, w := range s.windows {
		if w.from.Add(s.period).After(ended) {
			continue
		}
		taken = append(taken, w)
		delete(s.windows, key)
	}
	slices.SortFunc(taken, func(a, b *window) int {
		return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.key, b.key))
	})
	return taken
}

// losses says which samples did not arrive as they were; empty where all did.
func (s *summaries) losses() string {
	var b strings.Builder
	if s.folded > 0 {
		fmt.Fprintf(&b, "; %d samples of more than %d metrics were put under the tag value %q", s.folded, s.bounds.most, otherValue)
	}
	if s.invalid > 0 {
		fmt.Fprintf(&b, "; %d samples were no finite number", s.invalid)
	}
	return b.String()
}
