package runbook

import (
	"fmt"
	"time"
)

// iteratorAge is the reader falling behind.
func (f Figures) iteratorAge() Book {
	b := Book{
		Name: "iterator-age", Title: "Iterator age is rising",
		Symptom: []string{fmt.Sprintf("GetRecords.IteratorAgeMilliseconds (Maximum) stays above %s; in the run it was at most %s at %s.",
			millis(float64(f.targets.IteratorAge/time.Millisecond)), millis(f.ageMax), perSecond(f.rate))},
		Checks: []Step{
			{"How far behind it is, and whether it grows.", f.ofStream("GetRecords.IteratorAgeMilliseconds", "Maximum")},
			{f.carried(), f.ofStream("IncomingRecords", "Sum")},
			{fmt.Sprintf("Is the function slower than the %s it took at most (runbook slow-function), failing (errors) or throttled (throttling)?", millis(f.longest)), f.ofFunction("Duration", "Maximum")},
		},
		Worked: []string{
			"As it was run, " + f.drainText(10*time.Minute, f.drain) + ".",
			"As recommended, " + f.drainText(10*time.Minute, f.drainWanted) + ".",
		},
	}
	if f.drainWanted > 0 {
		b.Worked = append(b.Worked, fmt.Sprintf("The age then falls by %s every minute; if it falls more slowly, another limit holds it.", lasting(60*f.drainWanted/f.rate)))
	}
	b.Actions = f.widen()
	return b
}

// carried asks whether more comes in than is carried. The stream may take less
// than the mapping behind it.
func (f Figures) carried() string {
	carries, knee := f.rate+f.drain, f.advice.FoundKnee
	if knee.Rate < 0.99*carries {
		return fmt.Sprintf("Is more coming in than the %s at which the %s gives out? The mapping carries %s.", perSecond(knee.Rate), knee.Resource, perSecond(carries))
	}
	return fmt.Sprintf("Is more coming in than the %s that the mapping carries (%s)?", perSecond(carries), knee.Resource)
}

// widen are the ways to more throughput behind the stream, the cheaper first.
func (f Figures) widen() []Step {
	var all []Step
	if f.wanted.Parallelization > f.found.Parallelization {
		all = append(all, Step{
			fmt.Sprintf("Raise the parallelization factor from %d to %d: it costs nothing, and order within a key stays.", f.found.Parallelization, f.wanted.Parallelization),
			f.updateMapping("--parallelization-factor %d", f.wanted.Parallelization),
		})
	} else if f.found.Parallelization < 10 {
		all = append(all, Step{
			fmt.Sprintf("Raise the parallelization factor above %d, to 10 at most: it costs nothing, and order within a key stays.", f.found.Parallelization),
			f.updateMapping("--parallelization-factor 10"),
		})
	}
	if f.wanted.BatchSize != f.found.BatchSize {
		all = append(all, Step{fmt.Sprintf("Change the batch size from %d to %d.", f.found.BatchSize, f.wanted.BatchSize), f.updateMapping("--batch-size %d", f.wanted.BatchSize)})
	}
	if lanes := max(f.found.Shards, f.wanted.Shards) * max(f.found.Parallelization, f.wanted.Parallelization); f.found.Concurrency > 0 && f.found.Concurrency < lanes {
		all = append(all, Step{
			fmt.Sprintf("Raise the reserved concurrency from %d to the %d batches that may run at once.", f.found.Concurrency, lanes),
			fmt.Sprintf("aws lambda put-function-concurrency --region %s --function-name %s --reserved-concurrent-executions %d", quoted(f.region), quoted(f.function), lanes),
		})
	}
	shards := max(f.wanted.Shards, f.found.Shards+1)
	return append(all, Step{
		fmt.Sprintf("Add shards, from %d to %d. They take new records only: what is behind is still read from the old ones.", f.found.Shards, shards), f.reshard(shards),
	})
}

