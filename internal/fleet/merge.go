package fleet

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"weir/internal/load/frame"
	"weir/internal/record"
)

// patience is how many seconds the others are ahead of a runner before they are
// reported without it. What it says later counts in the second it comes in.
const patience = 5

// Merger makes one sequence of frames of those of several runners: counts are
// summed and histograms merged by the second, never percentiles. It knows no
// clock and has one owner.
type Merger struct {
	runners []*runner
	open    map[int64]*second
	closed  int64 // the last second given out
	final   bool
	notices []string // of runners that ended, for the next frame
	newest  frame.Frame
}

// second is what runners said of one second, or of the part of it in which
// they ended.
type second struct {
	frame  frame.Frame
	gauges map[int]gauges // by runner
}

// NewMerger waits for so many runners, counted from 1.
func NewMerger(runners int) *Merger {
	m := &Merger{open: map[int64]*second{}}
	for i := range runners {
		r := &runner{waiting: map[int]frame.Frame{}}
		r.Number, r.State = i+1, record.RunnerWaiting
		r.Segment, _ = Segment(i+1, runners)
		r.Share = 1 / float64(runners)
		m.runners = append(m.runners, r)
	}
	return m
}

// Add takes a runner's frame and returns those of the whole that are complete
// by it. Frames of a runner may come in any order; one that came before, or
// comes after the runner's end, is ignored.
func (m *Merger) Add(n frame.Numbered) ([]frame.Frame, error) {
	if n.Runner < 1 || n.Runner > len(m.runners) {
		return nil, fmt.Errorf("a frame of runner %d: this fleet has %d", n.Runner, len(m.runners))
	}
	r := m.runners[n.Runner-1]
	if n.Number < r.next || r.ended() {
		return nil, nil
	}
	r.waiting[n.Number] = n.Frame
	for {
		f, ok := r.waiting[r.next]
		if !ok {
			return m.complete(), nil
		}
		delete(r.waiting, r.next)
		r.next++
		m.take(r, f)
	}
}

// End says that a runner will report no more, and how it ended, in words. One
// that has not said its last word died, and what it did since its last frame
// is unknown.
func (m *Merger) End(number int, how string) []frame.Frame {
	r := m.runners[number-1]
	for _, n := range slices.Sorted(maps.Keys(r.waiting)) { // frames before them were lost
		r.Missing += n - r.next
		r.next = n + 1
		m.take(r, r.waiting[n])
	}
	clear(r.waiting)
	if r.State != record.RunnerFinished {
		r.State, r.Reason = record.RunnerDied, how
		r.rest()
	}
	if why := r.report().Trouble(len(m.runners)); why != "" {
		m.notices = append(m.notices, why)
	}
	return m.complete()
}

// Ended reports that no runner will say more.
func (m *Merger) Ended() bool {
	return !slices.ContainsFunc(m.runners, func(r *runner) bool { return !r.ended() })
}

// Runners are the runners as they are known by now.
func (m *Merger) Runners() []record.Runner {
	all := make([]record.Runner, len(m.runners))
	for i, r := range m.runners {
		all[i] = r.report()
	}
	return all
}

// take adds a runner's frame to its second.
func (m *Merger) take(r *runner, f frame.Frame) {
	r.take(f)
	// That in which most of the interval lies, or the first still open.
	key := max(f.T.Add(-500*time.Millisecond).Unix(), m.closed+1)
	r.last = max(r.last, key)
	s := m.open[key]
	if s == nil {
		s = &second{gauges: map[int]gauges{}}
		m.open[key] = s
	}
	s.gauges[r.Number] = gauges{inFlight: f.InFlight, vus: f.K6["vus"].Last, health: f.Health}
	add(&s.frame, f)
	for i, n := range f.Notices {
		s.frame.Notices[len(s.frame.Notices)-len(f.Notices)+i] = fmt.Sprintf("runner %d: %s", r.Number, n)
	}
}

// complete gives out the seconds that no runner is expected to add to.
func (m *Merger) complete() []frame.Frame {
	var frames []frame.Frame
	upTo := m.upTo()
	for _, key := range slices.Sorted(maps.Keys(m.open)) {
		if key > upTo {
			break
		}
		frames = append(frames, m.close(key))
	}
	if len(m.notices) > 0 && len(frames) == 0 && !m.newest.T.IsZero() {
		frames = append(frames, m.summed(frame.Frame{T: m.newest.T, Started: m.newest.Started, OfferedTo: m.newest.OfferedTo}))
	}
	if len(frames) == 0 {
		return nil
	}
	frames[0].Notices = append(m.notices, frames[0].Notices...)
	m.notices = nil
	m.newest = frames[len(frames)-1]
	if !m.final && m.whole() {
		m.final = true
		frames[len(frames)-1].Final = true
	}
	return frames
}

// upTo is the last second that can be given out.
func (m *Merger) upTo() int64 {
	newest, all := int64(0), int64(1<<62)
	for _, r := range m.runners {
		newest = max(newest, r.last)
		if !r.ended() {
			all = min(all, r.last)
		}
	}
	return max(all, newest-patience)
}

// whole reports that every runner has said everything: the account can be
// closed.
func (m *Merger) whole() bool {
	return !slices.ContainsFunc(m.runners, func(r *runner) bool { return r.State != record.RunnerFinished || r.Missing > 0 })
}

// close is the frame of a second.
func (m *Merger) close(key int64) frame.Frame {
	s := m.open[key]
	delete(m.open, key)
	m.closed = max(m.closed, key)
	for number, g := range s.gauges {
		m.runners[number-1].gauges = g
	}
	for i := range s.frame.Steps {
		slices.SortFunc(s.frame.Steps[i].Fates, func(a, b frame.FateRange) int { return cmp.Compare(a.From, b.From) })
		slices.SortStableFunc(s.frame.Steps[i].Keys, func(a, b frame.KeyLoad) int { return cmp.Compare(b.Records, a.Records) })
	}
	slices.SortFunc(s.frame.Steps, func(a, b frame.StepFrame) int { return cmp.Compare(a.Step, b.Step) })
	f := m.summed(s.frame)
	for _, r := range m.runners {
		if r.ended() && r.last <= key {
			r.rest()
		}
	}
	return f
}

// summed is the frame with the runners' gauges in it.
func (m *Merger) summed(f frame.Frame) frame.Frame {
	f.InFlight, f.Health = 0, frame.Health{}
	vus := 0.0
	for _, r := range m.runners {
		f.InFlight += r.gauges.inFlight
		vus += r.gauges.vus
		h := r.gauges.health
		f.Health.RSSBytes += h.RSSBytes
		f.Health.HeapBytes += h.HeapBytes
		f.Health.CPU += h.CPU
		f.Health.GCPause += h.GCPause
		f.Health.Goroutines += h.Goroutines
		f.Health.Sockets += h.Sockets
	}
	if k, ok := f.K6["vus"]; ok {
		k.Last = vus
		f.K6["vus"] = k
	}
	return f
}
