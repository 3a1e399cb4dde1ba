package lambda

import "time"

// clock turns times of day into those of the state machines, which count from
// the Unix epoch. It goes on evenly when somebody sets the machine's clock, or
// the machine sleeps.
type clock struct{ start time.Time }

// at is a time that has a monotonic reading, as time.Now gives it.
func (c clock) at(t time.Time) time.Duration {
	return time.Duration(c.start.UnixNano()) + t.Sub(c.start)
}

// arrival is a record's, a time of day alone. What the machine's clock was set
// by since the start, in whole seconds, is taken off, so that ages stay right.
func (c clock) arrival(t, now time.Time) time.Duration {
	return unset(time.Duration(t.UnixNano()), time.Duration(now.UnixNano()), c.at(now))
}

// unset is a time of day as the state machines count it, from what time of day
// it is and what they count now.
func unset(t, timeOfDay, now time.Duration) time.Duration {
	return t - (timeOfDay - now).Round(time.Second)
}
