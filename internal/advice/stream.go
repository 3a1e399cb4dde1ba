package advice

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/capacity"
	"weir/internal/quota"
)

// spreadWindow is the time in which chance should not put a shard over its
// limit.
const spreadWindow = 24 * time.Hour

// explained is the share of a hot shard's surplus that its hottest key must
// account for to be the cause.
const explained = 0.5

// hotKeyShare is the share of all records under one key, where that is what
// made a shard hot; else 0.
func (m measured) hotKeyShare() float64 {
	if m.hot == nil || m.hot.KeyShare < explained*(m.hot.Share-m.hot.Even) {
		return 0
	}
	return m.hot.KeyShare / 100
}

// skew is the load of the hottest of so many shards over an even one.
func (m measured) skew(shards int) float64 {
	n := float64(shards)
	switch key := m.hotKeyShare(); {
	case m.hot == nil:
		return 1
	case key > 0:
		return key*n + (1 - key)
	default: // the keys fall badly, and may again
		return min(n, m.hot.Share/m.hot.Even)
	}
}

// drawn reports whether keys fall on shards by chance: explicit hash keys and
// one key a shard don't.
func (m measured) drawn() bool {
	return m.keys.Spec != "per-shard" && !strings.HasPrefix(m.keys.Spec, "hash:")
}

// shards are the fewest that take the rate with its headroom: by records and
// bytes written in the hottest one, and, with keys that fall by chance, no
// shard in a day over its limit at the rate itself. A problem is what no number
// of them solves; the shards are then those of the rest.
func (m measured) shards() (n int, problem string) {
	room := m.rate * (1 + m.headroom)
	c := m.limits(m.found())
	c.Shards = 1
	one := m.writeLimit(c)
	if m.hotKeyShare()*room >= one {
		problem = fmt.Sprintf("key %s alone has %.1f %% of the records, %s with the headroom, and a shard takes %s: no number of shards carries that. Give its records several keys (%[1]s#0, %[1]s#1, …)",
			m.hot.Key, 100*m.hotKeyShare(), perSecond(m.hotKeyShare()*room), perSecond(one))
		m.hot = nil
	}
	for n = max(1, int(room/one)); n < quota.MaxShardsPerStream; n++ {
		c.Shards = n
		if m.skew(n)*room/float64(n) > one {
			continue
		}
		if m.hot != nil || !m.drawn() || n == 1 || capacity.SpreadKnee(c, spreadWindow) >= m.rate {
			return n, problem
		}
	}
	return quota.MaxShardsPerStream, fmt.Sprintf("%s with the headroom need more than the %d shards that a stream may have: use several streams",
		perSecond(room), quota.MaxShardsPerStream)
}

// writeLimit is the lower of the two limits of writing.
func (m measured) writeLimit(c capacity.Config) float64 {
	for _, l := range capacity.Limits(c) {
		if l.Resource == quota.WriteRecords || l.Resource == quota.WriteBytes {
			return l.Rate
		}
	}
	return 0
}
