package observe

import (
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// VendedMemory is how long after its moment a vended point may still change, or
// come for the first time. What had been that old when metrics were last read is
// settled, and an Observer ignores it.
const VendedMemory = 10 * time.Minute

// nextPeriod is the first beginning of a period of so many seconds that is not
// before a moment.
func nextPeriod(at time.Time, seconds int) int64 {
	period := time.Duration(max(seconds, 1)) * time.Second
	return at.Add(period - 1).Truncate(period).Unix()
}

// Unlogged is how many invocations CloudWatch counted as good that left no
// ledger line: lines that are missing, or still to come.
func (o *Observer) Unlogged() int64 {
	good := o.wholeSum(metrics.Invocations) - o.wholeSum(metrics.Errors)
	return max(0, int64(good)-o.logged)
}

func (o *Observer) wholeSum(name string) float64 {
	total := o.wholeSums[name]
	for t, v := range o.vended {
		if t >= o.whole {
			total += v[name]
		}
	}
	return total
}

// AddVended takes CloudWatch's points; the same moment may come again with
// other values, the later reading counts.
func (o *Observer) AddVended(points []record.Point) {
	for _, p := range points {
		if p.T < o.settled {
			continue // its value is in the sums
		}
		known := o.vended[p.T]
		if known == nil {
			known = map[string]float64{}
			o.vended[p.T] = known
		}
		for name, v := range p.V {
			if old, ok := known[name]; ok && old == v {
				continue
			}
			known[name] = v
			if o.dirty[p.T] == nil {
				o.dirty[p.T] = map[string]float64{}
			}
			o.dirty[p.T][name] = v
			if name == metrics.IteratorAge {
				o.live.IteratorAge, o.live.HasIteratorAge = v, true
			}
		}
	}
}

// VendedRead notes that all metrics up to a moment were read. What was not read,
// because nothing answered, is not settled, however long that lasts.
func (o *Observer) VendedRead(to time.Time) { o.read = to }

// Settled is the moment before which vended points do not change any more.
func (o *Observer) Settled() time.Time { return time.Unix(o.settled, 0) }

// Sum is the sum of a vended counter over the run so far; false where no point
// of it was ever seen.
func (o *Observer) Sum(name string) (float64, bool) {
	total, ok := o.sums[name]
	for _, v := range o.vended {
		if x, has := v[name]; has {
			total, ok = total+x, true
		}
	}
	return total, ok
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (o *Observer) settleVended(before int64) {
	o.settled = max(o.settled, before)
	for t, v := range o.vended {
		if t >= before {
			continue
		}
		for name, x := range v {
			o.sums[name] += x
			if t >= o.whole {
				o.wholeSums[name] += x
			}
		}
		delete(o.vended, t)
	}
}
