package inspect

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"weir/internal/doctor"
	"weir/probe/line"
)

// recently is how far back metrics and log lines are looked at.
const recently = 3 * time.Hour

// builtIn is the runtime of the embedded pipeline's own function, which writes
// the probe's lines.
const builtIn = "weir.built-in"

// readMetrics takes the time of an invocation from CloudWatch, where there has
// been one.
func (r *reader) readMetrics(ctx context.Context) {
	f := r.facts.Function
	if f == nil {
		return
	}
	query := func(id, statistic string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Period: aws.Int32(int32(recently.Seconds())), Stat: &statistic,
			Metric: &types.Metric{
				Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Duration"),
				Dimensions: []types.Dimension{{Name: aws.String("FunctionName"), Value: &f.Name}},
			},
		}}
	}
	from := r.Now.Add(-recently)
	got, err := r.clients.CloudWatch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: aws.Time(r.Now.Add(time.Minute)),
		MetricDataQueries: []types.MetricDataQuery{query("average", "Average"), query("longest", "Maximum")},
	})
	if !r.noted("cloudwatch:GetMetricData", "metrics of function "+f.Name, err) {
		return
	}
	for _, result := range got.MetricDataResults {
		for _, value := range result.Values { // at most two periods: the later one comes first
			took := time.Duration(value * float64(time.Millisecond))
			switch aws.ToString(result.Id) {
			case "longest":
				f.LongestRun = max(f.LongestRun, took)
			case "average":
				if !r.facts.Load.Given && !r.facts.Load.Measured {
					r.facts.Load.PerBatch, r.facts.Load.PerRecord, r.facts.Load.Measured = took, 0, true
				}
			}
		}
	}
}

// readLog looks for the probe's lines.
func (r *reader) readLog(ctx context.Context) {
	f := r.facts.Function
	if f == nil {
		return
	}
	group := r.Address.LogGroup()
	got, err := r.clients.Logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
	if !r.noted("logs:DescribeLogGroups", "log group "+group, err) {
		return
	}
	log := &doctor.Log{Probe: f.Runtime == builtIn}
	for _, g := range got.LogGroups {
		if aws.ToString(g.LogGroupName) == group {
			log.Exists, log.RetentionDays = true, int(aws.ToInt32(g.RetentionInDays))
		}
	}
	r.facts.Log = log
	if !log.Exists || log.Probe {
		return
	}
	log.Probe = r.anyLine(ctx, group, `"`+line.Marker+`"`)
	log.Lines = log.Probe || r.anyLine(ctx, group, "")
}

// anyLine reports whether the group has a line of late that the pattern fits.
func (r *reader) anyLine(ctx context.Context, group, pattern string) bool {
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, StartTime: aws.Int64(r.Now.Add(-recently).UnixMilli()), Limit: aws.Int32(1)}
	if pattern != "" {
		in.FilterPattern = &pattern
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(r.clients.Logs, in)
	for pages.HasMorePages() { // pages may be empty: each searches a part
		page, err := pages.NextPage(ctx)
		if !r.noted("logs:FilterLogEvents", "lines of "+group, err) {
			return false
		}
		if len(page.Events) > 0 {
			return true
		}
	}
	return false
}

func (r *reader) readQuotas(ctx context.Context) {
	q := &r.facts.Quotas
	limits, err := r.clients.Kinesis.DescribeLimits(ctx, &kinesis.DescribeLimitsInput{})
	if r.noted("kinesis:DescribeLimits", "", err) {
		q.Shards, q.OpenShards = int(aws.ToInt32(limits.ShardLimit)), int(aws.ToInt32(limits.OpenShardCount))
		q.OnDemandStreams, q.OnDemandLimit = int(aws.ToInt32(limits.OnDemandStreamCount)), int(aws.ToInt32(limits.OnDemandStreamCountLimit))
	}
	account, err := r.clients.Lambda.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if r.noted("lambda:GetAccountSettings", "", err) && account.AccountLimit != nil {
		q.Concurrency = int(account.AccountLimit.ConcurrentExecutions)
		q.Unreserved = int(aws.ToInt32(account.AccountLimit.UnreservedConcurrentExecutions))
	}
}
