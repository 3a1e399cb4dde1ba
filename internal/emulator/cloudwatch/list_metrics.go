package cloudwatch

import (
	"slices"
	"time"
)

// ListMetrics answers at once with what has points, unless Options.Delay says
// otherwise; AWS may take 15 minutes. Linked accounts do not exist.
type listMetricsInput struct {
	Namespace      string
	MetricName     string
	Dimensions     []dimension // an empty value stands for every value
	RecentlyActive string
	NextToken      string
}

type listMetricsOutput struct {
	Metrics   []metric
	NextToken string `json:",omitempty"`
}

const (
	listMetricsPage     = 500 // API_ListMetrics
	maxDimensionFilters = 10
	recentlyActive      = 3 * time.Hour // PT3H
)

func (s *Store) listMetrics(in *listMetricsInput) (*listMetricsOutput, error) {
	switch {
	case len(in.Dimensions) > maxDimensionFilters:
		return nil, invalidValue("The collection Dimensions must not have a size greater than %d.", maxDimensionFilters)
	case in.RecentlyActive != "" && in.RecentlyActive != "PT3H":
		return nil, invalidValue("The parameter RecentlyActive must be PT3H; it is %s.", in.RecentlyActive)
	}
	after := ""
	if in.NextToken != "" {
		var err error
		if after, err = openToken(in.NextToken); err != nil {
			return nil, err
		}
	}
	since := s.options.Now().Add(-recentlyActive).Unix()
	found := s.list(func(m metric, over span) bool {
		return in.matches(m) && m.key() > after && (in.RecentlyActive == "" || over.newest >= since)
	})
	out := &listMetricsOutput{Metrics: found}
	if len(found) > listMetricsPage {
		out.Metrics = found[:listMetricsPage]
		out.NextToken = sealToken(found[listMetricsPage-1].key())
	}
	return out, nil
}

func (in *listMetricsInput) matches(m metric) bool {
	if in.Namespace != "" && in.Namespace != m.Namespace || in.MetricName != "" && in.MetricName != m.MetricName {
		return false
	}
	for _, want := range in.Dimensions {
		if !slices.ContainsFunc(m.Dimensions, func(d dimension) bool {
			return d.Name == want.Name && (want.Value == "" || d.Value == want.Value)
		}) {
			return false
		}
	}
	return true
}
