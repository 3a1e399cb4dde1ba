package advice

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/price"
	"weir/internal/quota"
)

// settings are the recommended values beside those found, each with its reason.
func (m measured) settings(found, c Config, a Advice) []Setting {
	s := []Setting{
		set("Stream mode", string(found.Mode), string(c.Mode), m.modeReason(c, a)),
		set("Shards", strconv.Itoa(found.Shards), strconv.Itoa(c.Shards), m.shardsReason(c)),
		set("Retention", hours(found.RetentionHours), hours(c.RetentionHours), m.retentionReason(c, a)),
		set("Batch size", strconv.Itoa(found.BatchSize), strconv.Itoa(c.BatchSize), m.batchReason(c, a)),
		set("Batching window", seconds(found.WindowSeconds), seconds(c.WindowSeconds), m.windowReason(c, a)),
		set("Parallelization factor", strconv.Itoa(found.Parallelization), strconv.Itoa(c.Parallelization), m.lanesReason(c)),
		set("Enhanced fan-out", onOff(found.FanOut), onOff(c.FanOut), m.fanOutReason(c)),
		set("Memory", megabytes(found.MemoryMB), megabytes(c.MemoryMB), m.memoryReason(c)),
		set("Timeout", seconds(found.TimeoutSeconds), seconds(c.TimeoutSeconds), m.timeoutReason(c)),
		set("Reserved concurrency", reserved(found.Concurrency), reserved(c.Concurrency),
			fmt.Sprintf("the mapping runs at most %d shards × %d = %d batches at once", c.Shards, c.Parallelization, c.lanes())),
		set("Retries", attempts(found.RetryAttempts), attempts(c.RetryAttempts), m.retriesReason(c)),
		set("Bisect on error", onOff(found.Bisect), onOff(c.Bisect),
			fmt.Sprintf("one bad record among %d is found in %.0f splits, which are not counted as retries; the others are processed", m.fullBatch(c), math.Ceil(math.Log2(float64(max(2, m.fullBatch(c))))))),
		set("Maximum record age", age(found.MaxAgeSeconds), age(c.MaxAgeSeconds),
			fmt.Sprintf("half of the retention of %d h: the on-failure document names records, it does not hold them, and they must still be there to be fetched", c.RetentionHours)),
		set("On-failure destination", onOff(found.OnFailure), onOff(c.OnFailure), m.destinationReason()),
	}
	return append(s, set("Alarms", "not known", fmt.Sprintf("%d", len(a.Alarms)),
		fmt.Sprintf("the six critical targets, on this timeout: weir alarms deploy --stream %s --function %s", m.pipeline.Stream, m.pipeline.Function)))
}

func set(name, found, recommended, why string) Setting {
	return Setting{Name: name, Found: found, Recommended: recommended, Change: found != recommended, Why: why}
}

func (m measured) modeReason(c Config, a Advice) string {
	if len(m.modes()) == 1 {
		return fmt.Sprintf("its shards have %g of AWS's limits, which on-demand capacity has no like of", m.pipeline.ShardLimitFactor)
	}
	other := c
	other.Mode = price.OnDemand
	if c.Mode == price.OnDemand {
		other.Mode = price.Provisioned
	}
	bill, err := m.bill(other)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.2f USD a month for the stream at %s, %s %.2f", a.Bill.Group("kinesis"), perSecond(m.rate), other.Mode, bill.Group("kinesis"))
}

func (m measured) shardsReason(c Config) string {
	room := m.rate * (1 + m.headroom)
	write := m.limits(c)
	write.Shards = 1
	text := fmt.Sprintf("%s with %g %% to spare, records of %.0f bytes: a shard takes %s", perSecond(room), 100*m.headroom, m.recordBytes, perSecond(m.writeLimit(write)))
	switch {
	case m.hot != nil && m.skew(c.Shards) > 1:
		text += fmt.Sprintf("; the hottest had %.1f %% of the records, %.1f %% would be even", m.hot.Share, m.hot.Even)
	case c.Shards > 1 && m.drawn():
		text += fmt.Sprintf("; keys fall on shards by chance, and with %d none is over its limit in a day until %s", c.Shards, perSecond(capacity.SpreadKnee(m.limits(c), spreadWindow)))
	}
	if m.refused > 0 {
		text += fmt.Sprintf("; %s records were refused in the run", judge.Count(int64(m.refused)))
	}
	return text
}

// retentionReason is how a standstill is made up for.
func (m measured) retentionReason(c Config, a Advice) string {
	if a.Predicted.Drain <= 0 {
		return "a backlog is not worked off at this rate: it grows until records expire"
	}
	return fmt.Sprintf("processing may stand still for nearly %d h before records expire; an hour of it is worked off in %s, at %s beside what comes in",
		c.RetentionHours, time.Duration(m.rate/a.Predicted.Drain*float64(time.Hour)).Round(time.Second), perSecond(a.Predicted.Drain))
}

func (m measured) batchReason(c Config, a Advice) string {
	text := fmt.Sprintf("predicted %.3g records an invocation at %s (the run had %.3g); a full one takes %s", a.Predicted.RecordsPerInvocation,
		perSecond(m.rate), m.perInvocation, millis(m.service.took(float64(m.fullBatch(c)))))
	if m.service.fitted {
		return text + fmt.Sprintf(" (measured: %s a batch and %s a record)", millis(m.service.perBatch), millis(m.service.perRecord))
	}
	return text + " (how much of it is the batch's and how much its records' the run doesn't tell: run it at two rates)"
}

