package observe

import (
	"maps"
	"math"
	"slices"
	"time"

	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/record"
)

// Feed turns the points of a record into what k6's outputs are to be told. Their
// destinations take each moment of a series once, in order: so a value waits
// until it is not expected to change any more, and what changes later anyway
// adds the difference to a counter, a second after its last value. The sums of
// counters equal the record's. It has one owner.
type Feed struct {
	hold    time.Duration
	counter map[string]bool              // of the series that are told
	vended  map[string]bool              // those of CloudWatch
	waiting map[int64]map[string]float64 // by second
	told    map[int64]map[string]float64
	last    map[string]int64 // the second of a series' last value
}

// NewFeed makes a Feed whose values wait for so long.
func NewFeed(hold time.Duration) *Feed {
	f := &Feed{
		hold: hold, counter: map[string]bool{}, vended: map[string]bool{}, waiting: map[int64]map[string]float64{},
		told: map[int64]map[string]float64{}, last: map[string]int64{},
	}
	for _, p := range metrics.AllPushed() {
		f.counter[p.Series] = p.Counter
	}
	for _, q := range metrics.Queries() {
		f.vended[q.Series] = true
	}
	return f
}

// Add takes points; a later one of the same second and series replaces the
// former.
func (f *Feed) Add(points []record.Point) {
	for _, p := range points {
		for series, v := range p.V {
			if _, told := f.counter[series]; told {
				set(f.waiting, p.T, series, v)
			}
		}
	}
}

func set(values map[int64]map[string]float64, t int64, series string, v float64) {
	if values[t] == nil {
		values[t] = map[string]float64{}
	}
	values[t][series] = v
}

// Due are the observations that have waited long enough. Nothing vended that lies
// before settled comes again.
func (f *Feed) Due(now, settled time.Time) []frame.Observation {
	due := f.release(now.Add(-f.hold).Unix())
	f.forget(now.Add(-f.hold-VendedMemory).Unix(), settled.Unix())
	return due
}

// forget drops what was told of seconds before old, but for what is vended and
// not settled: that may still change.
func (f *Feed) forget(old, settled int64) {
	for t, values := range f.told {
		if t >= old {
			continue
		}
		maps.DeleteFunc(values, func(series string, _ float64) bool { return t < settled || !f.vended[series] })
		if len(values) == 0 {
			delete(f.told, t)
		}
	}
}

// Rest are all that are left.
func (f *Feed) Rest() []frame.Observation {
	return f.release(math.MaxInt64)
}

func (f *Feed) release(before int64) []frame.Observation {
	at := map[int64]map[string]float64{}
	for _, t := range slices.Sorted(maps.Keys(f.waiting)) {
		if t >= before {
			break
		}
		for series, v := range f.waiting[t] {
			f.tell(at, t, series, v)
		}
		delete(f.waiting, t)
	}
	var all []frame.Observation
	for _, t := range slices.Sorted(maps.Keys(at)) {
		all = append(all, frame.Observation{T: t, V: at[t]})
	}
	return all
}

// tell puts one value where it belongs in time, unless there is nothing new in
// it. Of anything but a counter, a value that changed after it was told would
// look like a newer one: the record alone has it.
func (f *Feed) tell(at map[int64]map[string]float64, t int64, series string, v float64) {
	before, again := f.told[t][series]
	if again && !f.counter[series] || v == before && again {
		return
	}
	set(f.told, t, series, v)
	when := t
	if last, ok := f.last[series]; ok {
		when = max(t, last+1)
	}
	f.last[series] = when
	set(at, when, series, v-before)
}
