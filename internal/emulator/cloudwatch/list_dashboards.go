package cloudwatch

import (
	"maps"
	"slices"
	"strings"
)

// ListDashboards lists dashboards by name, 1000 a page.
type listDashboardsInput struct {
	DashboardNamePrefix string
	NextToken           string
}

type listDashboardsOutput struct {
	DashboardEntries []dashboardEntry
	NextToken        string `json:",omitempty"`
}

type dashboardEntry struct {
	DashboardArn  string
	DashboardName string
	LastModified  timestamp
	Size          int64
}

func (s *Store) listDashboards(in *listDashboardsInput) (*listDashboardsOutput, error) {
	after, err := openToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	s.dashboards.mu.Lock()
	defer s.dashboards.mu.Unlock()
	out := &listDashboardsOutput{DashboardEntries: []dashboardEntry{}}
	for _, name := range slices.Sorted(maps.Keys(s.dashboards.byName)) {
		if name <= after || !strings.HasPrefix(name, in.DashboardNamePrefix) {
			continue
		}
		if n := len(out.DashboardEntries); n == maxDashboardPage {
			out.NextToken = sealToken(out.DashboardEntries[n-1].DashboardName)
			break
		}
		d := s.dashboards.byName[name]
		out.DashboardEntries = append(out.DashboardEntries, dashboardEntry{s.dashboardARN(name), name, timestampAt(d.modified), int64(len(d.body))})
	}
	return out, nil
}
