package cloudwatch

import (
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// dashboard is one body that passed the check, as it was put.
type dashboard struct {
	body     string
	modified time.Time
}

// dashboards are a store's dashboards. Those of an account have no region.
type dashboards struct {
	mu     sync.Mutex
	byName map[string]*dashboard
}

// AWS's quotas, read 2026-11-22.
const (
	maxDashboards      = 5000 // ours; AWS names none
	maxDashboardPage   = 1000 // API_ListDashboards
	maxDashboardName   = 255  // API_PutDashboard
	dashboardNameChars = `^[A-Za-z0-9_-]+$`
)

var dashboardName = regexp.MustCompile(dashboardNameChars)

func checkDashboardName(name string) error {
	switch {
	case name == "":
		return invalidDashboard("The field DashboardName must not be empty")
	case len(name) > maxDashboardName:
		return invalidDashboard(fmt.Sprintf("The field DashboardName must not be longer than %d characters", maxDashboardName))
	case !dashboardName.MatchString(name):
		return invalidDashboard("The value " + name + " for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).")
	}
	return nil
}

func invalidDashboard(message string) error {
	return &wire.Error{Code: "DashboardInvalidInputError", Message: message}
}

func noDashboard(name string) error {
	return &wire.Error{Code: "DashboardNotFoundError", Message: "Dashboard " + name + " does not exist", Status: http.StatusNotFound}
}

func (s *Store) dashboardARN(name string) string {
	return "arn:aws:cloudwatch::" + s.options.Account + ":dashboard/" + name
}
