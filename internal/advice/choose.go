package advice

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"weir/internal/capacity"
	"weir/internal/price"
	"weir/internal/quota"
)

// A cheaper configuration is worth a change when it saves this much a month,
// and this share.
const (
	worthUSD   = 1
	worthShare = 0.02
)

// candidate is a configuration that meets the targets, by its price and by how
// many settings it changes.
type candidate struct {
	config  Config
	usd     float64
	changes int
	latency float64
}

// choose is the cheapest configuration that meets the targets at the rate with
// its headroom, found before others that save next to nothing. With nothing
// that meets them it is the fastest, and a caveat says what it misses.
func (m measured) choose(found Config) (Config, error) {
	base := found
	base.Shards, _ = m.shards()
	// Lanes are had by shards too, where the factor is at its end.
	base.Shards += sort.Search(m.shardsForLanes(base)-base.Shards, func(more int) bool {
		c := base
		c.Shards += more
		return m.candidates(c, found, func(Config) bool { return false }) > 0
	})
	var all []candidate
	var failed error
	m.candidates(base, found, func(c Config) bool {
		var bill price.Bill
		if bill, failed = m.bill(c); failed == nil {
			all = append(all, candidate{c, bill.USD(), changes(c, found), m.predict(c).LatencyP99Millis})
		}
		return failed == nil
	})
	if failed != nil {
		return Config{}, failed
	}
	if len(all) == 0 {
		return m.fastest(base), nil
	}
	cheapest := slices.MinFunc(all, func(a, b candidate) int { return cmp.Compare(a.usd, b.usd) }).usd
	worth := max(worthUSD, worthShare*cheapest)
	best := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(math.Floor((a.usd-cheapest)/worth), math.Floor((b.usd-cheapest)/worth)),
			cmp.Compare(a.changes, b.changes), cmp.Compare(a.latency, b.latency), cmp.Compare(a.usd, b.usd))
	})
	return best.config, nil
}

// candidates gives yield each configuration with base's shards that meets the
// targets, until it returns false, and says how many it gave. Those with enhanced
// fan-out are given only where no other meets them.
func (m measured) candidates(base, found Config, yield func(Config) bool) (given int) {
	batches, windows := m.batches(found), m.windows(found)
	for _, fanOut := range []bool{false, true} {
		for factor := 1; factor <= quota.MaxParallelization; factor++ {
			for _, batch := range batches {
				for _, window := range windows {
					c := base
					c.FanOut, c.Parallelization, c.BatchSize, c.WindowSeconds = fanOut, factor, batch, window
					m.size(&c, found)
					if !m.meets(c) {
						continue
					}
					for _, c.Mode = range m.modes() {
						given++
						if !yield(c) {
							return given
						}
					}
				}
			}
		}
		if given > 0 {
			break
		}
	}
	return given
}

// modes of the stream that are compared. A stream with limits of its own has
// no on-demand price.
func (m measured) modes() []price.Mode {
	if f := m.pipeline.ShardLimitFactor; f != 0 && f != 1 {
		return []price.Mode{price.Provisioned}
	}
	return []price.Mode{price.Provisioned, price.OnDemand}
}

// batches are the sizes tried: what was found, and others that a batch of the
// run comes near to. A size that the run's batches never came near is not
// measured.
func (m measured) batches(found Config) []int {
	largest := float64(found.BatchSize)
	if m.service.most >= 0.9*largest {
		largest *= 10
	}
	sizes := []int{min(found.BatchSize, m.fits())}
	for _, size := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, quota.MaxBatchSize} {
		if float64(size) <= largest && size <= m.fits() && size != sizes[0] {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

// windows are the batching windows tried, in seconds.
func (m measured) windows(found Config) []int {
	all := []int{0, 1, 2, 5, 10, 20, 60, int(quota.MaxBatchingWindow / time.Second)}
	if !slices.Contains(all, found.WindowSeconds) {
		all = append(all, found.WindowSeconds)
	}
	return all
}

// size sets what follows from the rest: the timeout that the longest invocation
// needs, and no fewer environments than lanes.
func (m measured) size(c *Config, found Config) {
	needs := int(math.Ceil(m.timeoutNeeded(*c)))
	if c.TimeoutSeconds = found.TimeoutSeconds; c.TimeoutSeconds < needs {
		c.TimeoutSeconds = min(needs, int(quota.MaxFunctionTimeout/time.Second))
	}
	if c.Concurrency = found.Concurrency; c.Concurrency > 0 && c.Concurrency < c.lanes() {
		c.Concurrency = c.lanes()
	}
}

// timeoutNeeded, in seconds, keeps the longest invocation of a full batch, and
// the headroom above it, within the target's share of the timeout.
func (m measured) timeoutNeeded(c Config) float64 {
	return m.service.longest(float64(m.fullBatch(c))) * (1 + m.headroom) / 1000 / m.targets.DurationShare
}

// meets reports whether the configuration carries the rate with its headroom
// and meets the targets at it.
func (m measured) meets(c Config) bool {
	return m.carries(c) && m.timeoutNeeded(c) <= float64(c.TimeoutSeconds) &&
		m.predict(c).LatencyP99Millis < float64(m.targets.RecordLatency/time.Millisecond)
}

// carries reports whether reading and invoking keep up: by their limits, and a
// lane done with one cut before the next.
func (m measured) carries(c Config) bool {
	room := m.rate * (1 + m.headroom)
	for _, l := range capacity.Limits(m.limits(c)) {
		if l.Resource != quota.WriteRecords && l.Resource != quota.WriteBytes && l.Rate < room*m.skew(c.Shards) {
			return false
		}
	}
	return m.busy(c, room) <= c.wait()
}

// shardsForLanes are as many shards as could be of use for their lanes: those
// that carry the rate with its headroom at the highest factor, and half of them
// again for keys that fall badly; base's own where these carry it.
func (m measured) shardsForLanes(base Config) int {
	base.Parallelization, base.Concurrency = quota.MaxParallelization, 0
	room := m.rate * (1 + m.headroom)
	if m.carries(base) {
		return base.Shards
	}
	full := float64(m.fullBatch(base))
	lanes := room * m.skew(base.Shards) * m.service.took(full) / 1000 / full
	return min(quota.MaxShardsPerStream, max(base.Shards, int(1.5*lanes/quota.MaxParallelization)+1))
}

// fastest is the configuration with the least latency, for want of one that
// meets the targets.
func (m measured) fastest(base Config) Config {
	c := base
	c.Parallelization, c.WindowSeconds, c.FanOut = quota.MaxParallelization, 0, true
	m.size(&c, base)
	return c
}

// changes counts the settings that differ.
func changes(a, b Config) (n int) {
	for _, differs := range []bool{
		a.Mode != b.Mode, a.FanOut != b.FanOut, a.Parallelization != b.Parallelization, a.BatchSize != b.BatchSize,
		a.WindowSeconds != b.WindowSeconds, a.TimeoutSeconds != b.TimeoutSeconds, a.Concurrency != b.Concurrency,
	} {
		if differs {
			n++
		}
	}
	return n
}
