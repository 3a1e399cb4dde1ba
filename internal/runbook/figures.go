package runbook

import (
	"fmt"
	"math"
	"strings"
	"time"

	"weir/internal/advice"
	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/quota"
	"weir/internal/record"
)

// Figures are what a run and the advice from it give the books.
type Figures struct {
	run, kind, stream, function, mapping, region string
	found, wanted                                advice.Config
	advice                                       advice.Advice
	targets                                      plan.Targets

	rate, drain, drainWanted float64 // records per second; drains beside the rate, not above 0 where there is none
	oneShard                 float64 // records per second that a shard takes of such records
	ageMax, longest          float64 // ms, in the run
	errorPercent             float64
	hot                      *judge.HotShard
	retentionUSD             float64 // a day, of retention extended to a week
}

// Collect takes the figures of a run, its verdict and the advice from it. A
// missing price is a *price.MissingError.
func Collect(d *record.Data, v judge.Verdict, a advice.Advice, prices *price.Table) (Figures, error) {
	p := d.Run.Pipeline
	f := Figures{
		run: d.Run.ID, kind: p.Kind, stream: p.Stream, function: p.Function, mapping: p.Mapping, region: p.Region,
		found: a.Found, wanted: a.Config, advice: a, targets: d.Run.Test.Targets,
		rate: a.Rate, drain: a.FoundPredicted.Drain, drainWanted: a.Predicted.Drain,
	}
	if f.targets == (plan.Targets{}) {
		f.targets = plan.DefaultTargets
	}
	factor := 1.0
	if p.ShardLimitFactor > 0 {
		factor = p.ShardLimitFactor
	}
	f.oneShard = factor * min(quota.ShardWriteRecordsPerSecond, quota.ShardWriteBytesPerSecond/a.RecordBytes)
	var failed, invoked float64
	for _, point := range d.Series {
		f.ageMax = max(f.ageMax, point.V[metrics.IteratorAge])
		f.longest = max(f.longest, point.V[metrics.DurationMax])
		failed, invoked = failed+point.V[metrics.Errors], invoked+point.V[metrics.Invocations]
	}
	if invoked > 0 {
		f.errorPercent = 100 * failed / invoked
	}
	for _, s := range v.Steps {
		if s.HotShard != nil {
			f.hot = s.HotShard
		}
	}
	cell, err := prices.Cell(a.Bill.Region, price.ExtendedRetention)
	f.retentionUSD = cell.Cost(24 * float64(f.found.Shards))
	return f, err
}

func (f Figures) model() string {
	switch f.kind {
	case "aws":
		return ""
	case "embedded":
		return " on the embedded pipeline, whose timing is a model"
	}
	return ", " + inline(f.kind) + ": nothing of it was measured"
}

// statistic is the last hour of a metric.
func (f Figures) statistic(namespace, metric, dimension, value, statistic string) string {
	return fmt.Sprintf("aws cloudwatch get-metric-statistics --region %s --namespace %s --metric-name %s \\\n"+
		"  --dimensions Name=%s,Value=%s --period 60 --statistics %s \\\n"+
		"  --start-time \"$(date -u -d '1 hour ago' +%%FT%%TZ)\" --end-time \"$(date -u +%%FT%%TZ)\" \\\n"+
		"  --query 'sort_by(Datapoints,&Timestamp)[].[Timestamp,%s]' --output text",
		quoted(f.region), namespace, metric, dimension, quoted(value), statistic, statistic)
}

func (f Figures) ofStream(metric, statistic string) string {
	return f.statistic("AWS/Kinesis", metric, "StreamName", f.stream, statistic)
}

func (f Figures) ofFunction(metric, statistic string) string {
	return f.statistic("AWS/Lambda", metric, "FunctionName", f.function, statistic)
}

// updateMapping changes the mapping.
func (f Figures) updateMapping(flags string, args ...any) string {
	return fmt.Sprintf("aws lambda update-event-source-mapping --region %s --uuid %s "+flags, append([]any{quoted(f.region), quoted(f.mapping)}, args...)...)
}

// reshard sets the number of shards; a call doubles them at most.
func (f Figures) reshard(shards int) string {
	var calls []string
	for at := f.found.Shards; at < shards; {
		at = min(2*at, shards)
		calls = append(calls, fmt.Sprintf("aws kinesis update-shard-count --region %s --stream-name %s --target-shard-count %d --scaling-type UNIFORM_SCALING", quoted(f.region), quoted(f.stream), at))
	}
	return strings.Join(calls, "\n")
}

// drainText is how long a backlog of that age takes at a drain.
func (f Figures) drainText(age time.Duration, drain float64) string {
	if drain <= 0 {
		return fmt.Sprintf("a backlog of %v (%s records) is not worked off at all: what comes in is more than goes out", age, count(age.Seconds()*f.rate))
	}
	return fmt.Sprintf("a backlog of %v (%s records) is worked off in %s, at %s beside the %s that come in",
		age, count(age.Seconds()*f.rate), lasting(age.Seconds()*f.rate/drain), perSecond(drain), perSecond(f.rate))
}

// lasting is a number of seconds in words.
func lasting(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func count(v float64) string { return judge.Count(int64(math.Round(v))) }

func perSecond(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.3g records/s", rate)
	}
	return count(rate) + " records/s"
}

func millis(v float64) string { return judge.Number(v, "ms") }

// quoted is a shell word.
func quoted(s string) string {
	plain := strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/") == "" && s != ""
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "'", `'\''`), "\n", " ") + "'"
}

func shardsText(n int) string {
	if n == 1 {
		return "1 shard"
	}
	return fmt.Sprintf("%d shards", n)
}
