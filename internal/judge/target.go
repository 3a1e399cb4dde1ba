package judge

import (
	"fmt"
	"math"
	"time"

	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// scope is what a target is measured over: some steps' windows and results.
type scope struct {
	d       *record.Data
	limits  plan.Targets
	windows []window
	indices []int // of the steps
}

// measure makes one target's verdict over a scope.
type measure func(scope) Target

// stepTargets are the targets that hold or fail within a step.
var stepTargets = []measure{iteratorAge, lambdaDuration, lambdaErrors, throttles, recordLatency}

// below reports whether v is within an exclusive limit; nothing at all is
// within a limit of zero.
func below(v, limit float64) bool { return v < limit || v == 0 }

// outcome is the verdict on an observed value.
func outcome(holds bool) Outcome {
	if holds {
		return Pass
	}
	return Fail
}

func (s scope) vended(id, unit, statistic, source string) Target {
	return Target{
		ID: id, Verdict: Unknown, Unit: unit, Statistic: statistic, Source: source,
		ResolutionS: max(s.d.Run.Pipeline.ResolutionS, 1), Window: span(s.windows).times(),
	}
}

func iteratorAge(s scope) Target {
	t := s.vended(IteratorAge, "ms", "Maximum", "AWS/Kinesis GetRecords.IteratorAgeMilliseconds")
	limit := milliseconds(s.limits.IteratorAge)
	t.Limit = &limit
	age, n := maximum(s.d, metrics.IteratorAge, s.windows...)
	if n == 0 {
		t.Reason = "no point of GetRecords.IteratorAgeMilliseconds in the window: a missing age is unknown"
		return t
	}
	t.Value, t.N = &age, int64(n)
	t.Verdict = outcome(below(age, limit))
	t.Reason = fmt.Sprintf("at most %s behind, limit %s", Number(age, "ms"), Number(limit, "ms"))
	if hand, n := maximum(s.d, metrics.LambdaAgeMax, s.windows...); n > 0 {
		floor := metrics.AgeFloor(s.d.Run.Pipeline.BatchingWindow)
		t.Reason += fmt.Sprintf("; Lambda's IteratorAge at most %s, in health up to about %s (poll and batching window)",
			Number(hand, "ms"), Number(milliseconds(floor), "ms"))
	}
	if t.Verdict == Pass {
		t.doubt(doubtAge(s))
	}
	return t
}

func lambdaDuration(s scope) Target {
	t := s.vended(LambdaDuration, "ms", "Maximum", "AWS/Lambda Duration")
	timeout := milliseconds(s.d.Run.Pipeline.FunctionTimeout)
	limit := s.limits.DurationShare * timeout
	if timeout > 0 {
		t.Limit = &limit
	}
	longest, n := maximum(s.d, metrics.DurationMax, s.windows...)
	invocations, _ := sum(s.d, metrics.Invocations, s.windows...)
	if n > 0 {
		t.Value, t.N = &longest, int64(invocations)
	}
	switch {
	case n == 0:
		t.Reason = "no point of Duration in the window: a missing duration is unknown"
	case timeout == 0:
		t.Reason = "the function's timeout is not known, so neither is the limit"
	default:
		t.Verdict = outcome(below(longest, limit))
		t.Reason = fmt.Sprintf("longest invocation %s, limit %s (%s of the timeout of %s)",
			Number(longest, "ms"), Number(limit, "ms"), Number(100*s.limits.DurationShare, "%"), Number(timeout, "ms"))
	}
	if t.Verdict == Pass {
		t.doubt(doubtDuration(s.d, limit))
	}
	return t
}

func lambdaErrors(s scope) Target {
	t := s.vended(LambdaErrors, "%", "Sum / Sum", "AWS/Lambda Errors / Invocations")
	limit := 100 * s.limits.ErrorRate
	t.Limit = &limit
	invocations, _ := sum(s.d, metrics.Invocations, s.windows...)
	if invocations == 0 {
		t.Reason = "no invocation in the window"
		return t
	}
	failed, _ := counter(s.d, s.windows, metrics.Errors, metrics.Invocations)
	rate, upper := 100*failed/invocations, 100*upperRate(int64(failed), int64(invocations))
	t.Value, t.Upper95, t.N = &rate, &upper, int64(invocations)
	t.Verdict = outcome(below(rate, limit))
	t.Reason = fmt.Sprintf("%s of %s invocations failed (%s), limit %s",
		Count(int64(failed)), Count(int64(invocations)), Number(rate, "%"), Number(limit, "%"))
	t.doubt(doubtErrors(s.d, limit))
	return t
}

// throttles adds up refusals of writes, reads and invocations. Refused writes
// are the larger of what the stream published and what the generator was
// answered: either is evidence.
func throttles(s scope) Target {
	t := s.vended(Throttles, "count", "Sum",
		"AWS/Kinesis Write- and ReadProvisionedThroughputExceeded, AWS/Lambda Throttles")
	t.Limit = &s.limits.Throttles
	writes, writesKnown := counter(s.d, s.windows, metrics.WriteThrottled, metrics.IncomingRecords)
	answered, n := sum(s.d, metrics.Throttled, s.windows...)
	writes, writesKnown = max(writes, answered), writesKnown || n > 0
	reads, readsKnown := counter(s.d, s.windows, metrics.ReadThrottled, metrics.IteratorAge, metrics.GetRecordsCount)
	invokes, invokesKnown := counter(s.d, s.windows, metrics.Throttles, metrics.Invocations)

	total := writes + reads + invokes
	incoming, _ := sum(s.d, metrics.IncomingRecords, s.windows...)
	t.N = int64(incoming)
	t.Reason = fmt.Sprintf("WriteProvisionedThroughputExceeded %s, ReadProvisionedThroughputExceeded %s, Lambda Throttles %s",
		countOr(writes, writesKnown), countOr(reads, readsKnown), countOr(invokes, invokesKnown))
	switch known := writesKnown && readsKnown && invokesKnown; {
	case total > s.limits.Throttles:
		t.Value, t.Verdict = &total, Fail
	case known:
		t.Value, t.Verdict = &total, Pass
	}
	return t
}

func recordLatency(s scope) Target {
	t := Target{
		ID: RecordLatency, Verdict: Unknown, Unit: "ms", Statistic: "p99",
		Source: "probe: end of the invocation minus due", Window: s.offered().times(),
	}
	limit := milliseconds(s.limits.RecordLatency)
	t.Limit = &limit
	h := s.fromDue()
	if t.N = h.Count(); t.N == 0 {
		t.Reason = noLatency(s.d)
		return t
	}
	p99 := milliseconds(h.Quantile(0.99))
	t.Value = &p99
	if q, ok := upperQuantile(0.99, t.N); ok {
		t.Upper95 = new(milliseconds(h.Quantile(q)))
	}
	t.Verdict = outcome(below(p99, limit))
	t.Reason = fmt.Sprintf("p99 %s over %s, limit %s", Number(p99, "ms"), Number(float64(t.N), "records"), Number(limit, "ms"))
	if s.d.Run.Pipeline.Kind == "aws" {
		t.Reason += "; " + s.d.Run.ClockSaid()
	}
	return t
}

// noLatency says why no record's latency is known.
func noLatency(d *record.Data) string {
	if a := d.Ledger.Account; a.Accepted > 0 && a.NoToken == a.Accepted {
		return "no record carries a token, so that when each was due is not known: Stream of k6/x/kinesis puts records with one, and --judge capacity judges without latency"
	}
	return "no record with a token was seen processed: the function does not write the probe's lines (README, \"The probe in your function\"), the records carry no token, or nothing arrived"
}

// offered is the window in which the scope's records were due and processed:
// histograms hold every record, those of the warm-up too.
func (s scope) offered() window {
	w := span(s.windows)
	for _, i := range s.indices {
		for _, step := range s.d.Run.Steps {
			if step.Index == i && !step.Start.IsZero() {
				w.from = min(w.from, step.Start.Unix())
			}
		}
	}
	return w
}

// fromDue merges the steps' latencies from due.
func (s scope) fromDue() *stats.Histogram {
	merged := &stats.Histogram{}
	for _, i := range s.indices {
		if r := s.d.Step(i); r != nil {
			merged.Merge(r.FromDue)
		}
	}
	return merged
}

// throughputMatch compares what the mapping polled with what the stream took,
// over the whole run with its drain.
func throughputMatch(d *record.Data, limits plan.Targets) Target {
	var whole []window
	if len(d.Series) > 0 {
		whole = []window{{d.Series[0].T, seriesEnd(d)}}
	}
	if d.Run.Watched {
		whole = watchedWindows(d)
	}
	s := scope{d: d, limits: limits, windows: whole}
	t := s.vended(ThroughputMatch, "ratio", "Sum / Sum", "AWS/Lambda PolledEventCount / AWS/Kinesis IncomingRecords")
	t.Limit, t.Tolerance = new(1.0), limits.MatchTolerance
	incoming, _ := sum(d, metrics.IncomingRecords, whole...)
	polled, n := sum(d, metrics.Polled, whole...)
	t.N = int64(incoming)
	switch {
	case incoming == 0:
		t.Reason = "no point of IncomingRecords, or no record came in"
	case n == 0 && !d.Run.Pipeline.MappingEventCount:
		t.Reason = "the mapping publishes no PolledEventCount: switch on its EventCount metrics (MetricsConfig)"
	case n == 0:
		t.Reason = "no point of PolledEventCount"
	default:
		ratio := polled / incoming
		t.Value = &ratio
		// The last digit of 1 - ratio is arithmetic, not measurement.
		t.Verdict = outcome(math.Abs(ratio-1) <= limits.MatchTolerance+1e-12)
		t.Reason = fmt.Sprintf("polled %s of %s incoming records", Count(int64(polled)), Count(int64(incoming)))
		if under := underWay(d); t.Verdict == Fail && math.Abs(incoming-polled) <= limits.MatchTolerance*incoming+under {
			t.Verdict = Pass
			t.Reason += fmt.Sprintf("; up to %s were under way at the window's ends", Count(int64(under)))
		}
		if t.Verdict == Fail && d.Run.Status != record.Complete {
			t.Verdict = Unknown
			t.Reason += " when the run ended, before its drain"
		}
		if t.Verdict == Fail {
			t.doubt(doubtMatch(d, incoming, polled))
		}
	}
	return t
}

// ledgerTarget judges an account; account nil means there is none.
func ledgerTarget(account *ledger.Account, closed bool, w window) Target {
	t := Target{
		ID: Ledger, Verdict: Unknown, Unit: "records", Limit: new(0.0), Statistic: "lost",
		Source: "ledger", Window: w.times(),
	}
	if account == nil {
		t.Reason = "there is no account of the records"
		return t
	}
	t.N = account.Offered
	if closed && account.Unexplained == 0 || account.Lost > 0 {
		t.Value = new(float64(account.Lost))
	}
	switch {
	case account.Lost > 0:
		t.Verdict = Fail
		t.Reason = fmt.Sprintf("%s of %s accepted records are lost: %s", Count(account.Lost), Count(account.Accepted), names(account.LostIDs))
	case !closed:
		t.Reason = "the account was not closed: the run did not end by itself"
	case account.Expired > 0:
		t.Verdict = Fail
		t.Reason = fmt.Sprintf("%s of %s accepted records were never processed: they expired, or the mapping gave them up and delivered them nowhere%s",
			Count(account.Expired), Count(account.Accepted), because(account.Reasons))
	case account.Unexplained > 0:
		t.Reason = Count(account.Unexplained) + " records are unexplained" + because(account.Reasons)
	case !account.Balanced():
		t.Reason = "the account's sums disagree" + because(account.Reasons)
	default:
		t.Verdict = Pass
		t.Reason = fmt.Sprintf("%s offered, %s accepted, 0 lost, 0 unexplained", Count(account.Offered), Count(account.Accepted))
	}
	return t
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func countOr(v float64, known bool) string {
	if !known {
		return "unknown"
	}
	return Count(int64(v))
}

// names lists the first lost records.
func names(ids []ledger.ID) string {
	const most = 3
	text := ""
	for i, id := range ids {
		if i == most {
			return text + ", …"
		}
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("producer %d sequence %d", id.Producer, id.Sequence)
	}
	if text == "" {
		return "not named"
	}
	return text
}

func because(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return ": " + reasons[0]
}
