package cloudwatch

// GetDashboard gives a body back as it was put.
type getDashboardInput struct {
	DashboardName string
}

type getDashboardOutput struct {
	DashboardArn  string
	DashboardBody string
	DashboardName string
}

func (s *Store) getDashboard(in *getDashboardInput) (*getDashboardOutput, error) {
	if err := checkDashboardName(in.DashboardName); err != nil {
		return nil, err
	}
	s.dashboards.mu.Lock()
	defer s.dashboards.mu.Unlock()
	d := s.dashboards.byName[in.DashboardName]
	if d == nil {
		return nil, noDashboard(in.DashboardName)
	}
	return &getDashboardOutput{s.dashboardARN(in.DashboardName), d.body, in.DashboardName}, nil
}
