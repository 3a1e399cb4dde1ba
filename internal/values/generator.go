package values

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

func (r *reading) accepted() (finding, error) {
	if err := r.generated(); err != nil {
		return finding{exact: true}, err
	}
	a := r.data.Ledger.Account
	if a.Offered == 0 {
		v, err := r.counter(metrics.Accepted, "the generator")
		return finding{value: v, note: "by the second: no account was kept"}, err
	}
	return finding{
		value: float64(a.Accepted), exact: true,
		note: fmt.Sprintf("%.4g %% of %d offered", 100*float64(a.Accepted)/float64(a.Offered), a.Offered),
	}, nil
}

func (r *reading) putDuration() (finding, error) {
	if err := r.generated(); err != nil {
		return finding{exact: true}, err
	}
	h := r.merged(func(s *record.StepResult) *stats.Histogram { return s.Put })
	if h.Count() == 0 {
		return finding{exact: true}, unknown("no call was answered")
	}
	return finding{
		value: milliseconds(h.Quantile(0.95)), statistic: "p95", exact: true,
		note: fmt.Sprintf("p99 %.3g ms of %d calls", milliseconds(h.Quantile(0.99)), h.Count()),
	}, nil
}

func (r *reading) rejected() (finding, error) {
	if err := r.generated(); err != nil {
		return finding{exact: true}, err
	}
	a := r.data.Ledger.Account
	if a.Offered == 0 {
		v, err := r.counter(metrics.Rejected, "the generator", metrics.Accepted)
		return finding{value: v, note: "by the second: no account was kept"}, err
	}
	var causes []string
	for _, cause := range slices.Sorted(maps.Keys(a.Rejected)) {
		causes = append(causes, fmt.Sprintf("%s %d", cause, a.Rejected[cause]))
	}
	return finding{value: float64(a.RejectedTotal()), exact: true, note: strings.Join(causes, ", ")}, nil
}

func (r *reading) notSent() (finding, error) {
	if err := r.generated(); err != nil {
		return finding{exact: true}, err
	}
	if r.data.Ledger.Offered == 0 && r.sums[metrics.NotSent].points == 0 {
		return finding{exact: true}, unknown("nothing was offered")
	}
	lateness := "not known"
	if late := r.merged(func(s *record.StepResult) *stats.Histogram { return s.Lateness }); late.Count() > 0 {
		lateness = fmt.Sprintf("%.3g ms", milliseconds(late.Quantile(0.99)))
	}
	return finding{
		value: max(float64(r.data.Ledger.NotSent), r.sums[metrics.NotSent].sum), exact: true, statistic: "not sent", unit: "Count",
		note: fmt.Sprintf("lateness p99 %s; dropped iterations %.0f", lateness, r.sums[metrics.K6Dropped].sum),
	}, nil
}
