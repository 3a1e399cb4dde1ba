package cloudwatch

// DeleteDashboards deletes all or, where one of them doesn't exist, none.
type deleteDashboardsInput struct {
	DashboardNames []string
}

func (s *Store) deleteDashboards(in *deleteDashboardsInput) (*noOutput, error) {
	if len(in.DashboardNames) == 0 {
		return nil, missing("DashboardNames")
	}
	s.dashboards.mu.Lock()
	defer s.dashboards.mu.Unlock()
	for _, name := range in.DashboardNames {
		if s.dashboards.byName[name] == nil {
			return nil, noDashboard(name)
		}
	}
	for _, name := range in.DashboardNames {
		delete(s.dashboards.byName, name)
	}
	return nil, nil
}
