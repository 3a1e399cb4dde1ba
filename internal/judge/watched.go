package judge

import (
	"fmt"
	"strings"

	"weir/internal/metrics"
	"weir/internal/quota"
	"weir/internal/record"
)

// judgeWatched judges a window of somebody else's load by the pipeline's own
// targets: there are no steps and there is no account.
func judgeWatched(d *record.Data, o Options) Verdict {
	v := Verdict{
		Run: d.Run.ID, Test: d.Run.Test.Name, Pipeline: d.Run.Pipeline.Kind, Profile: d.Run.Pipeline.Profile,
		Steps: []Step{}, Warnings: []string{}, Notes: notes(d, o),
	}
	s := scope{d: d, limits: o.Targets, windows: watchedWindows(d)}
	v.Targets = []Target{
		iteratorAge(s), lambdaDuration(s), lambdaErrors(s), throttles(s), throughputMatch(d, o.Targets), probeLatency(s),
	}
	v.Overall, v.Reason = overTargets(v.Targets)
	v.Warnings = append(v.Warnings, warnings(d, v)...)
	return v
}

func watchedWindows(d *record.Data) []window {
	var all []window
	for _, step := range d.Run.Steps {
		all = append(all, window{step.Start.Unix(), step.End.Unix()})
	}
	return all
}

// underWay is how many records may be on their way to a healthy mapping at the
// ends of a watched window: what comes in during two polls and the batching
// window. A run of weir's own ends drained: none.
func underWay(d *record.Data) float64 {
	if !d.Run.Watched {
		return 0
	}
	wait := metrics.AgeFloor(d.Run.Pipeline.BatchingWindow) + quota.PollInterval
	return edges(d, metrics.IncomingRecords) / float64(max(d.Run.Pipeline.ResolutionS, 1)) * wait.Seconds()
}

// overTargets folds targets into one verdict.
func overTargets(targets []Target) (Outcome, string) {
	for _, wanted := range []Outcome{Fail, Unknown} {
		var reasons []string
		for _, t := range targets {
			if t.Verdict == wanted {
				reasons = append(reasons, t.ID+": "+t.Reason)
			}
		}
		if len(reasons) > 0 {
			return wanted, strings.Join(reasons, "; ")
		}
	}
	return Pass, "every target held in the window"
}

// probeLatency is from arrival in the stream to the end of the invocation, as
// the probe published it: the p99 of the worst period, which bounds that of the
// window.
func probeLatency(s scope) Target {
	t := s.vended(RecordLatency, "ms", "p99 of the worst period", metrics.ProbeNamespace+" RecordProcessingLatency, from arrival")
	limit := milliseconds(s.limits.RecordLatency)
	t.Limit = &limit
	worst, n := maximum(s.d, metrics.RecordLatencyP99, s.windows...)
	if n == 0 {
		t.Reason = "no point of the probe's RecordProcessingLatency: the function does not write the probe's lines (README, \"The probe in your function\"), or nothing was processed"
		return t
	}
	t.Value, t.N = &worst, int64(n)
	t.Verdict = outcome(below(worst, limit))
	t.Reason = fmt.Sprintf("p99 of the worst of %d periods %s, limit %s", n, Number(worst, "ms"), Number(limit, "ms"))
	return t
}
