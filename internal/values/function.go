package values

import (
	"fmt"

	"weir/internal/metrics"
	"weir/internal/record"
)

// functionOf says why nothing is known of a function that is not there.
func (r *reading) functionOf() error {
	if r.data.Run.Pipeline.Function == "" {
		return unknown("there is no function")
	}
	return nil
}

func (r *reading) duration() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	v, err := r.most(metrics.DurationMax, "Duration")
	f := finding{value: v, statistic: "Maximum"}
	if timeout := r.data.Run.Pipeline.FunctionTimeout; timeout > 0 {
		f.note = fmt.Sprintf("%.3g %% of the timeout of %v", 100*v/milliseconds(timeout), timeout)
	}
	if reports := r.data.Run.Reports; reports != nil {
		h := reports.Duration
		f.note += fmt.Sprintf("; by REPORT lines p50 %.3g, p95 %.3g, p99 %.3g ms",
			milliseconds(h.Quantile(0.5)), milliseconds(h.Quantile(0.95)), milliseconds(h.Quantile(0.99)))
	}
	return f, err
}

func (r *reading) errors() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	v, err := r.counter(metrics.Errors, "Errors", metrics.Invocations)
	f := finding{value: v}
	if n := r.sums[metrics.Invocations].sum; n > 0 {
		f.note = fmt.Sprintf("%.3g %% of invocations", 100*v/n)
	}
	return f, err
}

func (r *reading) throttles() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	v, err := r.counter(metrics.Throttles, "Throttles", metrics.Invocations)
	return finding{value: v}, err
}

func (r *reading) invocations() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	v, err := r.counter(metrics.Invocations, "Invocations")
	return finding{value: v}, err
}

func (r *reading) concurrency() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	v, err := r.most(metrics.Concurrent, "ConcurrentExecutions")
	f := finding{value: v}
	if p := r.data.Run.Pipeline; p.Shards*p.Parallelization > 0 {
		f.note = fmt.Sprintf("of %d: shards × parallelization factor", p.Shards*p.Parallelization)
	}
	return f, err
}

func (r *reading) functionAge() (finding, error) {
	if err := r.functionOf(); err != nil {
		return finding{}, err
	}
	v, err := r.most(metrics.LambdaAgeMax, "IteratorAge")
	f := finding{value: v, statistic: "Maximum"}
	if mean, missing := r.mean(metrics.LambdaAgeAvg, metrics.Invocations, "IteratorAge"); missing == nil {
		f.note = fmt.Sprintf("average %.3g ms", mean)
	}
	f.note += fmt.Sprintf("; in health up to about %v", metrics.AgeFloor(r.data.Run.Pipeline.BatchingWindow))
	return f, err
}

// reports are the function's REPORT lines, or why there are none.
func (r *reading) reports() (*record.Reports, error) {
	if err := r.functionOf(); err != nil {
		return nil, err
	}
	if r.data.Run.Reports == nil {
		return nil, unknown("no REPORT line was read from the function's log")
	}
	return r.data.Run.Reports, nil
}

// initDuration is 0 where every line was read and none was of a cold start.
func (r *reading) initDuration() (finding, error) {
	f := finding{statistic: "p95", exact: true}
	reports, err := r.reports()
	switch {
	case err != nil:
		return f, err
	case reports.ColdStarts == 0 && reports.CutShort != "":
		return f, unknown("no cold start in the lines that were read: " + reports.CutShort)
	}
	f.value = milliseconds(reports.Init.Quantile(0.95))
	f.note = fmt.Sprintf("cold starts: %d of %d invocations (%.3g %%)",
		reports.ColdStarts, reports.Lines, 100*float64(reports.ColdStarts)/float64(reports.Lines)) + cutShort(reports.CutShort)
	return f, nil
}

func (r *reading) memory() (finding, error) {
	f := finding{exact: true}
	reports, err := r.reports()
	switch {
	case err != nil:
		return f, err
	case reports.MaxMemoryMB == 0:
		return f, unknown("REPORT lines without it: the built-in function runs inside weir and has no memory of its own")
	}
	f.value = reports.MaxMemoryMB
	if size := r.data.Run.Pipeline.FunctionMemoryMB; size > 0 {
		f.note = fmt.Sprintf("%.3g %% of %d MB", 100*f.value/float64(size), size)
	}
	f.note += cutShort(reports.CutShort)
	return f, nil
}

func cutShort(why string) string {
	if why == "" {
		return ""
	}
	return "; " + why
}
