package ui

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

const (
	// judgeShare is the largest part of the time that is spent on judging: after
	// judging for 10 ms it rests for 200.
	judgeShare = 0.05
	// forgetAfter nobody has looked at a run, it is dropped from memory.
	forgetAfter = 30 * time.Second
)

// watched is a run that somebody looks at. All who do share it.
type watched struct {
	mu       sync.Mutex
	follower *record.Follower
	begun    bool // the run was read once
	looked   time.Time
	asked    time.Time
	restTo   time.Time // no judging before
	stale    bool      // something was written since it was judged
	live     bool
	state    json.RawMessage
	version  int // of state
}

// told reports whether stateOf reads a series; of the others nothing is told but
// their picture.
func told(series string) bool { return judge.Reads(series) || record.Charged(series) }

// mostBehind is how many bytes of the series a browser may lag behind, about
// half an hour's; one that lags more reads the whole run again.
const mostBehind = 4 << 20

// look is what a browser that has read the series up to an offset is to be
// told.
type look struct {
	Points []record.Point
	Offset int64
	// Behind says that Points don't begin at the browser's offset: it is to read
	// the run again.
	Behind bool
	State  json.RawMessage // of type state
	// Version tells one State from the next.
	Version int
	Live    bool
}

// watch is the run in dir, read as far as it is written.
func (s *Server) watch(dir string) *watched {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for other, w := range s.watched {
		if other != dir && w.idle(now) {
			delete(s.watched, other)
		}
	}
	w := s.watched[dir]
	if w == nil {
		w = &watched{follower: record.Follow(dir, told), asked: now}
		s.watched[dir] = w
	}
	return w
}

// idle reports that nobody has looked for long. A run that is being read is not
// idle.
func (w *watched) idle(now time.Time) bool {
	if !w.mu.TryLock() {
		return false
	}
	defer w.mu.Unlock()
	return now.Sub(w.asked) > forgetAfter
}

// look reads what is new and tells what is beyond an offset. A final look waits
// for nothing.
func (s *Server) look(dir string, from int64, final bool) (look, error) {
	w := s.watch(dir)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := s.refresh(w, final); err != nil {
		return look{}, err
	}
	return w.since(from)
}

// snapshot is the whole run for a browser that begins to look at it.
func (s *Server) snapshot(dir string) (columns, look, error) {
	w := s.watch(dir)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := s.refresh(w, false); err != nil {
		return columns{}, look{}, err
	}
	now, err := w.since(w.follower.Offset())
	return columnsOf(w.follower.Data().Series, w.follower.Series(), mostColumns), now, err
}

// since is what was read beyond an offset.
func (w *watched) since(from int64) (look, error) {
	l := look{Offset: w.follower.Offset(), State: w.state, Version: w.version, Live: w.live}
	if l.Behind = l.Offset-from > mostBehind || from > l.Offset; l.Behind {
		return l, nil
	}
	var err error
	l.Points, err = record.PointsBetween(w.follower.Data().Dir, from, l.Offset)
	return l, err
}

// refresh reads what was written, and judges when it is time to.
func (s *Server) refresh(w *watched, final bool) error {
	now := s.options.Now()
	w.asked = now
	if !final && w.begun && now.Sub(w.looked) < s.lookEvery {
		return nil
	}
	w.looked = now
	w.begun = true
	changed, err := w.follower.Next()
	if err != nil {
		return fmt.Errorf("look at the run: %w", err)
	}
	d := w.follower.Data()
	if live := s.live(d.Run); live != w.live {
		w.live, changed = live, true
	}
	w.stale = w.stale || changed
	if !w.stale || !final && w.live && now.Before(w.restTo) {
		return nil
	}
	began := time.Now()
	if w.state, err = json.Marshal(stateOf(d, w.live, now)); err != nil {
		return fmt.Errorf("say how the run stands: %w", err)
	}
	w.version++
	w.stale = false
	w.restTo = now.Add(time.Duration(float64(time.Since(began)) / judgeShare))
	return nil
}
