package report

import (
	"fmt"
	"time"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
)

// hotRow is a stretch of seconds with the same hottest shard and key.
type hotRow struct {
	Span, Shard, Share, Throttled, Key, KeyShare string
}

// mostHotRows is how many stretches are listed before the rest is only counted.
const mostHotRows = 40

// hotRows name the hottest shard and key second by second, neighbouring seconds
// of the same names in one row; none where no step had a hot shard. more is the
// number of rows left out.
func hotRows(d *record.Data, v judge.Verdict) (rows []hotRow, more int) {
	if !anyHot(v) {
		return nil, 0
	}
	var stretches [][]record.Point
	for _, p := range d.Series {
		if p.N[metrics.HotShard] == "" {
			continue
		}
		last := len(stretches) - 1
		if last >= 0 && sameNames(stretches[last][len(stretches[last])-1], p) {
			stretches[last] = append(stretches[last], p)
			continue
		}
		stretches = append(stretches, []record.Point{p})
	}
	for _, s := range stretches[:min(len(stretches), mostHotRows)] {
		rows = append(rows, hotRowOf(s))
	}
	return rows, len(stretches) - len(rows)
}

func anyHot(v judge.Verdict) bool {
	for _, s := range v.Steps {
		if s.HotShard != nil {
			return true
		}
	}
	return false
}

func sameNames(a, b record.Point) bool {
	return a.T+1 == b.T && a.N[metrics.HotShard] == b.N[metrics.HotShard] && a.N[metrics.HotKey] == b.N[metrics.HotKey]
}

func hotRowOf(points []record.Point) hotRow {
	first, last := points[0], points[len(points)-1]
	row := hotRow{
		Span:  clockSpan([2]time.Time{time.Unix(first.T, 0), time.Unix(last.T+1, 0)}),
		Shard: first.N[metrics.HotShard], Key: first.N[metrics.HotKey],
		Share: meanPercent(points, metrics.HotShardShare), KeyShare: "–",
	}
	var throttled float64
	for _, p := range points {
		throttled += p.V[metrics.HotShardThrottled]
	}
	row.Throttled = judge.Count(int64(throttled))
	if row.Key == "" {
		row.Key = "–"
	} else {
		row.KeyShare = meanPercent(points, metrics.HotKeyShare)
	}
	return row
}

func meanPercent(points []record.Point, series string) string {
	sum := 0.0
	for _, p := range points {
		sum += p.V[series]
	}
	return fmt.Sprintf("%.0f %%", sum/float64(len(points)))
}

// hottest is the chart of the hottest shard's and key's shares.
func (p plotter) hottest() chart {
	c := p.chart("Hottest shard and key", "% of the records put", "generator: the shards that answers named, 1 s points")
	if !anyHot(p.v) {
		return c
	}
	c.curves = []curve{
		p.curve("hottest shard", "red", metrics.HotShardShare, 1, peak),
		p.curve("hottest key", "amber", metrics.HotKeyShare, 1, peak),
	}
	if shards := p.d.Run.Pipeline.Shards; shards > 1 {
		c.limit, c.limitName = new(100/float64(shards)), fmt.Sprintf("even share of %d shards", shards)
	}
	return c
}
