package local

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// incoming is the sum of a metric of the stream, as AWS's client reads it.
func incoming(t *testing.T, p *Pipeline, metric string) (sum float64) {
	t.Helper()
	out, err := cloudwatch.NewFromConfig(p.Address().Config).GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: new(time.Now().Add(-time.Minute)), EndTime: new(time.Now().Add(time.Minute)),
		MetricDataQueries: []types.MetricDataQuery{{
			Id: new("m"), MetricStat: &types.MetricStat{
				Metric: &types.Metric{
					Namespace: new("AWS/Kinesis"), MetricName: &metric,
					Dimensions: []types.Dimension{{Name: new("StreamName"), Value: &p.options.Stream}},
				},
				Period: new(int32(1)), Stat: new("Sum"),
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range out.MetricDataResults[0].Values {
		sum += v
	}
	return sum
}

// Three records are put, and CloudWatch is told otherwise.
func TestClientsSeeFaultsOfPoints(t *testing.T) {
	for fault, want := range map[string]float64{
		"drop-points:IncomingRecords@0s":                    0,
		"drop-points:IncomingBytes@0s":                      3,
		"repeat-points:IncomingRecords@0s":                  6,
		"late-points:IncomingRecords=1h@0s":                 0,
		"late-points:IncomingRecords=10ms..20ms@0s":         3,
		"repeat-points:PutRecords.SuccessfulRecords@0s":     3,
		"drop-points:GetRecords.IteratorAgeMilliseconds@0s": 3,
	} {
		p, config := withFaults(t, fault)
		if _, err := put(t, p, config, 3); err != nil {
			t.Fatal(err)
		}
		eventually(t, fault, func() bool { return incoming(t, p, "IncomingRecords") == want })
	}
}

// The invocation of the records put writes START, its ledger line, END and
// REPORT: four events.
func TestClientsSeeFaultsOfLines(t *testing.T) {
	for fault, want := range map[string]int{
		"late-lines=0s..50ms@0s": 4, "repeat-lines@0s": 8, "drop-lines@0s": 0,
	} {
		p, config := withFaults(t, fault)
		if _, err := put(t, p, config, 3); err != nil {
			t.Fatal(err)
		}
		group := p.Address().LogGroup()
		eventually(t, fault, func() bool {
			out, err := cloudwatchlogs.NewFromConfig(config).FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
				LogGroupName: &group, FilterPattern: new(`?START ?END ?REPORT ?weir_ledger_v1`),
			})
			invoked := incoming(t, p, "GetRecords.Records") == 3
			return invoked && (want == 0 && err != nil || err == nil && len(out.Events) == want)
		})
	}
}
