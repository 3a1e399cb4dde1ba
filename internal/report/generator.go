package report

import (
	"fmt"
	"strings"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

// generatorHealth says what the k6 process took and how far it kept up: whether
// the machine that made the load may have set a limit. Empty where nothing of
// it was recorded.
func generatorHealth(d *record.Data) string {
	var parts []string
	most := func(series string, unit func(float64) string) {
		if v, ok := highest(d, series); ok {
			parts = append(parts, unit(v))
		}
	}
	most(metrics.ChildCPU, func(v float64) string { return fmt.Sprintf("CPU at most %.2f of %d cores", v, d.Run.Host.CPUs) })
	most(metrics.ChildRSS, func(v float64) string { return fmt.Sprintf("memory at most %.0f MB", v/1e6) })
	most(metrics.ChildGCms, func(v float64) string { return "garbage collection paused it for " + judge.Number(v, "ms") + " in all" })
	most(metrics.Goroutines, func(v float64) string { return judge.Count(int64(v)) + " goroutines" })
	most(metrics.Sockets, func(v float64) string { return judge.Count(int64(v)) + " sockets" })
	if late := lateness(d); late.Count() > 0 {
		at := func(q float64) string { return judge.Number(float64(late.Quantile(q).Microseconds())/1000, "ms") }
		parts = append(parts, fmt.Sprintf("calls started late by %s at p50, %s at p99, %s at most", at(0.5), at(0.99), at(1)))
	}
	if n := dropped(d); n > 0 {
		parts = append(parts, judge.Count(int64(n))+" iterations dropped by k6 and so never offered")
	}
	return strings.Join(parts, ", ")
}

// highest is the largest value of a series; ok is false without points.
func highest(d *record.Data, series string) (most float64, ok bool) {
	for _, p := range d.Series {
		if v, has := p.V[series]; has {
			most, ok = max(most, v), true
		}
	}
	return most, ok
}

// lateness is that of all calls of the run.
func lateness(d *record.Data) *stats.Histogram {
	all := new(stats.Histogram)
	for _, s := range d.Steps {
		all.Merge(s.Lateness)
	}
	return all
}

func dropped(d *record.Data) (n float64) {
	for _, p := range d.Series {
		n += p.V[metrics.K6Dropped]
	}
	return n
}