func (m measured) windowReason(c Config, a Advice) string {
	return fmt.Sprintf("record latency p99 predicted %s, limit %s", millis(a.Predicted.LatencyP99Millis), m.targets.RecordLatency)
}

func (m measured) lanesReason(c Config) string {
	text := ""
	for _, l := range capacity.Limits(m.limits(c)) {
		if l.Resource == quota.Lanes || l.Resource == quota.Concurrency {
			text = fmt.Sprintf("carries %s: %s", perSecond(l.Rate), l.Why)
		}
	}
	return text + fmt.Sprintf("; what a poll brings is worked off in %s at the slow end", millis(m.busy(c, m.rate)))
}

func (m measured) fanOutReason(c Config) string {
	if c.FanOut {
		return fmt.Sprintf("the limit of %s on record latency leaves no time for a poll a second", m.targets.RecordLatency)
	}
	return "a poll a second is fast enough for the limit on record latency"
}

func (m measured) memoryReason(c Config) string {
	if m.memoryUsed == 0 {
		return "its use was not measured; CPU grows with memory, so run it at half and twice as much and compare what an invocation costs"
	}
	return fmt.Sprintf("at most %.0f MB were used; CPU grows with memory, so run it at half and twice as much and compare what an invocation costs", m.memoryUsed)
}

func (m measured) timeoutReason(c Config) string {
	return fmt.Sprintf("the longest invocation of a full batch is put at %s, which with %g %% to spare stays below %g %% of it", millis(m.service.longest(float64(m.fullBatch(c)))),
		100*m.headroom, 100*m.targets.DurationShare)
}

func (m measured) retriesReason(c Config) string {
	return fmt.Sprintf("%s of %s invocations failed; with %.3g %% failing by chance a good batch is given up less than once a month, and a record that always fails stops its lane for %s before it is",
		judge.Count(int64(m.errors)), judge.Count(int64(m.invocations)), 100*m.transient(), m.blocked(c).Round(100*time.Millisecond))
}

func (m measured) destinationReason() string {
	return "what is given up is named there instead of being lost: a queue or topic gets its place in the stream, a bucket its data too"
}

// caveats are what the advice rests on without having seen it.
func (m measured) caveats(found, c Config) []string {
	all := []string{}
	if _, problem := m.shards(); problem != "" {
		all = append(all, problem)
	}
	if !m.meets(c) {
		all = append(all, fmt.Sprintf("no setting of the mapping meets the targets at %s: an invocation with one record takes %s, predicted record latency p99 %s of %s", perSecond(m.rate),
			millis(m.service.took(1)), millis(m.predict(c).LatencyP99Millis), m.targets.RecordLatency))
	}
	if m.errorRate >= m.targets.ErrorRate {
		all = append(all, fmt.Sprintf("%.3g %% of the invocations failed, the limit is %g %%: no configuration mends that, the function must", 100*m.errorRate, 100*m.targets.ErrorRate))
	}
	if c.lanes() > quota.DefaultConcurrency {
		all = append(all, fmt.Sprintf("%d environments are more than the %d that a region has by default: have the quota raised", c.lanes(), quota.DefaultConcurrency))
	}
	if full := float64(m.fullBatch(c)); full > 2*m.service.most {
		all = append(all, fmt.Sprintf("a full batch of %.0f is beyond the %.3g records that the run's batches had at most: its time is extrapolated", full, m.service.most))
	}
	if offered := m.verdict.Steps; len(offered) > 0 && m.rate > 2*highestRate(offered) {
		all = append(all, fmt.Sprintf("%s is beyond twice the highest rate of the run, %s: the advice is extrapolated", perSecond(m.rate), perSecond(highestRate(offered))))
	}
	if c.Mode == price.OnDemand && m.rate*m.recordBytes > 4<<20 {
		all = append(all, "a new on-demand stream takes 4 MB/s and grows: raise the load in steps, or set its warm throughput")
	}
	switch m.pipeline.Kind {
	case "aws":
	case "embedded":
		all = append(all, "the run was on the embedded pipeline, whose timing is a model: repeat it on AWS before relying on the figures")
	default:
		all = append(all, fmt.Sprintf("the run was %s: nothing of it was measured; repeat it on AWS before relying on the figures", m.pipeline.Kind))
	}
	return all
}

func highestRate(steps []judge.Step) (most float64) {
	for _, s := range steps {
		most = max(most, s.Rate)
	}
	return most
}

// number is an amount to four digits, without an exponent.
func number(v float64) string {
	if v >= 1000 {
		return judge.Count(int64(math.Round(v)))
	}
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 1, 64), "0"), ".")
}

func millis(v float64) string { return judge.Number(v, "ms") }

func seconds(n int) string   { return fmt.Sprintf("%d s", n) }
func hours(n int) string     { return fmt.Sprintf("%d h", n) }
func megabytes(n int) string { return fmt.Sprintf("%d MB", n) }

func reserved(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

func attempts(n int) string {
	if n < 0 {
		return "until the record expires"
	}
	return strconv.Itoa(n)
}

func age(n int) string {
	if n < 0 {
		return "until the record expires"
	}
	return (time.Duration(n) * time.Second).String()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
