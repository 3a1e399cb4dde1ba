package capacity

import (
	"time"

	"weir/internal/record"
)

// timeline is the seconds of a simulation that can still get something, one
// after the other. Given out, a second is used again for a later one.
type timeline struct {
	start   time.Time
	shards  int
	open    []*second // the first is the oldest
	free    []*second
	first   int64 // the oldest's time
	backlog float64
	emit    func(record.Point) error // nil: nobody wants points
	unread  *second                  // takes what nobody wants
}

// at is the second of a moment after the load's start. What belongs to a second
// that was given out counts in the oldest open one.
func (t *timeline) at(moment time.Duration) *second {
	if t.emit == nil {
		if t.unread == nil {
			t.unread = t.fresh(0)
		}
		return t.unread
	}
	i := int(max(int64(moment/time.Second)-t.first, 0))
	for len(t.open) <= i {
		t.open = append(t.open, t.fresh(t.first+int64(len(t.open))))
	}
	return t.open[i]
}

func (t *timeline) fresh(at int64) *second {
	var s *second
	if n := len(t.free); n > 0 {
		s, t.free = t.free[n-1], t.free[:n-1]
	} else {
		s = newSecond(t.shards)
	}
	s.reset(at)
	return s
}

// flush gives out the seconds that are over at a moment.
func (t *timeline) flush(moment time.Duration) error {
	if t.emit == nil {
		return nil
	}
	over := int64(moment / time.Second)
	for t.first < over {
		s := t.at(time.Duration(t.first) * time.Second)
		t.open = t.open[:copy(t.open, t.open[1:])]
		t.first++
		t.backlog += s.stored - s.processed
		t.free = append(t.free, s)
		if err := t.emit(s.point(t.start, max(t.backlog, 0))); err != nil {
			return err
		}
	}
	return nil
}
