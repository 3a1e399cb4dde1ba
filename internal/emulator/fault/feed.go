package fault

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Feed is what happens to a point of a metric, or a log event, on its way to
// those who read it. The zero value is nothing.
type Feed struct {
	Drop   bool          // it never comes
	Repeat bool          // it comes twice
	Wait   time.Duration // before it comes
}

// OfFeed reports whether the fault strikes points or log events.
func (f Fault) OfFeed() bool {
	k, _ := kindNamed(f.Kind)
	return k.feed != noFeed
}

// Point decides about a value of a metric that was observed at a time. All
// values of one second of a metric have one fate, so that what is dropped, late
// or doubled is the second's point.
func (s *Schedule) Point(metric, dimensions string, at, now time.Time) Feed {
	if !s.feeds.Load() {
		return Feed{}
	}
	return s.feed(pointFeed, now, func(o *order) (*rand.Rand, bool) {
		if o.Where != "" && o.Where != metric {
			return nil, false
		}
		// The same second of the same metric meets the same draw.
		h := fnv.New64a()
		fmt.Fprintf(h, "%d %s %s %d", o.id, metric, dimensions, at.Unix())
		return rand.New(rand.NewPCG(s.seed, h.Sum64())), true
	})
}

// Line decides about a log event.
func (s *Schedule) Line(now time.Time) Feed {
	if !s.feeds.Load() {
		return Feed{}
	}
	return s.feed(lineFeed, now, func(o *order) (*rand.Rand, bool) { return o.draws, true })
}

// feed adds up what the active faults of a feed do. draws gives the chance that
// a fault draws from, or false where it is about something else.
func (s *Schedule) feed(of feed, now time.Time, draws func(*order) (*rand.Rand, bool)) (f Feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if k, _ := kindNamed(o.Kind); k.feed != of || !o.active(now) {
			continue
		}
		r, concerned := draws(o)
		if !concerned {
			continue
		}
		if o.strike(&f, r) {
			o.struck++
		}
	}
	return f
}

// strike adds what one fault does, if it does anything.
func (o *order) strike(f *Feed, r *rand.Rand) bool {
	switch o.Kind {
	case LatePoints, LateLines:
		f.Wait += o.Delay.Sample(r)
		return true
	}
	if o.Share < 1 && r.Float64() >= o.Share {
		return false
	}
	switch o.Kind {
	case DropPoints, DropLines:
		f.Drop = true
	case RepeatPoints, RepeatLines:
		f.Repeat = true
	}
	return true
}
