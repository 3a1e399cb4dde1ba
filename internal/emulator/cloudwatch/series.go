package cloudwatch

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"weir/internal/quota"
)

// series holds the points of one metric in one unit: a total for every minute
// and, while they are young enough, the seconds it is made of. Times are Unix
// seconds.
type series struct {
	unit string

	mu      sync.Mutex
	seconds bool         // keep seconds: the metric is of high resolution
	open    distribution // samples of openAt that are not yet in minutes
	openAt  int64
	minutes []minute // rising by start
}

// minute is the total of one minute. Its seconds are dropped when it is older
// than quota.HighResolutionRetention.
type minute struct {
	start   int64
	total   packed
	seconds []second // rising by offset
}

type second struct {
	packed
	offset uint8 // from the minute's start
}

const (
	secondsKept = int64(quota.HighResolutionRetention / time.Second)
	minutesKept = int64(quota.MinuteResolutionLifetime / time.Second)
)

// record is the cheap way in: one value, count times, at a moment.
func (s *series) record(at time.Time, value, count float64) {
	s.mu.Lock()
	s.turnTo(at)
	s.open.add(value, count)
	s.mu.Unlock()
}

// recordAll adds a datum of PutMetricData. A metric once of high resolution
// stays so.
func (s *series) recordAll(at time.Time, d distribution, highResolution bool) {
	s.mu.Lock()
	s.seconds = s.seconds || highResolution
	s.turnTo(at)
	s.open.addAll(d)
	s.mu.Unlock()
}

// turnTo makes at's second the open one.
func (s *series) turnTo(at time.Time) {
	if t := at.Unix(); t != s.openAt {
		s.file()
		s.openAt = t
	}
}

// file moves the open samples into their minute. Samples older than the newest
// by more than minutes are kept are dropped.
func (s *series) file() {
	start := roundDown(s.openAt, 60)
	if s.open.SampleCount > 0 && (len(s.minutes) == 0 || start >= s.newest()-minutesKept) {
		m := s.minute(start)
		m.total = m.total.with(&s.open)
		if s.seconds && start >= s.newest()-secondsKept {
			sec := m.second(uint8(s.openAt - start))
			sec.packed = sec.with(&s.open)
		}
	}
	s.open = distribution{cells: s.open.cells[:0]}
}

func (p packed) with(d *distribution) packed {
	if p.SampleCount == 0 {
		return d.pack()
	}
	all := p.unpack()
	all.addAll(*d)
	return all.pack()
}

func (s *series) newest() int64 { return s.minutes[len(s.minutes)-1].start }

// minute finds the minute that begins at start, or makes it.
func (s *series) minute(start int64) *minute {
	i, found := s.search(start)
	if !found {
		s.minutes = slices.Insert(s.minutes, i, minute{start: start})
		i -= s.expire()
	}
	return &s.minutes[i]
}

func (s *series) search(start int64) (int, bool) {
	return slices.BinarySearchFunc(s.minutes, start, func(m minute, t int64) int { return cmp.Compare(m.start, t) })
}

// expire drops what is past its time, measured from the newest minute so that
// no clock is needed, and returns how many minutes went.
func (s *series) expire() int {
	coarse, _ := s.search(s.newest() - secondsKept)
	for i := coarse - 1; i >= 0 && s.minutes[i].seconds != nil; i-- {
		s.minutes[i].seconds = nil
	}
	gone, _ := s.search(s.newest() - minutesKept)
	s.minutes = s.minutes[gone:]
	return gone
}

func (m *minute) second(offset uint8) *second {
	i, found := slices.BinarySearchFunc(m.seconds, offset, func(s second, o uint8) int { return cmp.Compare(s.offset, o) })
	if !found {
		m.seconds = slices.Insert(m.seconds, i, second{offset: offset})
	}
	return &m.seconds[i]
}

// window is a stretch of time cut into periods: Unix seconds, from inclusive,
// to exclusive, periods counted from from.
type window struct {
	from, to, period int64
}

func (w window) slot(t int64) int64 { return w.from + max(0, t-w.from)/w.period*w.period }

// horizon is what a reader may see.
type horizon struct {
	last         int64 // the last second whose samples are visible
	wholeMinutes bool  // a minute shows when it is over, and nothing finer ever
}

var everything = horizon{last: math.MaxInt64}

// collect adds the visible points of the window to slots, by period start. A
// minute that has no seconds counts at its start, so that metrics of sixty
// seconds asked for at less come out as minutes.
func (s *series) collect(w window, see horizon, slots map[int64]*distribution) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file()
	first, _ := s.search(w.from - 59)
	for _, m := range s.minutes[first:] {
		if m.start >= w.to {
			return
		}
		if m.inOne(w, see) {
			m.collectTotal(w, see, slots)
		} else {
			m.collectSeconds(w, see, slots)
		}
	}
}

// inOne tells whether the minute is read by its total: it lies within one
// period and is visible as a whole, or it has nothing finer to be read by.
func (m *minute) inOne(w window, see horizon) bool {
	if see.wholeMinutes || len(m.seconds) == 0 {
		return true
	}
	return m.start >= w.from && w.slot(m.start) == w.slot(m.start+59) && m.start+59 <= see.last
}

func (m *minute) collectTotal(w window, see horizon, slots map[int64]*distribution) {
	visibleAt := m.start
	if see.wholeMinutes {
		visibleAt = m.start + 60
	}
	if m.start >= w.from && visibleAt <= see.last {
		addTo(slots, w.slot(m.start), m.total)
	}
}

func (m *minute) collectSeconds(w window, see horizon, slots map[int64]*distribution) {
	for _, sec := range m.seconds {
		t := m.start + int64(sec.offset)
		if t >= w.from && t < w.to && t <= see.last {
			addTo(slots, w.slot(t), sec.packed)
		}
	}
}

func addTo(slots map[int64]*distribution, at int64, p packed) {
	d := slots[at]
	if d == nil {
		d = new(distribution)
		slots[at] = d
	}
	d.addAll(p.unpack())
}

// span is from the oldest minute to the end of the newest.
func (s *series) span() span {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file()
	if len(s.minutes) == 0 {
		return noSpan
	}
	return span{s.minutes[0].start, s.newest() + 59}
}

// roundDown is the largest multiple of n that is not above t.
func roundDown(t, n int64) int64 { return t - ((t%n)+n)%n }
