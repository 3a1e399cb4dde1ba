package cloudwatch

import "weir/internal/emulator/wire"

// PutDashboard keeps a body that has no errors, and answers with its warnings.
type putDashboardInput struct {
	DashboardName string
	DashboardBody string
}

type putDashboardOutput struct {
	DashboardValidationMessages []dashboardMessage
}

func (s *Store) putDashboard(in *putDashboardInput) (*putDashboardOutput, error) {
	if err := checkDashboardName(in.DashboardName); err != nil {
		return nil, err
	}
	warnings, err := checkDashboard(in.DashboardBody)
	if err != nil {
		return nil, err
	}
	s.dashboards.mu.Lock()
	defer s.dashboards.mu.Unlock()
	if s.dashboards.byName[in.DashboardName] == nil && len(s.dashboards.byName) >= maxDashboards {
		return nil, &wire.Error{Code: "LimitExceededFault", Message: "The embedded CloudWatch holds as many dashboards as it may."}
	}
	s.dashboards.byName[in.DashboardName] = &dashboard{in.DashboardBody, s.options.Now()}
	return &putDashboardOutput{warnings}, nil
}
