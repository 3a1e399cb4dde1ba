package observe

import (
	"context"
	"fmt"
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

// Read reads the points of [from, to), as many as are visible now. Reading a
// range again later may give more, or other, values.
func (v *Vended) Read(ctx context.Context, from, to time.Time) ([]record.Point, error) {
	period := v.address.Resolution
	from, to = from.Truncate(period), to.Truncate(period)
	perCall := time.Duration(quota.GetMetricDataMaxPoints/max(len(v.queries), 1)) * period
	points := map[int64]map[string]float64{}
	for ; from.Before(to); from = from.Add(perCall) {
		end := from.Add(perCall)
		if end.After(to) {
			end = to
		}
		if err := v.readRange(ctx, from, end, points); err != nil {
			return nil, err
		}
	}
	return sorted(points, nil), nil
}

func (v *Vended) readRange(ctx context.Context, from, to time.Time, points map[int64]map[string]float64) error {
	input := &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: v.metricDataQueries(),
	}
	series := map[string]string{}
	for _, q := range v.queries {
		series[q.ID] = q.Series
	}
	for pages := cloudwatch.NewGetMetricDataPaginator(v.client, input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
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

func (v *Vended) metricDataQueries() []types.MetricDataQuery {
	period := int32(v.address.Resolution / time.Second)
	queries := make([]types.MetricDataQuery, len(v.queries))
	for i, q := range v.queries {
		dimensions, _ := v.dimensions(q)
		queries[i] = types.MetricDataQuery{
			Id: &q.ID,
			MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: &q.Namespace, MetricName: &q.Name, Dimensions: dimensions},
				Period: &period, Stat: &q.Statistic,
			},
		}
	}
	return queries
}

// dimensions are a query's, filled with the address's names; false where the
// pipeline has no such part.
func (v *Vended) dimensions(q metrics.Query) ([]types.Dimension, bool) {
	names := map[string]string{
		"StreamName":             v.address.Stream,
		"FunctionName":           v.address.Function,
		"EventSourceMappingUUID": v.address.Mapping,
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
