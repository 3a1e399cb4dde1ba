package runbook

import (
	"fmt"

	"weir/internal/price"
)

// costJump is a bill that grows without the load.
func (f Figures) costJump() Book {
	b := f.advice.Bill
	var perInvocation float64
	for _, l := range b.Lines {
		if l.Item == price.LambdaRequest || l.Item == price.LogIngest {
			perInvocation += l.USD
		}
	}
	return Book{
		Name: "cost-jump", Title: "The cost jumps",
		Symptom: []string{fmt.Sprintf("A day costs more than %.2f USD (list price). As it was run, %s cost %.2f USD a month, as recommended %.2f: Kinesis %.2f, Lambda %.2f, CloudWatch %.2f.",
			1.2*f.advice.FoundUSD*24/price.MonthHours, perSecond(f.rate), f.advice.FoundUSD, f.advice.USD, b.Group("kinesis"), b.Group("lambda"), b.Group("cloudwatch"))},
		Checks: []Step{
			{"Which item, by the day.", "aws ce get-cost-and-usage --granularity DAILY --metrics UnblendedCost UsageQuantity --group-by Type=DIMENSION,Key=USAGE_TYPE \\\n" +
				"  --time-period Start=\"$(date -u -d '7 days ago' +%F)\",End=\"$(date -u +%F)\" \\\n" +
				"  --filter '{\"Dimensions\":{\"Key\":\"SERVICE\",\"Values\":[\"Amazon Kinesis\",\"AWS Lambda\",\"AmazonCloudWatch\"]}}'"},
			{"The console's export beside what the run's usage should cost, item by item.", fmt.Sprintf("weir cost reconcile %s --csv costs.csv", quoted(f.run))},
			{fmt.Sprintf("Lambda: have batches shrunk? %.3g records an invocation are expected; with 1, requests and log alone would cost %.2f USD a month instead of %.2f.", f.advice.Predicted.RecordsPerInvocation,
				perInvocation*f.advice.Predicted.RecordsPerInvocation, perInvocation), f.ofFunction("Invocations", "Sum")},
			{"Retries: failed invocations are billed like others (errors).", f.ofFunction("Errors", "Sum")},
		},
		Actions: []Step{
			{"Kinesis grew: shards left from a peak. Go back to what the rate needs.", fmt.Sprintf("aws kinesis update-shard-count --region %s --stream-name %s --target-shard-count %d --scaling-type UNIFORM_SCALING", quoted(f.region), quoted(f.stream), f.wanted.Shards)},
			{fmt.Sprintf("Lambda grew: batches. Put the batch size back to %d and the window to %d s.", f.wanted.BatchSize, f.wanted.WindowSeconds), f.updateMapping("--batch-size %d --maximum-batching-window-in-seconds %d", f.wanted.BatchSize, f.wanted.WindowSeconds)},
			{"Logs grew: a log level left at debug, or a retention of never.", fmt.Sprintf("aws logs put-retention-policy --region %s --log-group-name %s --retention-in-days 14", quoted(f.region), quoted("/aws/lambda/"+f.function))},
		},
		Worked: []string{fmt.Sprintf("The next whole day costs about %.2f USD at %s.", f.advice.USD*24/price.MonthHours, perSecond(f.rate))},
	}
}
