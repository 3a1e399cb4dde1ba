package values

import (
	"strings"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// reading is a run with its series added up.
type reading struct {
	data *record.Data
	sums map[string]total
	cost costs
}

// total is what a series comes to.
type total struct {
	sum, most float64
	points    int
}

func newReading(d *record.Data) *reading {
	r := &reading{data: d, sums: map[string]total{}}
	for _, p := range d.Series {
		for name, v := range p.V {
			t := r.sums[name]
			if t.points == 0 || v > t.most {
				t.most = v
			}
			t.sum, t.points = t.sum+v, t.points+1
			r.sums[name] = t
		}
	}
	r.cost = costOf(d)
	return r
}

// counter is a counter's sum. Without points it is zero where a metric of the
// same activity has some, else not known.
func (r *reading) counter(name, metric string, siblings ...string) (float64, error) {
	if t := r.sums[name]; t.points > 0 {
		return t.sum, nil
	}
	for _, s := range siblings {
		if r.sums[s].points > 0 {
			return 0, nil
		}
	}
	return 0, unknownf("no point of %s", metric)
}

// most is a series' largest value.
func (r *reading) most(name, metric string) (float64, error) {
	if t := r.sums[name]; t.points > 0 {
		return t.most, nil
	}
	return 0, unknownf("no point of %s", metric)
}

// mean is a series of means, each weighed by the count of the same moment.
func (r *reading) mean(name, weight, metric string) (float64, error) {
	var sum, n float64
	for _, p := range r.data.Series {
		if v, ok := p.V[name]; ok {
			sum, n = sum+v*p.V[weight], n+p.V[weight]
		}
	}
	if n == 0 {
		return 0, unknownf("no point of %s", metric)
	}
	return sum / n, nil
}

// merged is a histogram of all steps.
func (r *reading) merged(of func(*record.StepResult) *stats.Histogram) *stats.Histogram {
	h := new(stats.Histogram)
	for i := range r.data.Steps {
		h.Merge(of(&r.data.Steps[i]))
	}
	return h
}

// hottestShard is the shard that took the most of the records, by the
// shard-level metrics, and its share and all shards' number; "" without them.
func (r *reading) hottestShard() (shard string, share float64, shards int) {
	var all, most float64
	for name, t := range r.sums {
		id, ok := strings.CutPrefix(name, metrics.ShardIncoming)
		if !ok {
			continue
		}
		shards++
		all += t.sum
		if t.sum > most || t.sum == most && id < shard {
			shard, most = id, t.sum
		}
	}
	if all == 0 {
		return "", 0, shards
	}
	return shard, most / all, max(shards, r.data.Run.Pipeline.Shards)
}

// generated says why the load generator's metrics are not known where there is
// no account of its own.
func (r *reading) generated() error {
	if r.data.Run.Watched {
		return unknown("the load was not weir's")
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
