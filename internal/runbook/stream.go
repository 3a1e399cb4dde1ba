package runbook

import (
	"fmt"
	"time"
)

// throttling is a refusal by the stream or by the function's concurrency.
func (f Figures) throttling() Book {
	all := f.oneShard * float64(f.found.Shards)
	shards := max(f.wanted.Shards, f.found.Shards+1)
	return Book{
		Name: "throttling", Title: "Puts or invocations are throttled",
		Symptom: []string{fmt.Sprintf("WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded or Lambda Throttles above 0. Of such records (%.0f bytes) the stream takes %s: %s × %s.",
			f.advice.RecordBytes, perSecond(all), shardsText(f.found.Shards), perSecond(f.oneShard))},
		Checks: []Step{
			{"Are writes refused? Then compare what comes in with what the stream takes; well below it, one shard is hot (hot-shard).", f.ofStream("WriteProvisionedThroughputExceeded", "Sum")},
			{"Are reads refused? Then another reader shares the shards: five GetRecords a second and 2 MiB/s each.", f.ofStream("ReadProvisionedThroughputExceeded", "Sum")},
			{fmt.Sprintf("Are invocations? The mapping needs %d environments at once.", f.found.Shards*f.found.Parallelization), f.ofFunction("Throttles", "Sum")},
		},
		Actions: []Step{
			{fmt.Sprintf("Writes: go from %d to %d shards, which take %s. A call doubles at most; wait for ACTIVE in between.", f.found.Shards, shards, perSecond(f.oneShard*float64(shards))), f.reshard(shards)},
			{"Writes that come in bursts: on-demand capacity, which follows them within minutes (two changes of mode a day).", fmt.Sprintf("aws kinesis update-stream-mode --region %[1]s --stream-mode-details StreamMode=ON_DEMAND \\\n  --stream-arn \"$(aws kinesis describe-stream-summary --region %[1]s --stream-name %[2]s --query StreamDescriptionSummary.StreamARN --output text)\"", quoted(f.region), quoted(f.stream))},
			{"Reads: give the other reader enhanced fan-out.", fmt.Sprintf("aws kinesis register-stream-consumer --region %[1]s --consumer-name OTHER_READER \\\n  --stream-arn \"$(aws kinesis describe-stream-summary --region %[1]s --stream-name %[2]s --query StreamDescriptionSummary.StreamARN --output text)\"", quoted(f.region), quoted(f.stream))},
			{"Invocations: reserve what the mapping needs.", fmt.Sprintf("aws lambda put-function-concurrency --region %s --function-name %s --reserved-concurrent-executions %d", quoted(f.region), quoted(f.function), f.found.Shards*f.found.Parallelization)},
		},
		Worked: []string{
			"All three counters are 0 for ten minutes at full load.",
			fmt.Sprintf("IncomingRecords reaches the producers' rate; %d shards hold up to %s with even keys.", shards, perSecond(f.oneShard*float64(shards))),
		},
	}
}

// hotShard is one shard that takes more than its share.
func (f Figures) hotShard() Book {
	even := 100 / float64(f.found.Shards)
	seen := "in the run no shard stood out"
	if f.hot != nil {
		seen = "in the run " + inline(f.hot.String())
	}
	return Book{
		Name: "hot-shard", Title: "One shard is hot",
		Symptom: []string{fmt.Sprintf("WriteProvisionedThroughputExceeded above 0 while IncomingRecords is below %s. An even share is %.3g %%; %s.", perSecond(f.oneShard*float64(f.found.Shards)), even, seen)},
		Checks: []Step{
			{"Which shard: shard-level metrics, each charged as a custom metric (0.30 USD a metric and month; a guess, AWS names no price).", fmt.Sprintf("aws kinesis enable-enhanced-monitoring --region %s --stream-name %s --shard-level-metrics IncomingRecords WriteProvisionedThroughputExceeded", quoted(f.region), quoted(f.stream))},
			{"Which key: weir names the hottest shard and key by the second when it makes the load; put your keys behind it.", fmt.Sprintf("weir run baseline-500b --rate %.0f --shards %d --keys zipf:1.1", f.rate, f.found.Shards)},
		},
		Actions: []Step{
			{fmt.Sprintf("One key is hot: give its records several keys (k#0, k#1, …). A key can have %s at most, whatever the number of shards, for a shard takes no more.", perSecond(f.oneShard)), ""},
			{"Many keys fall on one shard: split it in the middle of its range of hash keys.", fmt.Sprintf("aws kinesis split-shard --region %s --stream-name %s --shard-to-split SHARD --new-starting-hash-key MIDDLE", quoted(f.region), quoted(f.stream))},
		},
		Worked: []string{
			fmt.Sprintf("No shard takes more than %s, %.3g %% of what came in during the run.", perSecond(f.oneShard), 100*f.oneShard/f.rate),
			"WriteProvisionedThroughputExceeded is 0; then switch the shard-level metrics off again (disable-enhanced-monitoring).",
		},
	}
}

// expiring is a backlog that comes near to the end of the retention.
func (f Figures) expiring() Book {
	half := time.Duration(f.found.RetentionHours) * time.Hour / 2
	return Book{
		Name: "expiring-data", Title: "Records are about to expire",
		Symptom: []string{fmt.Sprintf("GetRecords.IteratorAgeMilliseconds is above %s (%v), half of the retention of %d h. What is older than the retention is gone, unread.", millis(float64(half.Milliseconds())), half, f.found.RetentionHours)},
		Checks: []Step{
			{"How much time is left: the retention less the highest age.", f.ofStream("GetRecords.IteratorAgeMilliseconds", "Maximum")},
			{"Does anything go out at all? Without invocations the mapping is off, or one record stops it (errors).", f.ofFunction("Invocations", "Sum")},
		},
		Actions: []Step{
			{
				fmt.Sprintf("Buy time first: a week's retention holds for records that are there already. It costs %.2f USD a day for %s.", f.retentionUSD, shardsText(f.found.Shards)),
				fmt.Sprintf("aws kinesis increase-stream-retention-period --region %s --stream-name %s --retention-period-hours 168", quoted(f.region), quoted(f.stream)),
			},
			{"Then the cause, as in iterator-age and errors.", ""},
			{"At the end put the retention back, when the age is near 0.", fmt.Sprintf("aws kinesis decrease-stream-retention-period --region %s --stream-name %s --retention-period-hours %d", quoted(f.region), quoted(f.stream), f.found.RetentionHours)},
		},
		Worked: []string{
			"The age falls: " + f.drainText(half, f.drain) + "; as recommended, " + f.drainText(half, f.drainWanted) + ".",
			"No record's age passes the retention on the way: while a backlog is worked off, ages only fall.",
		},
	}
}
