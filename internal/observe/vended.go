package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"weir/internal/metrics"
	"weir/internal/pipeline"
	"weir/internal/quota"
	"weir/internal/record"
)

// Vended reads the catalogue's AWS metrics of one pipeline by GetMetricData,
// by exact name: a metric that does not answer is missing, not zero.
type Vended struct {
	client  *cloudwatch.Client
	address pipeline.Address
	queries []metrics.Query
	calls   int64 // of GetMetricData, each page
	asked   int64 // metrics in them
}

// NewVended asks nothing yet. Metrics of parts that the address does not have
// (no function, no mapping) are left out.
func NewVended(a pipeline.Address) *Vended {
	v := &Vended{client: a.Clients().CloudWatch, address: a}
	for _, q := range metrics.Queries() {
		if _, ok := v.dimensions(q); ok {
			v.queries = append(v.queries, q)
		}
	}
	return v
}

// WatchShards asks for shard-level metrics too, of the shards that the stream
// has now and where enhanced monitoring sends any: found says which.
func (v *Vended) WatchShards(ctx context.Context, found record.Pipeline) error {
	if len(found.ShardMetrics) == 0 {
		return nil
	}
	shards, err := listShards(ctx, v.address.Clients().Kinesis, v.address.Stream)
	if err != nil {
		return err
	}
	v.queries = append(v.queries, metrics.ShardQueries(shards, found.ShardMetrics)...)
	return nil
}

// Took is what Read has taken so far: calls, each page one, and the metrics
// asked for in them.
func (v *Vended) Took() (calls, asked int64) { return v.calls, v.asked }

// Read reads the points of [from, to), as many as are visible now, in as few
// calls as their limits allow. Reading a range again later may give more, or
// other, values.
func (v *Vended) Read(ctx context.Context, from, to time.Time) ([]record.Point, error) {
	period := v.address.Resolution
	from, to = from.Truncate(period), to.Truncate(period)
	points := map[int64]map[string]float64{}
	for queries := range slices.Chunk(v.queries, quota.GetMetricDataMaxQueries) {
		perCall := time.Duration(quota.GetMetricDataMaxPoints/len(queries)) * period
		for start := from; start.Before(to); start = start.Add(perCall) {
			end := start.Add(perCall)
			if end.After(to) {
				end = to
			}
			if err := v.readRange(ctx, queries, start, end, points); err != nil {
				return nil, err
			}
		}
	}
	return sorted(points, nil), nil
}

func (v *Vended) readRange(ctx context.Context, queries []metrics.Query, from, to time.Time, points map[int64]map[string]float64) error {
	input := &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: v.metricDataQueries(queries),
	}
	series := map[string]string{}
	for _, q := range queries {
		series[q.ID] = q.Series
	}
	for pages := cloudwatch.NewGetMetricDataPaginator(v.client, input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		v.calls++
		v.asked += int64(len(queries))
		if err != nil {
			return fmt.Errorf("read CloudWatch metrics: %w", err)
		}
		for _, r := range page.MetricDataResults {
			for i, at := range r.Timestamps {
				if i >= len(r.Values) || at.Before(from) || !at.Before(to) {
					continue
				}
				t := at.Unix()
				if points[t] == nil {
					points[t] = map[string]float64{}
				}
				points[t][series[aws.ToString(r.Id)]] = r.Values[i]
			}
		}
	}
	return nil
}

func (v *Vended) metricDataQueries(queries []metrics.Query) []types.MetricDataQuery {
	period := int32(v.address.Resolution / time.Second)
	asked := make([]types.MetricDataQuery, len(queries))
	for i, q := range queries {
		dimensions, _ := v.dimensions(q)
		asked[i] = types.MetricDataQuery{
			Id: &q.ID,
			MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: &q.Namespace, MetricName: &q.Name, Dimensions: dimensions},
				Period: &period, Stat: &q.Statistic,
			},
		}
	}
	return asked
}

// dimensions are a query's, filled with the address's names; false where the
// pipeline has no such part.
func (v *Vended) dimensions(q metrics.Query) ([]types.Dimension, bool) {
	names := map[string]string{
		"StreamName":             v.address.Stream,
		"FunctionName":           v.address.Function,
		"EventSourceMappingUUID": v.address.Mapping,
		"ShardId":                q.Shard,
	}
	var dimensions []types.Dimension
	for name := range strings.SplitSeq(q.Dimension, ",") {
		val := names[name]
		if val == "" {
			return nil, false
		}
		dimensions = append(dimensions, types.Dimension{Name: &name, Value: &val})
	}
	return dimensions, true
}