// errors are invocations that fail, by chance or for one record.
func (f Figures) errors() Book {
	blocked := fmt.Sprintf("The mapping gives a batch up after %d retries", f.found.RetryAttempts)
	if f.found.RetryAttempts < 0 {
		blocked = fmt.Sprintf("The mapping tries a failed batch until its records expire: one bad record stops its lane for up to %d h, and the records behind it with it", f.found.RetentionHours)
	}
	return Book{
		Name: "errors", Title: "The function fails, or one record stops a shard",
		Symptom: []string{fmt.Sprintf("Lambda Errors above %g %% of Invocations (%.3g %% in the run), or the iterator age of one shard grows while the others stay.", 100*f.targets.ErrorRate, f.errorPercent), blocked + "."},
		Checks: []Step{
			{"How many fail. The same number every few seconds is one batch tried again and again.", f.ofFunction("Errors", "Sum")},
			{"What the function says of it.", fmt.Sprintf("aws logs filter-log-events --region %s --log-group-name %s --start-time \"$(($(date +%%s)-3600))000\" \\\n  --filter-pattern '?ERROR ?Exception ?Traceback ?errorMessage ?\"Task timed out\"' --query 'events[].message' --output text", quoted(f.region), quoted("/aws/lambda/"+f.function))},
			{"What the mapping says of it, and where it delivers what it gives up.", fmt.Sprintf("aws lambda get-event-source-mapping --region %s --uuid %s --query '[LastProcessingResult,MaximumRetryAttempts,BisectBatchOnFunctionError,DestinationConfig]'", quoted(f.region), quoted(f.mapping))},
		},
		Actions: []Step{
			{
				fmt.Sprintf("Let a bad record go to a queue of yours after %d retries, alone: a batch of %d is split until it is. The function's role needs sqs:SendMessage.", f.wanted.RetryAttempts, f.found.BatchSize),
				f.updateMapping("--maximum-retry-attempts %d \\\n  --bisect-batch-on-function-error --maximum-record-age-in-seconds %d \\\n  --destination-config '{\"OnFailure\":{\"Destination\":\"QUEUE_ARN\"}}'", f.wanted.RetryAttempts, f.wanted.MaxAgeSeconds),
			},
			{"Where every batch fails, put the last good version of the function back.", fmt.Sprintf("aws lambda update-function-code --region %s --function-name %s --s3-bucket BUCKET --s3-key LAST_GOOD", quoted(f.region), quoted(f.function))},
			{
				fmt.Sprintf("Fetch the record that the document in the queue names (KinesisBatchInfo) while the stream still has it: within %d h of its arrival.", f.found.RetentionHours),
				fmt.Sprintf("aws kinesis get-records --region %[1]s --limit 1 --shard-iterator \"$(aws kinesis get-shard-iterator --region %[1]s --stream-name %[2]s \\\n  --shard-id SHARD --shard-iterator-type AT_SEQUENCE_NUMBER --starting-sequence-number NUMBER --query ShardIterator --output text)\"", quoted(f.region), quoted(f.stream)),
			},
		},
		Worked: []string{
			fmt.Sprintf("Errors are below %g %% of Invocations again, and the number of documents in the queue stands still.", 100*f.targets.ErrorRate),
			"The shard's backlog goes: " + f.drainText(10*time.Minute, f.drain) + ".",
		},
	}
}

// slowFunction is an invocation that takes longer than it did.
func (f Figures) slowFunction() Book {
	p := f.advice.FoundPredicted
	return Book{
		Name: "slow-function", Title: "The function is slow",
		Symptom: []string{fmt.Sprintf("Duration (Maximum) is above %s, the target's %g %% of the timeout of %d s; in the run the longest invocation took %s, and one with %.3g records %s.",
			millis(1000*float64(f.found.TimeoutSeconds)*f.targets.DurationShare), 100*f.targets.DurationShare, f.found.TimeoutSeconds, millis(f.longest), p.RecordsPerInvocation, millis(p.BilledMillis))},
		Checks: []Step{
			{"Since when. A step upwards is a release or something the function calls; a slope is data that grows.", f.ofFunction("Duration", "Average")},
			{"Whether memory or cold starts are behind it: Max Memory Used near Memory Size, Init Duration on many lines.", fmt.Sprintf("aws logs filter-log-events --region %s --log-group-name %s --start-time \"$(($(date +%%s)-600))000\" --filter-pattern REPORT \\\n  --query 'events[-20:].message' --output text", quoted(f.region), quoted("/aws/lambda/"+f.function))},
			{"How long such a batch takes without anything else about: the same load on weir's embedded pipeline, with your function behind it.", fmt.Sprintf("weir run baseline-500b --rate %.0f --batch-size %d --function ./bootstrap", f.rate, f.found.BatchSize)},
		},
		Actions: []Step{
			{
				fmt.Sprintf("Give it time first: a timeout of %d s, so that slow batches end instead of being tried again.", max(f.wanted.TimeoutSeconds, 2*f.found.TimeoutSeconds)),
				fmt.Sprintf("aws lambda update-function-configuration --region %s --function-name %s --timeout %d", quoted(f.region), quoted(f.function), max(f.wanted.TimeoutSeconds, 2*f.found.TimeoutSeconds)),
			},
			{fmt.Sprintf("Halve the batch, from %d.", f.found.BatchSize), f.updateMapping("--batch-size %d", max(1, f.found.BatchSize/2))},
			{
				fmt.Sprintf("Give it memory, and CPU with it: from %d to %d MB.", f.found.MemoryMB, min(10240, 2*f.found.MemoryMB)),
				fmt.Sprintf("aws lambda update-function-configuration --region %s --function-name %s --memory-size %d", quoted(f.region), quoted(f.function), min(10240, 2*f.found.MemoryMB)),
			},
		},
		Worked: []string{
			fmt.Sprintf("Duration (Maximum) is below %s.", millis(1000*float64(f.wanted.TimeoutSeconds)*f.targets.DurationShare)),
			fmt.Sprintf("With %d lanes and the rate of the run an invocation of %.3g records may take %s; above that the age goes on rising.", f.found.Shards*f.found.Parallelization, p.RecordsPerInvocation,
				millis(1000*float64(f.found.Shards*f.found.Parallelization)*p.RecordsPerInvocation/f.rate)),
		},
	}
}
