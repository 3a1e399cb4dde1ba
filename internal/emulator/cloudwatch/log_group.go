package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/quota"
)

// logGroup holds a group's events in order of timestamp, then of arrival. Times
// are Unix milliseconds.
type logGroup struct {
	name    string
	created time.Time
	limit   int64

	mu       sync.Mutex
	streams  map[string]*logStream
	segments []segment // rising by second
	bytes    int64
	arrived  uint64 // events ever taken
	trimmed  int64
	lastTrim int64 // newest timestamp among the trimmed events

	retentionDays int // 0: for good
}

type logStream struct {
	name        string
	created     int64
	first, last int64 // timestamps of events; 0 without any
	ingested    int64
	bytes       int64
}

// segment is the events of one second, sorted when it is read.
type segment struct {
	second int64
	events []logEvent
	sorted bool
}

type logEvent struct {
	position
	ingested int64
	stream   *logStream
	message  string
}

// position is an event's place in its group for good: its timestamp and its
// number of arrival, from 1.
type position struct {
	at      int64
	arrival uint64
}

func (p position) compare(o position) int {
	return cmp.Or(cmp.Compare(p.at, o.at), cmp.Compare(p.arrival, o.arrival))
}

// newEvent is an event on its way in.
type newEvent struct {
	at      int64
	message string
}

func (e *logEvent) size() int64 { return int64(len(e.message)) + quota.LogEventOverheadBytes }

// append takes events into a stream, which it makes if need be, and drops what
// is then over the group's limit.
func (g *logGroup) append(stream string, events []newEvent, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, _ := g.makeStream(stream, now)
	for _, in := range events {
		g.arrived++
		e := logEvent{position{in.at, g.arrived}, now.UnixMilli(), s, in.message}
		g.segment(in.at / 1000).add(e)
		g.bytes += e.size()
		s.note(&e)
	}
	for g.bytes > g.limit {
		g.trimOldest()
	}
}

// makeStream finds a stream or makes it. The caller holds mu.
func (g *logGroup) makeStream(name string, now time.Time) (s *logStream, made bool) {
	if s := g.streams[name]; s != nil {
		return s, false
	}
	s = &logStream{name: name, created: now.UnixMilli()}
	g.streams[name] = s
	return s, true
}

func (s *logStream) note(e *logEvent) {
	if s.first == 0 || e.at < s.first {
		s.first = e.at
	}
	s.last = max(s.last, e.at)
	s.ingested = e.ingested
	s.bytes += e.size()
}

func (g *logGroup) search(second int64) (int, bool) {
	return slices.BinarySearchFunc(g.segments, second, func(s segment, t int64) int { return cmp.Compare(s.second, t) })
}

// segment finds a second's segment or makes it.
func (g *logGroup) segment(second int64) *segment {
	i, found := g.search(second)
	if !found {
		g.segments = slices.Insert(g.segments, i, segment{second: second, sorted: true})
	}
	return &g.segments[i]
}

func (s *segment) add(e logEvent) {
	if n := len(s.events); n > 0 && e.compare(s.events[n-1].position) < 0 {
		s.sorted = false
	}
	s.events = append(s.events, e)
}

func (s *segment) sort() {
	if !s.sorted {
		slices.SortFunc(s.events, func(a, b logEvent) int { return a.compare(b.position) })
		s.sorted = true
	}
}

func (g *logGroup) trimOldest() {
	oldest := &g.segments[0]
	oldest.sort()
	size := oldest.events[0].size()
	oldest.events[0].stream.bytes -= size
	g.bytes -= size
	g.trimmed++
	g.lastTrim = max(g.lastTrim, oldest.events[0].at)
	oldest.events[0] = logEvent{} // let go of the message
	if oldest.events = oldest.events[1:]; len(oldest.events) == 0 {
		g.segments = slices.Delete(g.segments, 0, 1)
	}
}

// next copies up to n events that come after a position and before the end
// time, in order. It returns fewer only if there are no more.
func (g *logGroup) next(after position, end int64, n int) []logEvent {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []logEvent
	first, _ := g.search(after.at / 1000)
	for i := first; i < len(g.segments) && len(found) < n; i++ {
		s := &g.segments[i]
		if s.second*1000 >= end {
			break
		}
		s.sort()
		from := s.from(position{after.at, after.arrival + 1})
		to := s.from(position{end, 0})
		found = append(found, s.events[from:min(to, from+n-len(found))]...)
	}
	return found
}

// from is the index of the first event not before a position.
func (s *segment) from(p position) int {
	i, _ := slices.BinarySearchFunc(s.events, p, func(e logEvent, p position) int { return e.compare(p) })
	return i
}

// eventsPerLock is how many events a reader copies before it lets writers go on.
const eventsPerLock = 1000

// each calls visit with the events after a position and before the end time, in
// order, until it returns false. Writers are not held up meanwhile: what they
// add behind the place reached is not seen.
func (g *logGroup) each(after position, end int64, visit func(*logEvent) bool) {
	for {
		events := g.next(after, end, eventsPerLock)
		for i := range events {
			if !visit(&events[i]) {
				return
			}
		}
		if len(events) < eventsPerLock {
			return
		}
		after = events[len(events)-1].position
	}
}

// sortedStreams copies the streams whose name begins with prefix.
func (g *logGroup) sortedStreams(prefix string, less func(a, b logStream) int) []logStream {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []logStream
	for s := range maps.Values(g.streams) {
		if strings.HasPrefix(s.name, prefix) {
			found = append(found, *s)
		}
	}
	slices.SortFunc(found, less)
	return found
}

func (g *logGroup) hasStream(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.streams[name] != nil
}
