package load

import (
	"sync"
	"time"

	"weir/internal/producer"
)

// report gathers what k6's metrics are to be told. Samples may be pushed only
// from within an iteration, while calls end at any time: so calls add here and
// iterations take. It is safe for concurrent use.
type report struct {
	mu   sync.Mutex
	last time.Time // when it was last taken
	counts
}

// counts are sums since the last take, a duration a call, and a lateness for
// each call that was no retry.
type counts struct {
	accepted, indeterminate, notSent, bytes int64
	retries                                 int64
	rejected                                map[string]int64 // by cause
	puts, lateness                          []time.Duration  // of calls
}

// reportInterval bounds how often a schedule's iterations push samples: k6
// spends more on a sample than we do on a record.
const reportInterval = 100 * time.Millisecond

func (r *report) add(s sent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range s.result.Calls {
		r.puts = append(r.puts, c.Duration)
	}
	r.lateness = append(r.lateness, max(s.lateness, 0))
	r.retries += int64(s.result.Retries())
	for i := range s.records {
		r.bytes += int64(len(s.records[i].Data))
	}
	for from := 0; from < len(s.result.Records); {
		to := s.result.FateRun(from)
		r.settle(&s.result.Records[from], int64(to-from))
		from = to
	}
}

// settle counts n records of one outcome.
func (r *report) settle(o *producer.Outcome, n int64) {
	switch o.Fate {
	case producer.Accepted:
		r.accepted += n
	case producer.Indeterminate:
		r.indeterminate += n
	case producer.Rejected:
		if r.rejected == nil {
			r.rejected = map[string]int64{}
		}
		r.rejected[o.Cause] += n
	}
}

// byFate is what a script is told of its records.
func (c *counts) byFate() map[string]int64 {
	var rejected int64
	for _, n := range c.rejected {
		rejected += n
	}
	return map[string]int64{"accepted": c.accepted, "rejected": rejected, "indeterminate": c.indeterminate}
}

func (r *report) addNotSent(slots uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notSent += int64(slots)
}

// take returns what was added since it last returned something, or nothing
// when that is less than reportInterval ago and it isn't the last take.
func (r *report) take(now time.Time, last bool) (counts, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !last && now.Sub(r.last) < reportInterval {
		return counts{}, false
	}
	taken := r.counts
	r.counts, r.last = counts{}, now
	return taken, true
}
