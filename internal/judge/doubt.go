package judge

import (
	"fmt"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// CloudWatch's points may be missing, late or count twice. Where a second
// source of the same thing contradicts them (the function's REPORT lines, the
// ledger), a verdict that depends on which of them is right is unknown.

// doubt makes a verdict unknown and says why; an empty reason leaves it.
func (t *Target) doubt(reason string) {
	if reason == "" {
		return
	}
	t.Verdict = Unknown
	t.Reason += "; " + reason
}

// longestSilence is how long a polled stream may go without a point of its
// iterator age: three periods, or five seconds, and as long as an invocation may
// take, for a lane polls again when its batch is done.
func longestSilence(d *record.Data) time.Duration {
	period := time.Duration(max(d.Run.Pipeline.ResolutionS, 1)) * time.Second
	return max(3*period, 5*time.Second) + d.Run.Pipeline.FunctionTimeout
}

// doubtAge tells of a stretch without points: what the age was in it is not
// known.
func doubtAge(s scope) string {
	allowed := int64(longestSilence(s.d) / time.Second)
	period := int64(max(s.d.Run.Pipeline.ResolutionS, 1))
	for _, w := range s.windows {
		known := w.from // up to here
		var gap window
		look := func(next int64) {
			if next-known > max(allowed, gap.to-gap.from) {
				gap = window{known, next}
			}
		}
		each(s.d, metrics.IteratorAge, []window{w}, func(t int64, _ float64) {
			look(t)
			known = t + period
		})
		if look(w.to); gap.to > gap.from {
			return fmt.Sprintf("no point of it for %d s from %s on: what the age was then is not known",
				gap.to-gap.from, time.Unix(gap.from, 0).UTC().Format("15:04:05"))
		}
	}
	return ""
}

// reportsOf are the run's REPORT lines, nil where not all were read.
func reportsOf(d *record.Data) *record.Reports {
	if r := d.Run.Reports; r != nil && r.Lines > 0 && r.CutShort == "" {
		return r
	}
	return nil
}

// doubtDuration tells of a REPORT line whose invocation took longer than any
// point says, and too long.
func doubtDuration(d *record.Data, limit float64) string {
	r := reportsOf(d)
	if r == nil {
		return ""
	}
	var longest float64
	for _, p := range d.Series {
		longest = max(longest, p.V[metrics.DurationMax])
	}
	// The histogram's maximum is up to 0.1 % above the true one.
	if said := milliseconds(r.Duration.Max()); said > 1.002*longest+1 && !below(said, limit) {
		return fmt.Sprintf("but a REPORT line tells of %s, which no point does: points of Duration are missing", Number(said, "ms"))
	}
	return ""
}

// doubtErrors tells of invocations or failures that CloudWatch and the REPORT
// lines count differently, where the rate is on both sides of its limit by what
// one and the other say. Lines need not tell of a failure that the function
// returned itself, so fewer of them in the lines say nothing.
func doubtErrors(d *record.Data, limit float64) string {
	r := reportsOf(d)
	if r == nil {
		return ""
	}
	counted, failed := seriesSum(d, metrics.Invocations), seriesSum(d, metrics.Errors)
	lines, failures := float64(r.Lines), max(failed, float64(r.Failed))
	if counted == 0 || record.Agree(counted, lines) && record.Agree(failed, failures) {
		return ""
	}
	least, most := 100*failed/max(counted, lines), 100*failures/min(counted, lines)
	if below(least, limit) == below(most, limit) {
		return ""
	}
	return fmt.Sprintf("but CloudWatch counted %s invocations and %s errors in the run, the REPORT lines %s and %s: points are missing or count twice",
		Count(int64(counted)), Count(int64(failed)), Count(r.Lines), Count(r.Failed))
}

// doubtMatch tells of counts that can't be right: more read than came in, or
// less than was processed, or may have been; and of a window that ends in the
// middle of reading.
func doubtMatch(d *record.Data, incoming, polled float64) string {
	a := d.Ledger.Account
	delivered := float64(a.Processed + a.Filtered + a.DeadLettered)
	switch {
	case d.Run.Watched && max(incoming, polled)-min(incoming, polled) <= edges(d, metrics.IncomingRecords):
		return "what came in around the window's ends was read before or after it"
	case polled > incoming:
		return "more than came in can't have been read: CloudWatch may count a polled record again, and points of IncomingRecords may be missing"
	case polled < delivered:
		return fmt.Sprintf("but the ledger saw %s records delivered: points of PolledEventCount are missing", Count(int64(delivered)))
	case polled < delivered+float64(a.Unexplained):
		return fmt.Sprintf("but the ledger saw %s records delivered and can't explain %s: points of PolledEventCount may be missing",
			Count(int64(delivered)), Count(a.Unexplained))
	}
	return ""
}

func seriesSum(d *record.Data, series string) (total float64) {
	for _, p := range d.Series {
		total += p.V[series]
	}
	return total
}

// edges is the larger of the first and the last value of a series.
func edges(d *record.Data, series string) float64 {
	var first, last float64
	seen := false
	for _, p := range d.Series {
		if v, ok := p.V[series]; ok {
			if !seen {
				first, seen = v, true
			}
			last = v
		}
	}
	return max(first, last)
}
